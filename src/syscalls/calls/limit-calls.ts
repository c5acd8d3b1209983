/** The calls that ask for or set the limit of descriptors; see {@link LoweredLimits}. */
import { EINVAL, EPERM, Errno } from '../../base/errno.ts';
import { mayRaiseLimits, namespaceIds } from '../../linux/proc-fs.ts';
import { type Answer, type Call, CONTINUE } from '../wire/call.ts';
import { type DescriptorLimit, descriptorLimit, setDescriptorLimit } from '../wire/descriptor-limit.ts';
import type { Context } from './context.ts';

const RLIMIT_SIZE = 16;

/** A `struct rlimit`. What has no limit is a number beyond all others. */
function readLimit({ memory }: Context, address: number): DescriptorLimit {
  const bytes = new Uint8Array(RLIMIT_SIZE);
  memory.read(address, bytes);
  const view = new DataView(bytes.buffer);
  return { soft: Number(view.getBigUint64(0, true)), hard: Number(view.getBigUint64(8, true)) };
}

function writeLimit({ memory }: Context, address: number, { soft, hard }: DescriptorLimit): void {
  const bytes = new Uint8Array(RLIMIT_SIZE);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(soft), true);
  view.setBigUint64(8, BigInt(hard), true);
  memory.write(address, bytes);
}

/** Sets `wanted` for the process of `tid`, which has `now`; false if the kernel is to do it. @kernel do_prlimit */
function setLimit({ lowered }: Context, tid: number, now: DescriptorLimit, wanted: DescriptorLimit): boolean {
  if (wanted.soft > wanted.hard) throw new Errno(EINVAL);
  if (wanted.hard > lowered.told(now.hard) && !mayRaiseLimits(tid)) throw new Errno(EPERM);
  if (!lowered.isToBeKept(wanted.hard)) return false;
  const hard = lowered.standFor(wanted.hard, now.hard);
  return hard !== undefined && setDescriptorLimit(tid, { soft: wanted.soft, hard });
}

/** `next` and `old` are addresses, 0 if there is nothing to be set or told. */
function limits(context: Context, call: Call, next: number, old: number): Answer {
  const { memory, lowered } = context;
  const { tid } = call;
  const now = descriptorLimit(tid);
  // Not every system lets us look.
  if (!Number.isFinite(now.hard)) return CONTINUE;
  const told = lowered.told(now.hard);
  if (next === 0 && told === now.hard) return CONTINUE;
  memory.attach(call);
  if (next !== 0 && !setLimit(context, tid, now, readLimit(context, next))) return CONTINUE;
  if (old !== 0) writeLimit(context, old, { soft: now.soft, hard: told });
  return 0;
}

export const getrlimit = (context: Context, call: Call): Answer => limits(context, call, 0, call.address(1));

export const setrlimit = (context: Context, call: Call): Answer => limits(context, call, call.address(1), 0);

/** Of another process the kernel tells and sets what it has. */
export function prlimit(context: Context, call: Call): Answer {
  const pid = call.int(0);
  if (pid !== 0 && namespaceIds(call.tid).at(-1) !== pid) return CONTINUE;
  return limits(context, call, call.address(2), call.address(3));
}
