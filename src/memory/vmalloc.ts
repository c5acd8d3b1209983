import { firstBytes } from '../base/bytes.ts';
import type { AllocatedMemory } from './allocated.ts';
import * as cpu from './cpu-memory.ts';
import type { ImportedMemory } from './dmabuf.ts';
import type { MappedPlane, Vb2MemOps } from './mem-ops.ts';
import type { PageAllocator } from './pages.ts';
import { UserptrMemory } from './userptr.ts';

/** What the framework knows a plane of this back end by. */
export type VmallocMemory = cpu.CpuMemory;

/** The framework gives each operation the kind of memory that it asked for; this says so to the compiler. */
export const asAllocated = (memory: VmallocMemory) => memory as AllocatedMemory;
export const asUserptr = (memory: VmallocMemory) => memory as UserptrMemory;
export const asImported = (memory: VmallocMemory) => memory as ImportedMemory;

function importAndExport(pages: PageAllocator): Vb2MemOps<VmallocMemory> {
  if (pages.dmabuf === undefined) return {};
  return {
    ...cpu.descriptorOps(pages),
    attachDmabuf: (fd, length, direction) => cpu.attach(pages, fd, length, direction),
    detachDmabuf: (memory) => asImported(memory).detach(),
    mapDmabuf: (memory) => asImported(memory).map(),
    unmapDmabuf: (memory) => asImported(memory).unmap(),
    getDmabuf: (memory, flags) => cpu.exportMemory(memory, flags),
  };
}

/**
 * Planes in ordinary memory, for drivers that work with the CPU.
 *
 * @kernel vb2_vmalloc_memops
 */
export function vmallocMemOps(pages: PageAllocator): Vb2MemOps<VmallocMemory> {
  return {
    alloc: (length, cookie, direction) => cpu.allocate(pages, length, cookie, direction),
    put: (memory) => asAllocated(memory).put(),
    vaddr: (memory) => memory.bytes,
    copyTo(memory, to) {
      if (memory instanceof UserptrMemory) memory.copyTo(to);
      else to.set(firstBytes(memory.bytes, to.length));
    },
    numUsers: (memory) => memory.numUsers,
    mmap: (memory): MappedPlane => asAllocated(memory).map(),
    getUserptr: cpu.pin,
    putUserptr: (memory) => asUserptr(memory).release(),
    prepare: (memory, used) => memory.prepare(used),
    finish: (memory, written) => memory.finish(written),
    ...importAndExport(pages),
  };
}

/**
 * The same for the output queue of a driver that passes frames on: user memory is read when the driver looks at it, or
 * straight to where it wants it (`copyPlane`). It looks before the call is over that queues the buffer or, for one that
 * was queued ahead of STREAMON, in bufPrepare: later the program may be gone.
 */
export function withLateUserptr(ops: Vb2MemOps<VmallocMemory>): Vb2MemOps<VmallocMemory> {
  return {
    ...ops,
    prepare(memory, used) {
      if (memory instanceof UserptrMemory) memory.prepareLate(used);
      else memory.prepare(used);
    },
  };
}
