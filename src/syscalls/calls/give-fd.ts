/** Descriptors of ours for a program: which number they get. */
import { EMFILE, Errno } from '../../base/errno.ts';
import { ARCH } from '../../linux/arch.ts';
import { O_CLOEXEC } from '../../linux/constants.ts';
import { syscall } from '../../linux/libc.ts';
import { allocateNative } from '../../linux/native-memory.ts';
import { descriptorsOf } from '../../linux/proc-fs.ts';
import type { Process } from '../processes/threads.ts';
import type { Call, GiveFd } from '../wire/call.ts';
import { type FdRange, LAST_READ_STREAM } from '../wire/filter.ts';
import type { Context } from './context.ts';

const RLIMIT_NOFILE = 7;
const NEW = 0;
const OLD = 16;
const native = allocateNative(4096);
/**
 * So many free numbers have to be below the one that is chosen. The kernel gives out the lowest free one, so another
 * thread would have to open this many files between our look and the moment that we set ours.
 */
const FREE_BELOW = 32;

/** How many descriptors process `pid` may have now, and how many it may allow itself. */
export interface DescriptorLimit {
  readonly soft: number;
  readonly hard: number;
}

/** Not every system lets us look at the limits of another user's program: then they are not known to forbid anything. */
const UNKNOWN: DescriptorLimit = { soft: Number.POSITIVE_INFINITY, hard: Number.POSITIVE_INFINITY };

const getU64 = (at: number): number =>
  native.view.getUint32(at, true) + native.view.getUint32(at + 4, true) * 0x1_0000_0000;

export function descriptorLimit(pid: number): DescriptorLimit {
  const nr = ARCH.nr.prlimit64 as number;
  if (syscall(nr, pid, RLIMIT_NOFILE, 0, native.address + OLD, 0, 0) < 0) return UNKNOWN;
  return { soft: getU64(OLD), hard: getU64(OLD + 8) };
}

/** Sets the soft limit, the hard one stays; gives the soft limit that was there at that moment. */
function setSoftLimit(pid: number, soft: number): number {
  native.bytes.copyWithin(NEW + 8, OLD + 8, OLD + 16);
  native.view.setBigUint64(NEW, BigInt(soft), true);
  const nr = ARCH.nr.prlimit64 as number;
  return syscall(nr, pid, RLIMIT_NOFILE, native.address + NEW, native.address + OLD, 0, 0) < 0
    ? -1
    : getU64(OLD);
}

/**
 * Does `action` while process `pid` may have descriptors up to `fd`: one above the soft limit is as good as any, only to
 * make it is forbidden. If the program sets the limit itself in that moment, what it has set stays.
 */
function whileAllowed(pid: number, fd: number, action: () => boolean): boolean {
  const before = setSoftLimit(pid, fd + 1);
  if (before < 0) return false;
  const done = action();
  const during = setSoftLimit(pid, before);
  if (during >= 0 && during !== fd + 1) setSoftLimit(pid, during);
  return done;
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

/**
 * True if the kernel would refuse another descriptor: no number below the limit is free. Those of the reserved range
 * would have got one there, had it been the kernel's choice.
 */
function isFull(used: ReadonlySet<number>, limit: number, range: FdRange): boolean {
  let counted = 0;
  for (const fd of used) if (fd < limit || range.has(fd)) counted++;
  return counted >= limit;
}

/** The numbers that the caller has open. Throws EMFILE if it may not have another one. */
function usedNumbers({ range }: Context, call: Call, { soft }: DescriptorLimit): ReadonlySet<number> {
  const used = new Set(descriptorsOf(call.tid));
  if (isFull(used, soft, range)) throw new Errno(EMFILE, 'the program has reached its limit of descriptors');
  return used;
}

/**
 * Where a descriptor of ours goes in the caller's table: a number of the reserved range, from `from` on, or undefined if
 * there is none, and an ordinary one has to serve. Throws EMFILE if the program may not have another descriptor.
 */
export function placeFor(context: Context, call: Call, process: Process, from = 0): number | undefined {
  const limit = descriptorLimit(process.tgid);
  return placeAmong(usedNumbers(context, call, limit), context, limit, process, from);
}

/**
 * The same for a device. Where standard input or output is closed its number is the next one, and who has closed it counts on that:
 * `close(0); open(…)`. Under such a number a device is served.
 */
export function placeForDevice(context: Context, call: Call, process: Process, from = 0): number | undefined {
  const limit = descriptorLimit(process.tgid);
  const used = usedNumbers(context, call, limit);
  for (let fd = Math.max(from, 0); fd <= LAST_READ_STREAM; fd++) if (!used.has(fd)) return undefined;
  return placeAmong(used, context, limit, process, from);
}

function placeAmong(
  used: ReadonlySet<number>,
  { range }: Context,
  { hard }: DescriptorLimit,
  process: Process,
  from: number,
): number | undefined {
  const number = reservedNumber(used, hard, range, (fd) => process.isChanging(fd));
  return number !== undefined && number >= from ? number : undefined;
}

/** Gives the caller the descriptor of `give` as the answer of its call; its number, or -1 (see errno). */
export function giveFd({ notifications }: Context, call: Call, { source, cloexec, at }: GiveFd): number {
  const flags = cloexec ? O_CLOEXEC : 0;
  if (at === undefined || descriptorLimit(call.tid).soft > at)
    return notifications.sendFd(call, source, at, flags);
  const given = whileAllowed(call.tid, at, () => notifications.replaceFd(call, source, at, flags));
  // Only now may the program go on: it must not see the other limit.
  return given && notifications.succeed(call, at) ? at : -1;
}
