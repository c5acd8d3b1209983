/** Addresses in programs: numbers, which are exact below 2^53. No program has memory beyond. */
import { EFAULT } from '../base/errno.ts';
import { ARCH } from './arch.ts';
import { O_CLOEXEC, O_RDONLY } from './constants.ts';
import { close, errno, open, read, syscall } from './libc.ts';
import { allocateNative } from './native-memory.ts';

const EXACT_END = 2 ** 53;
const IOVEC_SIZE = 16;
const TOO_MUCH = 2n ** 62n;

/** Of all programs here. Kept: who asks Node for it calls a function, and this is asked for each argument of each call. */
const NATIVE = process.arch;
const TWO_32 = 0x1_0000_0000;
/** The bits of the upper word that are the address. */
const UNTAGGED = 0x00ff_ffff;

/**
 * The address that a program gave as the 64 bits `high` and `low`. On arm64 the processor ignores the top byte of an
 * address, and programs keep tags there. Elsewhere it belongs to the address, which then is nobody's: the result may
 * be rounded, but lies behind {@link EXACT_END}.
 */
export function userAddress(low: number, high: number, arch: string = NATIVE): number {
  return low + (arch === 'arm64' ? high & UNTAGGED : high) * TWO_32;
}

/** The same for an address out of a struct: a number where it is exact, all of its bits otherwise. */
export function plainAddress(address: number | bigint, arch: string = NATIVE): number {
  if (typeof address === 'number') return address;
  return userAddress(Number(address & 0xffff_ffffn), Number(address >> 32n), arch);
}

/**
 * Where the addresses of programs end: each processor, and each kernel for it, has an end of its own, and before it reads nothing
 * at all the kernel looks whether that could be. Undefined if it cannot be asked at the moment.
 */
function findEnd(): number | undefined {
  const fd = open('/dev/null', O_RDONLY | O_CLOEXEC);
  if (fd < 0) return undefined;
  let [inside, outside] = [0, EXACT_END];
  while (outside - inside > 1) {
    const middle = Math.floor((inside + outside) / 2);
    if (read(fd, middle, 0) < 0 && errno() === EFAULT) outside = middle;
    else inside = middle;
  }
  close(fd);
  return inside;
}

// What is found out once is kept; what could not be asked is asked again.
let end: number | undefined;
let isCut: boolean | undefined;

/**
 * True if the kernel cuts a vector of one piece to what can be moved before it looks whether it can be memory of a program. It does
 * from Linux 6.4 on; it never does so for read(), nor for several pieces.
 */
export function cutsSinglePiece(): boolean {
  isCut ??= asksForTooMuch();
  return isCut === true;
}

function asksForTooMuch(): boolean | undefined {
  const fd = open('/dev/null', O_RDONLY | O_CLOEXEC);
  if (fd < 0) return undefined;
  const piece = allocateNative(IOVEC_SIZE);
  piece.view.setUint32(0, IOVEC_SIZE, true);
  piece.view.setBigUint64(8, TOO_MUCH, true);
  const isTaken = syscall(ARCH.nr.readv as number, fd, piece.address, 1, 0, 0, 0) === 0;
  piece.unmap();
  close(fd);
  return isTaken;
}

/** True if `length` bytes at `address` can be memory of a program. @kernel access_ok */
export function inUserSpace(address: number, length: number): boolean {
  end ??= findEnd();
  return address >= 0 && length <= (end ?? EXACT_END) - address;
}
