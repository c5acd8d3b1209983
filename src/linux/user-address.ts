/** Addresses in programs: numbers, which are exact below 2^53. No program has memory beyond. */
export const USER_SPACE_END = 2 ** 53;

/** Of all programs here. Kept: who asks Node for it calls a function, and this is asked for each argument of each call. */
const NATIVE = process.arch;
const TWO_32 = 0x1_0000_0000;
/** The bits of the upper word that are the address. */
const UNTAGGED = 0x00ff_ffff;

/**
 * The address that a program gave as the 64 bits `high` and `low`. On arm64 the processor ignores the top byte of an
 * address, and programs keep tags there. Elsewhere it belongs to the address, which then is nobody's: the result may
 * be rounded, but lies behind {@link USER_SPACE_END}.
 */
export function userAddress(low: number, high: number, arch: string = NATIVE): number {
  return low + (arch === 'arm64' ? high & UNTAGGED : high) * TWO_32;
}

/** The same for an address out of a struct: a number where it is exact, all of its bits otherwise. */
export function plainAddress(address: number | bigint, arch: string = NATIVE): number {
  if (typeof address === 'number') return address;
  return userAddress(Number(address & 0xffff_ffffn), Number(address >> 32n), arch);
}

/** True if `length` bytes at `address` can be memory of a program. */
export function inUserSpace(address: number, length: number): boolean {
  return address >= 0 && length <= USER_SPACE_END - address;
}
