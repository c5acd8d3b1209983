/**
 * Pages that other processes can map: one memfd per plane. The bytes lie at the plane's mmap cookie, so the
 * kernel itself can serve a program's mmap(fd, offset = cookie); below it the file is a hole. A plane that is
 * freed while a program still has it mapped lives on in that mapping: the kernel counts, not we.
 */
import { ENOMEM, Errno } from '../base/errno.ts';
import { MFD_CLOEXEC } from '../linux/constants.ts';
import { close, ftruncate, memfdCreate } from '../linux/libc.ts';
import { mapShared } from '../linux/native-memory.ts';
import type { PageAllocator } from './pages.ts';

const PAGE_SIZE = 4096;

export const memfdPages: PageAllocator = {
  allocate(length, offset) {
    const fd = memfdCreate('usercam', MFD_CLOEXEC);
    if (fd < 0) throw new Errno(ENOMEM, 'memfd_create failed');
    const pages = Math.ceil(length / PAGE_SIZE) * PAGE_SIZE;
    const memory = ftruncate(fd, offset + pages) === 0 ? mapShared(fd, offset, pages) : undefined;
    if (memory === undefined) {
      close(fd);
      throw new Errno(ENOMEM, `no room for a plane of ${length} bytes`);
    }
    return {
      fd,
      bytes: memory.bytes.subarray(0, length),
      free: () => {
        memory.unmap();
        close(fd);
      },
    };
  },
};
