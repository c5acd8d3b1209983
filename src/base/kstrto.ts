/** Numbers as the kernel reads them where somebody writes one into a file. */
import { EINVAL, ERANGE, Errno } from './errno.ts';

const RADICES = [
  [/^\+?0x([0-9a-f]+)/i, 16],
  [/^\+?(0[0-7]*)/, 8],
  [/^\+?([0-9]+)/, 10],
] as const;
/** Beyond these bits no digit is looked at any more. */
const LARGEST = 2n ** 64n;
const PREFIX = { 16: '0x', 8: '0o', 10: '' } as const;

/** The number of 16 bits that `text` is, up to a NUL. Throws EINVAL, or ERANGE if it has more bits. @kernel kstrtou16 */
export function kstrtou16(text: string): number {
  const [line = ''] = text.split('\0', 1);
  for (const [pattern, radix] of RADICES) {
    const [number, digits] = pattern.exec(line) ?? [];
    if (number === undefined) continue;
    const value = BigInt(PREFIX[radix] + digits);
    if (value >= LARGEST) throw new Errno(ERANGE);
    if (!/^\n?$/.test(line.slice(number.length))) throw new Errno(EINVAL);
    if (value > 0xffffn) throw new Errno(ERANGE);
    return Number(value);
  }
  throw new Errno(EINVAL);
}
