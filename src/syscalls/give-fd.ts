/** Descriptors of ours for a program: which number they get. */
import { EMFILE, Errno } from '../base/errno.ts';
import { syscall } from '../linux/libc.ts';
import { allocateNative } from '../linux/native-memory.ts';
import { ARCH } from './arch.ts';
import type { Call } from './call.ts';
import type { Context } from './context.ts';
import type { FdRange } from './filter.ts';
import { descriptorsOf } from './proc-fs.ts';
import type { Process } from './threads.ts';

const RLIMIT_NOFILE = 7;
const native = allocateNative(4096);
/**
 * So many free numbers have to be below the one that is chosen. The kernel gives out the lowest free one, so another
 * thread would have to open this many files between our look and the moment that we set ours.
 */
const FREE_BELOW = 32;

/**
 * How many descriptors process `pid` may have. Not every system lets us look at the limits of another user's program:
 * then they are not known to forbid anything.
 */
export function descriptorLimit(pid: number): number {
  const nr = ARCH.nr.prlimit64 as number;
  if (syscall(nr, pid, RLIMIT_NOFILE, 0, native.address, 0, 0) < 0) return Number.POSITIVE_INFINITY;
  return native.view.getUint32(0, true) + native.view.getUint32(4, true) * 0x1_0000_0000;
}

/**
 * The highest free number of the reserved range below `limit`, in a process that has `used` open; undefined if there is
 * none, or if it is so near to the lowest free one that the program itself may be about to get it.
 */
export function reservedNumber(
  used: ReadonlySet<number>,
  limit: number,
  range: FdRange,
  isChanging: (fd: number) => boolean = () => false,
): number | undefined {
  let free = 0;
  let chosen: number | undefined;
  for (let fd = Math.min(range.last, limit - 1); fd >= 0; fd--) {
    if (used.has(fd)) continue;
    if (chosen === undefined) {
      if (fd < range.first) return undefined;
      if (!isChanging(fd)) chosen = fd;
    } else if (++free === FREE_BELOW) return chosen;
  }
  return undefined;
}

/** True if the kernel would refuse another descriptor: no number below the limit is free. */
function isFull(used: ReadonlySet<number>, limit: number): boolean {
  let below = 0;
  for (const fd of used) if (fd < limit) below++;
  return below >= limit;
}

/**
 * Where a descriptor of ours goes in the caller's table: a number of the reserved range, from `from` on, or undefined if
 * there is none, and an ordinary one has to serve. Throws EMFILE if the program may not have another descriptor.
 */
export function placeFor({ range }: Context, call: Call, process: Process, from = 0): number | undefined {
  const limit = descriptorLimit(process.tgid);
  const used = new Set(descriptorsOf(call.tid));
  if (isFull(used, limit)) throw new Errno(EMFILE, 'the program has reached its limit of descriptors');
  const number = reservedNumber(used, limit, range, (fd) => process.isChanging(fd));
  return number !== undefined && number >= from ? number : undefined;
}
