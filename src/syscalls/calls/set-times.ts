/** utimensat() and what came before it. */
import { EINVAL, Errno } from '../../base/errno.ts';
import { type Answer, type Call, CONTINUE } from '../wire/call.ts';
import { allowOwner, changeNode, howOf, openedAs } from './change-calls.ts';
import type { Context } from './context.ts';
import { lookUp, type PathArgument } from './look-up.ts';

/** Where a program has written two times, of access and of change, and in which unit the parts of a second are. */
interface TimesArgument {
  /** 0: now. */
  readonly address: number;
  readonly unit: 's' | 'us' | 'ns';
}

const UNITS_IN_A_SECOND = { us: 1_000_000n, ns: 1_000_000_000n } as const;
/** In the place of nanoseconds. */
const UTIME_NOW = 0x3fffffffn;
const UTIME_OMIT = 0x3ffffffen;
/** `struct utimbuf` has two whole seconds, the others are pairs of seconds and parts of one. */
const PARTS = { s: [], us: [8, 24], ns: [8, 24] } as const;
const SIZE = { s: 16, us: 32, ns: 32 } as const;

/** What is wanted of both times: nothing, now, or another time. */
function wantedTimes(
  { memory }: Context,
  call: Call,
  { address, unit }: TimesArgument,
): 'none' | 'now' | 'other' {
  if (address === 0) return 'now';
  const bytes = new Uint8Array(SIZE[unit]);
  memory.attach(call);
  memory.read(address, bytes);
  if (unit === 's') return 'other';
  const view = new DataView(bytes.buffer);
  const parts = PARTS[unit].map((at) => view.getBigInt64(at, true));
  const isWord = (part: bigint) => unit === 'ns' && (part === UTIME_NOW || part === UTIME_OMIT);
  if (parts.some((part) => !isWord(part) && (part < 0n || part >= UNITS_IN_A_SECOND[unit])))
    throw new Errno(EINVAL);
  if (unit === 'ns' && parts.every((part) => part === UTIME_OMIT)) return 'none';
  return unit === 'ns' && parts.every((part) => part === UTIME_NOW) ? 'now' : 'other';
}

/**
 * The times of a node are those of /dev/null and do not change; the answer says whether they would: to now for everybody
 * who may write, to another time for the owner only.
 */
export function setTimes(
  context: Context,
  call: Call,
  path: PathArgument,
  times: TimesArgument,
  flags = 0,
): Answer {
  // Without a path the descriptor is meant, and there is nothing that flags could be about: the kernel says so.
  if (path.address === 0 && flags !== 0) return CONTINUE;
  const target =
    path.address === 0 ? openedAs(context, call, path.dirfd) : lookUp(context, call, path, howOf(flags));
  if (target?.kind !== 'device') return changeNode(context, call, target, flags, () => {});
  // They are read before anything else is looked at.
  const wanted = wantedTimes(context, call, times);
  return changeNode(context, call, target, flags, (owner, uid) => {
    if (wanted === 'other') allowOwner(owner, uid);
  });
}
