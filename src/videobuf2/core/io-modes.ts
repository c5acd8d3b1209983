import type { Vb2MemOps } from '../../memory/mem-ops.ts';

/** Kinds of buffer memory (the numbers are those of V4L2_MEMORY_*). @kernel vb2_memory */
export const VB2_MEMORY_UNKNOWN = 0;
export const VB2_MEMORY_MMAP = 1;
export const VB2_MEMORY_USERPTR = 2;
export const VB2_MEMORY_DMABUF = 4;

/** Ways to move frames that a queue offers (`ioModes`). @kernel vb2_io_modes */
export const VB2_MMAP = 1 << 0;
export const VB2_USERPTR = 1 << 1;
export const VB2_READ = 1 << 2;
export const VB2_WRITE = 1 << 3;
export const VB2_DMABUF = 1 << 4;

/** Buffers of a queue unless the driver says otherwise (VIDEO_MAX_FRAME). */
export const VB2_DEFAULT_MAX_BUFFERS = 32;
export const VB2_MAX_PLANES = 8;

/** What a back end must have for each kind of memory. */
const NEEDED: readonly (readonly [mode: number, ops: readonly (keyof Vb2MemOps)[]])[] = [
  [VB2_MMAP, ['alloc', 'put', 'mmap']],
  [VB2_USERPTR, ['getUserptr', 'putUserptr']],
  [VB2_DMABUF, ['inspectDmabuf', 'attachDmabuf', 'detachDmabuf', 'mapDmabuf', 'unmapDmabuf']],
];

/** The kinds of memory that a back end can do, as VB2_MMAP | VB2_USERPTR | VB2_DMABUF. */
export function memoryModesOf(memOps: Vb2MemOps): number {
  let modes = 0;
  for (const [mode, ops] of NEEDED) if (ops.every((op) => memOps[op] !== undefined)) modes |= mode;
  return modes;
}

/** The mode that buffers of a kind of memory need, 0 for what is none. */
export function modeOf(memory: number): number {
  if (memory === VB2_MEMORY_MMAP) return VB2_MMAP;
  if (memory === VB2_MEMORY_USERPTR) return VB2_USERPTR;
  return memory === VB2_MEMORY_DMABUF ? VB2_DMABUF : 0;
}

/**
 * What a queue offers whose driver asks for `wanted`: without any kind of memory in it, all that the back end can
 * do.
 */
export function offeredModes(wanted: number, memOps: Vb2MemOps): number {
  const isSaid = (wanted & (VB2_MMAP | VB2_USERPTR | VB2_DMABUF)) !== 0;
  return isSaid ? wanted : wanted | memoryModesOf(memOps);
}
