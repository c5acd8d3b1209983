/**
 * Offsets at which programs map planes: numbers that name a plane, not places in one long file. mmap() takes whole
 * pages only, so they depend on the page size of the machine, as in the kernel.
 */
import { PAGE_SIZE } from '../../memory/page-size.ts';
import type { Vb2Plane } from './buffer.ts';

/** Room for 8 planes between the offsets of two buffers. */
const PLANE_INDEX_BITS = 3;
/** Offsets are 32 bits wide. The kernel leaves two of them alone. */
const COOKIE_BITS = 30;

/** The distance between the offsets of two buffers. */
const bufferStep = (pageSize: number) => pageSize << PLANE_INDEX_BITS;

/** How many buffers of one queue can have offsets. @kernel MAX_BUFFER_INDEX */
export function maxBuffers(pageSize = PAGE_SIZE): number {
  return 2 ** COOKIE_BITS / bufferStep(pageSize);
}

export function mmapCookie(index: number, plane: number, pageSize = PAGE_SIZE): number {
  return index * bufferStep(pageSize) + plane * pageSize;
}

/** The plane that is mapped at `offset`. */
export function planeAtCookie(
  bufs: readonly ({ readonly planes: readonly Vb2Plane[] } | undefined)[],
  offset: number,
  pageSize = PAGE_SIZE,
): Vb2Plane | undefined {
  const index = Math.floor(offset / bufferStep(pageSize));
  const plane = bufs[index]?.planes[Math.floor((offset % bufferStep(pageSize)) / pageSize)];
  return plane?.offset === offset ? plane : undefined;
}
