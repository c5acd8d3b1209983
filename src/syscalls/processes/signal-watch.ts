/**
 * What happens to threads that sleep in a call. A call that we serve cannot be interrupted (so that its effect and its
 * answer are one), which must not hold for one that waits for a frame. So while threads sleep, we look from time to time
 * whether the kernel has a signal or a tracer for them, or they are gone.
 */
import { type Clock, Timer } from '../../base/timers.ts';
import { O_CLOEXEC, O_RDONLY } from '../../linux/constants.ts';
import { close, open } from '../../linux/libc.ts';
import { parseStatus, statusAt, type ThreadStatus, threadIds } from './thread-status.ts';
import type { Process, Thread } from './threads.ts';

/** How long a signal may wait, at first and when a sleep is long; deadly signals do not wait at all. */
const FIRST_LOOK_NS = 4e6;
const LAST_LOOK_NS = 32e6;
const STOPPED = 'T';
const ENDED = 'Z';
/** Asleep in the kernel, and woken by any signal that is for it. */
const WOKEN_BY_SIGNALS = 'S';
const NOBODY = 0;

export interface SleepDoor {
  /** True while the kernel says that the call of the thread waits for its answer. */
  readonly stillWaits: (thread: Thread) => boolean;
  /** The kernel wants the thread back for a signal; it is `certain` that it means this thread. */
  readonly interrupt: (thread: Thread, certain: boolean) => void;
  /** The call is over without us. */
  readonly interrupted: (thread: Thread) => void;
}

export class SignalWatch {
  readonly #clock: Clock;
  readonly #killable: boolean;
  readonly #door: SleepDoor;
  /** Who sleeps, and the tracer that each had at our first look. */
  readonly #sleeping = new Map<Thread, number | undefined>();
  /** Kept descriptors of /proc/TID/status. */
  readonly #statusFds = new Map<Thread, number>();
  /** Signals for processes as a whole that waited at the last look. */
  #waiting = new Map<Process, bigint>();
  readonly #timer = new Timer(() => this.#look());
  #interval = FIRST_LOOK_NS;

  /** `killable`: signals do not reach a thread that we serve. Else the kernel interrupts it, and we only notice. */
  constructor(clock: Clock, killable: boolean, door: SleepDoor) {
    this.#clock = clock;
    this.#killable = killable;
    this.#door = door;
  }

  add(thread: Thread): void {
    this.#interval = FIRST_LOOK_NS;
    if (this.#sleeping.size === 0) this.#arm();
    this.#sleeping.set(thread, undefined);
  }

  remove(thread: Thread): void {
    this.#sleeping.delete(thread);
    if (this.#sleeping.size === 0) this.#clock.timers.cancel(this.#timer);
  }

  /** The thread has ended. */
  forget(thread: Thread): void {
    this.remove(thread);
    const fd = this.#statusFds.get(thread);
    if (fd !== undefined) close(fd);
    this.#statusFds.delete(thread);
  }

  #arm(): void {
    this.#clock.timers.arm(this.#timer, this.#clock.now() + this.#interval);
  }

  #look(): void {
    const waiting = new Map<Process, bigint>();
    const byProcess = new Map<Process, Map<Thread, ThreadStatus>>();
    for (const thread of [...this.#sleeping.keys()]) {
      if (!this.#door.stillWaits(thread)) {
        this.#door.interrupted(thread);
        continue;
      }
      const status = this.#killable ? this.#statusOf(thread) : undefined;
      if (status === undefined) continue;
      const sleepers = byProcess.get(thread.process) ?? new Map<Thread, ThreadStatus>();
      byProcess.set(thread.process, sleepers.set(thread, status));
    }
    for (const [process, sleepers] of byProcess) this.#lookAt(process, sleepers, waiting);
    this.#waiting = waiting;
    this.#interval = Math.min(2 * this.#interval, LAST_LOOK_NS);
    if (this.#sleeping.size > 0) this.#arm();
  }

  #statusOf(thread: Thread): ThreadStatus | undefined {
    let fd = this.#statusFds.get(thread);
    if (fd === undefined) {
      fd = open(`/proc/${thread.tid}/status`, O_RDONLY | O_CLOEXEC);
      if (fd < 0) return undefined;
      this.#statusFds.set(thread, fd);
    }
    return parseStatus(fd);
  }

  /** `sleepers` are the threads of `process` that sleep here. */
  #lookAt(
    process: Process,
    sleepers: ReadonlyMap<Thread, ThreadStatus>,
    waiting: Map<Process, bigint>,
  ): void {
    const [any] = sleepers.values();
    const first = firstThread(process, sleepers);
    const isStopped = first === undefined ? hasStopped(process) : first.state === STOPPED;
    for (const [thread, status] of sleepers) {
      const tracer = this.#sleeping.get(thread) ?? status.tracer;
      this.#sleeping.set(thread, tracer);
      // A tracer that has come, or a stop of the process, has marked the thread as a signal does.
      const isTraced = status.tracer !== tracer && status.tracer !== NOBODY;
      if (status.pending !== 0n || isTraced || isStopped) this.#door.interrupt(thread, true);
    }
    if (any !== undefined && any.shared !== 0n) this.#lookAtShared(process, any, first, sleepers, waiting);
  }

