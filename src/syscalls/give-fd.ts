/** Descriptors of ours for a program: which number they get, and room for it. */
import { syscall } from '../linux/libc.ts';
import { allocateNative } from '../linux/native-memory.ts';
import { ARCH } from './arch.ts';
import type { Context } from './context.ts';
import { FD_FIRST, FD_LAST } from './filter.ts';
import { inodeOf } from './proc-fs.ts';
import type { Thread } from './threads.ts';

const RLIMIT_NOFILE = 7;
const NEW = 0;
const OLD = 16;
const native = allocateNative(4096);

function getU64(at: number): number {
  return native.view.getUint32(at, true) + native.view.getUint32(at + 4, true) * 0x1_0000_0000;
}

/** Not every system lets us look at the limits of another user's program: then they are not known to forbid anything. */
const UNKNOWN = { soft: Number.POSITIVE_INFINITY, hard: Number.POSITIVE_INFINITY };

/** How many descriptors process `pid` may have now, and how many it may allow itself. */
export function descriptorLimit(pid: number): { soft: number; hard: number } {
  const nr = ARCH.nr.prlimit64 as number;
  if (syscall(nr, pid, RLIMIT_NOFILE, 0, native.address + OLD, 0, 0) < 0) return UNKNOWN;
  return { soft: getU64(OLD), hard: getU64(OLD + 8) };
}

function setSoftLimit(pid: number, soft: number): void {
  // The hard limit stays as it was read.
  native.bytes.copyWithin(NEW + 8, OLD + 8, OLD + 16);
  native.view.setUint32(NEW, soft % 0x1_0000_0000, true);
  native.view.setUint32(NEW + 4, Math.floor(soft / 0x1_0000_0000), true);
  syscall(ARCH.nr.prlimit64 as number, pid, RLIMIT_NOFILE, native.address + NEW, 0, 0, 0);
}

/** The lowest number from `first` to `last` that is free in the caller's table. */
function freeFd(thread: Thread, first: number, last: number): number | undefined {
  for (let fd = first; fd <= last; fd++) {
    if (thread.process.known(fd) === undefined && inodeOf(thread.tid, fd) === undefined) return fd;
  }
  return undefined;
}

/** Under a reserved number; -1 if none is free or the program's hard limit forbids them. */
export function giveReservedFd(
  context: Context,
  thread: Thread,
  source: number,
  flags: number,
  first = 0,
): number {
  const fd = freeFd(thread, Math.max(first, FD_FIRST), FD_LAST);
  if (fd === undefined) return -1;
  const given = context.notifications.sendFd(source, fd, flags);
  if (given >= 0) return given;
  // A descriptor above the soft limit is as good as any; only to make one is forbidden.
  const { tgid } = thread.process;
  const { soft, hard } = descriptorLimit(tgid);
  if (soft > fd || hard <= fd) return -1;
  setSoftLimit(tgid, fd + 1);
  const done = context.notifications.replaceFd(source, fd, flags);
  setSoftLimit(tgid, soft);
  // Only now may the program go on: it must not see the other limit.
  if (done) context.notifications.succeed(fd);
  return done ? fd : -1;
}

/** Under the lowest free number from `first` on, below the program's own limit; -1 if there is none. */
export function giveFd(context: Context, thread: Thread, source: number, flags: number, first = 0): number {
  if (first === 0) return context.notifications.sendFd(source, undefined, flags);
  const fd = freeFd(thread, first, descriptorLimit(thread.process.tgid).soft - 1);
  return fd === undefined ? -1 : context.notifications.sendFd(source, fd, flags);
}
