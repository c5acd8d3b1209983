/**
 * The calls that move bytes from one descriptor to another inside the kernel. A device has no operation for them, so
 * they fail, and whoever made them goes on with read() and write().
 */
import { EBADF, EINVAL, Errno } from '../../base/errno.ts';
import { inodeOf } from '../../linux/proc-fs.ts';
import type { OpenFile } from '../files/open-file.ts';
import { type Answer, type Call, CONTINUE } from '../wire/call.ts';
import { type Context, fileOf } from './context.ts';

const SPLICE_FLAGS = 15;

interface Ends {
  /** Undefined if it is no device. */
  readonly from: OpenFile | undefined;
  readonly to: OpenFile | undefined;
}

/** The ends of a copy if one of them is a device; undefined if the kernel is to carry it out. */
function endsOf(context: Context, call: Call, from: number, to: number): Ends | undefined {
  const ends = {
    from: fileOf(context, call, from)?.openFile,
    to: fileOf(context, call, to)?.openFile,
  };
  return ends.from === undefined && ends.to === undefined ? undefined : ends;
}

/** What is wrong with the descriptors comes before that a device cannot do it. */
function refusal(call: Call, { from, to }: Ends, fds: readonly number[]): Errno {
  const missing = fds.some((fd) => inodeOf(call.tid, fd) === undefined);
  const forbidden = from?.file.access.read === false || to?.file.access.write === false;
  return new Errno(missing || forbidden ? EBADF : EINVAL);
}

export function splice(context: Context, call: Call): Answer {
  const [from, to, length, flags] = [call.int(0), call.int(2), call.size(4), call.uint(5)];
  const ends = endsOf(context, call, from, to);
  if (ends === undefined) return CONTINUE;
  if (length === 0) return 0;
  if (flags & ~SPLICE_FLAGS) throw new Errno(EINVAL);
  throw refusal(call, ends, [from, to]);
}

export function sendfile(context: Context, call: Call): Answer {
  const [to, from, count] = [call.int(0), call.int(1), call.size(3)];
  const ends = endsOf(context, call, from, to);
  if (ends === undefined) return CONTINUE;
  const why = refusal(call, ends, [from, to]);
  // Only what can seek can be sent, so nothing of it too; a target is not asked for nothing.
  if (why.code === EINVAL && count === 0 && ends.from === undefined) return CONTINUE;
  throw why;
}

export function copyFileRange(context: Context, call: Call): Answer {
  const [from, to] = [call.int(0), call.int(2)];
  const ends = endsOf(context, call, from, to);
  if (ends === undefined) return CONTINUE;
  const missing = [from, to].some((fd) => inodeOf(call.tid, fd) === undefined);
  throw new Errno(missing ? EBADF : EINVAL);
}
