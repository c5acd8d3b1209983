/** The three kinds of memory that a plane can have, as the CPU sees them; what all back ends here stand on. */
import { EINVAL, Errno } from '../base/errno.ts';
import type { UserAddress, UserMemory } from '../vfs/file.ts';
import { AllocatedMemory } from './allocated.ts';
import { ImportedMemory } from './dmabuf.ts';
import type { DmabufInfo, DmaDirection } from './mem-ops.ts';
import type { PageAllocator } from './pages.ts';
import { UserptrMemory } from './userptr.ts';

export type CpuMemory = AllocatedMemory | UserptrMemory | ImportedMemory;

export function allocate(
  pages: PageAllocator,
  length: number,
  cookie: number,
  direction: DmaDirection,
  onFree?: () => void,
): AllocatedMemory {
  return new AllocatedMemory(pages, pages.allocate(length, cookie), direction, onFree);
}

export function pin(
  memory: UserMemory,
  address: UserAddress,
  length: number,
  direction: DmaDirection,
): UserptrMemory {
  return new UserptrMemory(memory, address, length, direction);
}

export function attach(
  pages: PageAllocator,
  fd: number,
  length: number,
  direction: DmaDirection,
): ImportedMemory {
  if (pages.dmabuf === undefined) throw new Errno(EINVAL, 'this memory knows no descriptors');
  return new ImportedMemory(pages.dmabuf, fd, length, direction);
}

export function exportMemory(memory: CpuMemory, flags: number): number {
  if (memory instanceof AllocatedMemory) return memory.export(flags);
  throw new Errno(EINVAL, 'only memory of our own can be exported');
}

/** The operations on descriptors that are the same in every back end; none where there are no descriptors. */
export function descriptorOps(pages: PageAllocator): {
  inspectDmabuf?: (fd: number) => DmabufInfo | undefined;
  closeFd?: (fd: number) => void;
} {
  const { dmabuf } = pages;
  if (dmabuf === undefined) return {};
  return { inspectDmabuf: (fd) => dmabuf.inspect(fd), closeFd: (fd) => dmabuf.close(fd) };
}