  /**
   * Signals for the process as a whole. The kernel chooses its first thread, unless that one blocks the signal, then one
   * of those that do not; and the chosen one takes it as soon as it runs. If the signal waits, the chosen one sleeps here.
   */
  #lookAtShared(
    process: Process,
    { shared, threads }: ThreadStatus,
    first: ThreadStatus | undefined,
    sleepers: ReadonlyMap<Thread, ThreadStatus>,
    waiting: Map<Process, bigint>,
  ): void {
    const find = (tid: number) => [...sleepers.keys()].find((thread) => thread.tid === tid);
    const chosen = find(process.tgid);
    const forFirst = first === undefined ? 0n : shared & ~first.blocked;
    if (chosen !== undefined && forFirst !== 0n) this.#door.interrupt(chosen, true);
    const rest = shared & ~forFirst;
    if (rest === 0n || threads === 1) return;
    waiting.set(process, rest);
    const takers = [...others(process)].filter(([, { blocked }]) => (rest & ~blocked) !== 0n);
    const asleep = takers.map(([tid]) => find(tid)).filter((thread) => thread !== undefined);
    const awake = takers.filter(([tid]) => find(tid) === undefined);
    if (asleep[0] === undefined) return;
    // One that could take it and is not asleep here takes it soon, if it was chosen: at the next look we know.
    const before = this.#waiting.get(process) ?? 0n;
    if (awake.length > 0 && (rest & before) === 0n) return;
    const isCertain = asleep.length === 1 && awake.every(([, { state }]) => state === WOKEN_BY_SIGNALS);
    this.#door.interrupt(asleep[0], isCertain);
  }
}

/** The first thread of `process`; undefined if it has ended: no signal is for it any more. */
function firstThread(
  process: Process,
  sleepers: ReadonlyMap<Thread, ThreadStatus>,
): ThreadStatus | undefined {
  const asleep = [...sleepers].find(([{ tid }]) => tid === process.tgid);
  const first = asleep === undefined ? statusAt(process.tgid) : asleep[1];
  return first?.state === ENDED ? undefined : first;
}

/** The threads of `process` but the first. */
function* others({ tgid }: Process): Generator<[tid: number, ThreadStatus]> {
  for (const tid of threadIds(tgid)) {
    const status = tid === tgid ? undefined : statusAt(tid);
    if (status !== undefined) yield [tid, status];
  }
}

/** True if a thread of `process` but the first shows that it was stopped. */
const hasStopped = (process: Process): boolean =>
  [...others(process)].some(([, { state }]) => state === STOPPED);
