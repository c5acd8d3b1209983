/**
 * Locks on device nodes: flock(), and fcntl() with lockf() above it. They belong to the inode, which all open files of a
 * device share. What programs have in its place is a poll face with an inode of its own, so we keep the locks.
 */
import { EAGAIN, EBADF, EDEADLK, EINVAL, EOVERFLOW, Errno } from '../../base/errno.ts';
import { WaitQueue } from '../../base/wait-queue.ts';
import {
  F_GETLK,
  F_OFD_GETLK,
  F_OFD_SETLKW,
  F_RDLCK,
  F_SETLKW,
  F_UNLCK,
  F_WRLCK,
  FLOCK,
  LOCK_EX,
  LOCK_MAND,
  LOCK_NB,
  LOCK_SH,
  LOCK_UN,
} from '../../linux/constants.ts';
import type { CharDevice } from '../../vfs/file.ts';
import type { Process, Thread } from '../processes/threads.ts';
import { LOCK_COMMANDS } from '../wire/filter.ts';
import type { OpenFile } from './open-file.ts';

const { type: TYPE, whence: WHENCE, start: START, length: LENGTH, pid: PID, size: FLOCK_SIZE } = FLOCK;
const SEEK_END = 2;
const OFFSET_MAX = 0x7fff_ffff_ffff_ffffn;

/** Who has a range: a process, or an open file whoever uses it. */
type Owner = Process | OpenFile;

interface Range {
  readonly owner: Owner;
  readonly type: number;
  readonly first: bigint;
  readonly last: bigint;
  /** -1 for an open file. */
  readonly pid: number;
}

/** True if fcntl() with `cmd` is about locks. */
export const isLockCommand = (cmd: number): boolean => LOCK_COMMANDS.includes(cmd);

/** The bytes that a `struct flock` means; a device has no length and its position is always 0. */
function rangeIn(view: DataView): Pick<Range, 'first' | 'last'> {
  if (view.getUint16(WHENCE, true) > SEEK_END) throw new Errno(EINVAL);
  const [start, length] = [view.getBigInt64(START, true), view.getBigInt64(LENGTH, true)];
  if (start < 0n) throw new Errno(EINVAL);
  if (length === 0n) return { first: start, last: OFFSET_MAX };
  const [first, last] = length > 0n ? [start, start + length - 1n] : [start + length, start - 1n];
  if (first < 0n) throw new Errno(EINVAL);
  if (last > OFFSET_MAX) throw new Errno(EOVERFLOW);
  return { first, last };
}

const overlap = (a: Pick<Range, 'first' | 'last'>, b: Pick<Range, 'first' | 'last'>): boolean =>
  a.first <= b.last && b.first <= a.last;

/** What is left of `range` outside `taken`. */
function without(range: Range, taken: Range): Range[] {
  if (!overlap(range, taken)) return [range];
  const rest: Range[] = [];
  if (range.first < taken.first) rest.push({ ...range, last: taken.first - 1n });
  if (range.last > taken.last) rest.push({ ...range, first: taken.last + 1n });
  return rest;
}

/** What a thread sleeps for; it holds as long as the thread does. */
interface Wish {
  readonly locks: NodeLocks;
  readonly range: Range;
}

/** Of all nodes, since a process may wait for one and have locked another. */
const wishes = new Map<Thread, Wish>();

/** Who keeps `owner` waiting. */
function keepsWaiting(owner: Owner): Owner[] {
  return [...wishes].flatMap(([thread, { locks, range }]) => {
    if (!locks.isWaitedForBy(thread)) wishes.delete(thread);
    else if (range.owner === owner) return locks.blockersOf(range);
    return [];
  });
}

/** True if its owner would wait for itself if it waited for `range`. @kernel posix_locks_deadlock */
function wouldDeadlock({ locks, range }: Wish): boolean {
  const reached = new Set<Owner>(locks.blockersOf(range));
  // A set that grows while it is gone through is gone through to its end.
  for (const owner of reached) for (const next of keepsWaiting(owner)) reached.add(next);
  return reached.has(range.owner);
}

class NodeLocks {
  /** Open files that have a lock by flock(), and whether nobody else may have one. */
  readonly #files = new Map<OpenFile, 'shared' | 'exclusive'>();
  #ranges: Range[] = [];
  /** Woken when a lock goes or lets others in. */
  readonly #freed = new WaitQueue();

