/**
 * Pages that other processes can map: one memfd per plane. The bytes lie at the plane's mmap cookie, so the
 * kernel itself can serve a program's mmap(fd, offset = cookie); below it the file is a hole. A plane that is
 * freed while a program still has it mapped lives on in that mapping: the kernel counts, not we.
 */
import { fstatSync, readFileSync } from 'node:fs';
import { pageAlign } from '../base/bytes.ts';
import { ENOMEM, Errno } from '../base/errno.ts';
import { F_DUPFD_CLOEXEC, MFD_CLOEXEC, O_ACCMODE, O_CLOEXEC, O_RDWR } from '../linux/constants.ts';
import { close, fcntl, ftruncate, memfdCreate, open, pread, pwrite } from '../linux/libc.ts';
import { allocateNative, mapShared } from '../linux/native-memory.ts';
import type { DmabufMapper, DmabufMapping } from './dmabuf.ts';
import type { DmabufInfo } from './mem-ops.ts';
import type { PageAllocator } from './pages.ts';

const MFD_ALLOW_SEALING = 2;
const F_ADD_SEALS = 1033;
const F_GET_SEALS = 1034;
const F_SEAL_SHRINK = 2;
/** Nobody may change the size (SHRINK, GROW), nor this (SEAL): a program could otherwise cut off what we have mapped. */
const SEALS = 1 | 2 | 4;
const FDINFO_SIZE = /^size:\s+(\d+)$/m;

/** The answer of inspect(), filled in anew each time. */
const info = { device: 0, inode: 0, size: 0 } satisfies DmabufInfo;

/** The dma-bufs of the system's kernel do not tell their size by fstat(), but here. */
function sizeByFdinfo(fd: number): number {
  const match = FDINFO_SIZE.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'));
  return match === null ? 0 : Number(match[1]);
}

/** The same file again, with an access mode of its own. */
function reopen(fd: number, flags: number): number {
  return open(`/proc/self/fd/${fd}`, (flags & O_ACCMODE) | O_CLOEXEC);
}

/** True if nobody can take pages away from under a mapping: to touch such a page would be the end of this process. */
function keepsItsSize(fd: number): boolean {
  const seals = fcntl(fd, F_GET_SEALS, 0);
  if (seals >= 0) return (seals & F_SEAL_SHRINK) !== 0;
  // No memfd: the dma-bufs of the system's kernel have a size that fstat() does not know, and that never changes.
  return fstatSync(fd).size === 0;
}

/** Memory that its owner may cut off at any time is not mapped: its bytes are copied when the buffer changes hands. */
function copied(fd: number, length: number): DmabufMapping {
  const staging = allocateNative(length);
  return {
    bytes: staging.bytes,
    fetch: (count) => {
      pread(fd, staging.address, count, 0);
    },
    flush: (count) => {
      pwrite(fd, staging.address, count, 0);
    },
    unmap: () => staging.unmap(),
  };
}

/** Descriptors of memory as other programs know them: memfds, ours or theirs, and dma-bufs of the kernel. */
export const memfdDmabufs: DmabufMapper = {
  inspect(fd) {
    try {
      const { dev, ino, size } = fstatSync(fd);
      info.device = dev;
      info.inode = ino;
      info.size = size > 0 ? size : sizeByFdinfo(fd);
      return info;
    } catch {
      return undefined;
    }
  },

  attach(fd) {
    // A program may give a descriptor that it can only read: that is a matter of its own mappings, not of ours.
    const own = reopen(fd, O_RDWR);
    return own >= 0 ? own : fcntl(fd, F_DUPFD_CLOEXEC, 0);
  },

  detach: close,

  map(attached, length) {
    if (!keepsItsSize(attached)) return copied(attached, length);
    const memory = mapShared(attached, 0, pageAlign(length));
    if (memory === undefined) return undefined;
    return { bytes: memory.bytes.subarray(0, length), unmap: () => memory.unmap() };
  },

  export: (pages, flags) => reopen(pages.fd, flags),

  close,
};

export const memfdPages: PageAllocator = {
  allocate(length, offset) {
    const fd = memfdCreate('usercam', MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0) throw new Errno(ENOMEM, 'memfd_create failed');
    const pages = pageAlign(length);
    const memory = ftruncate(fd, offset + pages) === 0 ? mapShared(fd, offset, pages) : undefined;
    if (memory === undefined) {
      close(fd);
      throw new Errno(ENOMEM, `no room for a plane of ${length} bytes`);
    }
    fcntl(fd, F_ADD_SEALS, SEALS);
    return {
      fd,
      bytes: memory.bytes.subarray(0, length),
      free: () => {
        memory.unmap();
        close(fd);
      },
    };
  },

  dmabuf: memfdDmabufs,
};
