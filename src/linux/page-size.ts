/** Pages of memory: 4 KiB on x64; 4, 16 or 64 KiB on arm64, as its kernel was built. */
import { readFileSync } from 'node:fs';

const AT_PAGESZ = 6;
const ENTRY_SIZE = 16;
/** Where there is no /proc nothing is ever mapped into a program. */
const WITHOUT_PROC = 4096;

/** What `auxv`, the numbers that the kernel hands to a program at its start, says of the page size. */
export function pageSizeIn(auxv: Uint8Array): number | undefined {
  const view = new DataView(auxv.buffer, auxv.byteOffset, auxv.length);
  for (let at = 0; at + ENTRY_SIZE <= auxv.length; at += ENTRY_SIZE) {
    if (view.getUint32(at, true) === AT_PAGESZ) return view.getUint32(at + 8, true);
  }
  return undefined;
}

function ofThisMachine(): number {
  try {
    return pageSizeIn(readFileSync('/proc/self/auxv')) ?? WITHOUT_PROC;
  } catch {
    return WITHOUT_PROC;
  }
}

export const PAGE_SIZE = ofThisMachine();

/** `length` rounded up to whole pages. @kernel PAGE_ALIGN */
export function pageAlign(length: number, pageSize = PAGE_SIZE): number {
  return Math.ceil(length / pageSize) * pageSize;
}