  /** @kernel flock_lock_inode: a lock of another kind is given up before the new one is waited for. */
  flock(openFile: OpenFile, operation: number, thread: Thread): number {
    wishes.delete(thread);
    // Locks of all who open a file, which never kept anybody out: since 5.17 they are taken and mean nothing.
    if (operation & LOCK_MAND) return 0;
    const wanted = operation & ~LOCK_NB;
    if (wanted !== LOCK_SH && wanted !== LOCK_EX && wanted !== LOCK_UN) throw new Errno(EINVAL);
    const { read, write } = openFile.file.access;
    if (wanted !== LOCK_UN && !read && !write) throw new Errno(EBADF);
    const how = wanted === LOCK_EX ? 'exclusive' : 'shared';
    const had = this.#files.get(openFile);
    if (wanted !== LOCK_UN && had === how) return 0;
    if (this.#files.delete(openFile)) this.#freed.wakeUp();
    if (wanted === LOCK_UN) return 0;
    const excluded = [...this.#files.values()].some((other) => how === 'exclusive' || other === 'exclusive');
    if (excluded) return this.#wait((operation & LOCK_NB) === 0, thread);
    this.#files.set(openFile, how);
    return 0;
  }

  /** fcntl() with one of the commands about locks; `address` is that of a `struct flock`. */
  fcntl(openFile: OpenFile, cmd: number, address: number, thread: Thread): number {
    const bytes = new Uint8Array(FLOCK_SIZE);
    thread.memory.read(address, bytes);
    const view = new DataView(bytes.buffer);
    const ofFile = cmd >= F_OFD_GETLK;
    if (ofFile && view.getInt32(PID, true) !== 0) throw new Errno(EINVAL);
    const range: Range = {
      owner: ofFile ? openFile : thread.process,
      type: view.getInt16(TYPE, true),
      ...rangeIn(view),
      pid: ofFile ? -1 : thread.process.tgid,
    };
    if (![F_RDLCK, F_WRLCK, F_UNLCK].includes(range.type)) throw new Errno(EINVAL);
    if (cmd === F_GETLK || cmd === F_OFD_GETLK) {
      this.#tell(range, view);
      thread.memory.write(address, bytes);
      return 0;
    }
    return this.#setRange(openFile, range, cmd === F_SETLKW || cmd === F_OFD_SETLKW, thread);
  }

  /** `owner` has closed the node, or has ended. */
  drop(owner: Owner): void {
    const before = this.#ranges.length;
    this.#ranges = this.#ranges.filter((range) => range.owner !== owner);
    const hadFile = this.#files.delete(owner as OpenFile);
    if (hadFile || this.#ranges.length < before) this.#freed.wakeUp();
  }

  #setRange({ file }: OpenFile, range: Range, waits: boolean, thread: Thread): number {
    wishes.delete(thread);
    const { read, write } = file.access;
    if ((range.type === F_RDLCK && !read) || (range.type === F_WRLCK && !write)) throw new Errno(EBADF);
    if (range.type !== F_UNLCK && this.#conflict(range) !== undefined) {
      const wish = { locks: this, range };
      // An open file is in nobody's hand alone, so of those it cannot be said.
      if (waits && range.pid > 0 && wouldDeadlock(wish)) throw new Errno(EDEADLK);
      if (waits) wishes.set(thread, wish);
      return this.#wait(waits, thread);
    }
    this.#ranges = this.#ranges.flatMap((old) => (old.owner === range.owner ? without(old, range) : [old]));
    if (range.type !== F_UNLCK) this.#ranges.push(range);
    if (range.type !== F_WRLCK) this.#freed.wakeUp();
    return 0;
  }

  /** The owners of all that keeps `range` from being locked. */
  blockersOf(range: Range): Owner[] {
    return this.#conflicts(range).map(({ owner }) => owner);
  }

  isWaitedForBy(thread: Thread): boolean {
    return thread.sleepsOn === this.#freed;
  }

  #conflicts(range: Range): Range[] {
    const excludes = (other: Range) => range.type === F_WRLCK || other.type === F_WRLCK;
    return this.#ranges.filter(
      (other) => other.owner !== range.owner && overlap(other, range) && excludes(other),
    );
  }

  #conflict(range: Range): Range | undefined {
    return this.#conflicts(range)[0];
  }

  /** Who keeps `range` from being locked, for F_GETLK. */
  #tell(range: Range, view: DataView): void {
    if (range.type === F_UNLCK) throw new Errno(EINVAL);
    const other = this.#conflict(range);
    view.setInt16(TYPE, other?.type ?? F_UNLCK, true);
    if (other === undefined) return;
    view.setInt16(WHENCE, 0, true);
    view.setBigInt64(START, other.first, true);
    view.setBigInt64(LENGTH, other.last === OFFSET_MAX ? 0n : other.last - other.first + 1n, true);
    view.setInt32(PID, other.pid, true);
  }

  #wait(waits: boolean, thread: Thread): number {
    if (!waits) throw new Errno(EAGAIN);
    return thread.sleep(this.#freed, () => {
      wishes.delete(thread);
      return undefined;
    });
  }
}

const locks = new WeakMap<CharDevice, NodeLocks>();

export function locksOf(device: CharDevice): NodeLocks {
  const known = locks.get(device) ?? new NodeLocks();
  locks.set(device, known);
  return known;
}

/** `owner` gives up what it has locked of the node of `device`. */
export function dropLocks(device: CharDevice, owner: Owner): void {
  locks.get(device)?.drop(owner);
}
