import type { Vb2MemOps } from '../../memory/mem-ops.ts';
import { VB2_DMABUF, VB2_MMAP, VB2_USERPTR } from '../../videobuf2/index.ts';

/** Every kind of memory that a back end can do, for drivers that do not care where a frame lies. */
export function ioModesOf(memOps: Vb2MemOps): number {
  return (
    (memOps.mmap === undefined ? 0 : VB2_MMAP) |
    (memOps.getUserptr === undefined ? 0 : VB2_USERPTR) |
    (memOps.attachDmabuf === undefined ? 0 : VB2_DMABUF)
  );
}
