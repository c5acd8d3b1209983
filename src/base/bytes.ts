/** What is there when there is no memory. */
export const NO_BYTES = new Uint8Array(0);

export const PAGE_SIZE = 4096;

/** `length` rounded up to whole pages. @kernel PAGE_ALIGN */
export function pageAlign(length: number): number {
  return Math.ceil(length / PAGE_SIZE) * PAGE_SIZE;
}
