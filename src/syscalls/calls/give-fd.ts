/** Descriptors of ours for a program: which number they get. */
import { EMFILE, ENFILE, Errno } from '../../base/errno.ts';
import { O_CLOEXEC } from '../../linux/constants.ts';
import { errno } from '../../linux/libc.ts';
import { descriptorsOf } from '../../linux/proc-fs.ts';
import type { Process } from '../processes/threads.ts';
import type { Call, GiveFd } from '../wire/call.ts';
import { type DescriptorLimit, descriptorLimit } from '../wire/descriptor-limit.ts';
import { type FdRange, LAST_READ_STREAM } from '../wire/filter.ts';
import type { Context } from './context.ts';

/** Why we could not open something: what the kernel says to us it would have said to the program, but for our limits. */
export function ourFailure(): Errno {
  return new Errno(errno() === EMFILE ? ENFILE : errno());
}

/**
 * So many free numbers have to be below the one that is chosen. The kernel gives out the lowest free one, so another
 * thread would have to open this many files between our look and the moment that we set ours.
 */
const FREE_BELOW = 32;

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
  { soft, hard }: DescriptorLimit,
  process: Process,
  from: number,
): number | undefined {
  const below = (limit: number): number | undefined => {
    const number = reservedNumber(used, limit, range, (fd) => process.isChanging(fd));
    return number !== undefined && number >= from ? number : undefined;
  };
  // A program may have made room for so many numbers as it may have.
  return below(soft) ?? below(hard);
}

/** Gives the caller the descriptor of `give` as the answer of its call; its number, or -1 (see errno). */
export function giveFd({ notifications }: Context, call: Call, { source, cloexec, at }: GiveFd): number {
  const flags = cloexec ? O_CLOEXEC : 0;
  if (at === undefined || descriptorLimit(call.tid).soft > at)
    return notifications.sendFd(call, source, at, flags);
  const given = notifications.replaceFd(call, source, at, flags);
  // Only now may the program go on: it must not see the other limit.
  return given && notifications.succeed(call, at) ? at : -1;
}
