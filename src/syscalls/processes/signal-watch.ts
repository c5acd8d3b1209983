/**
 * What happens to threads that sleep in a call. A call that we serve cannot be interrupted (so that its effect and its
 * answer are one), which must not hold for one that waits for a frame. So while threads sleep, we look from time to time
 * whether the kernel has a signal or a tracer for them, or they are gone.
 */
import { type Clock, Timer } from '../../base/timers.ts';
import { O_CLOEXEC, O_RDONLY } from '../../linux/constants.ts';
import { close, open } from '../../linux/libc.ts';
import {
  type RunTimes,
  readStatus,
  runTimesOf,
  statusAt,
  type ThreadStatus,
  threadIds,
} from './thread-status.ts';
import type { Process, Thread } from './threads.ts';

/** How long a signal may wait, at first and when a sleep is long; deadly signals do not wait at all. */
const FIRST_LOOK_NS = 4e6;
const LAST_LOOK_NS = 32e6;
const STOPPED = 'T';
const ENDED = 'Z';
/** Asleep in the kernel, and woken by any signal that is for it. */
const WOKEN_BY_SIGNALS = 'S';
/** Asleep where no signal wakes it: in a call that somebody serves. */
const DEAF = 'D';
/** So often we look whether a thread is found asleep, or in its own code, that runs all the time. */
const MANY_LOOKS = 12;
const NOBODY = 0;

export interface SleepDoor {
  /** True while the kernel says that the call of the thread waits for its answer. */
  readonly stillWaits: (thread: Thread) => boolean;
  /** The kernel wants the thread back for a signal; it is `certain` that it means this thread. */
  readonly interrupt: (thread: Thread, certain: boolean) => void;
  /** The call is over without us. */
  readonly interrupted: (thread: Thread) => void;
}

/** Signals for a process as a whole that have waited for somebody since we first saw them. */
interface Waiting {
  readonly signals: bigint;
  /** How much the threads had run by then that could have taken them. */
  readonly runTimes: ReadonlyMap<number, RunTimes | undefined>;
  /** How often they had gone to sleep. */
  readonly sleeps: ReadonlyMap<number, number>;
  /** How often we have looked. */
  looks: number;
}

/**
 * Has the kernel chosen somebody else than a thread? `yes` by evidence. `likely`: it has run, and in its own code it would
 * have taken the signal, but whether it was there is not known.
 */
type PassedOver = 'yes' | 'likely' | 'unknown';

export class SignalWatch {
  readonly #clock: Clock;
  readonly #killable: boolean;
  readonly #door: SleepDoor;
  /** Who sleeps, and the tracer that each had when it fell asleep; undefined until we could look. */
  readonly #sleeping = new Map<Thread, number | undefined>();
  /** Who has fallen asleep since {@link settle}. */
  readonly #fallenAsleep: Thread[] = [];
  /** Kept descriptors of /proc/TID/status. */
  readonly #statusFds = new Map<Thread, number>();
  /** By process, as of the last look. */
  #waiting = new Map<Process, Waiting>();
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
    if (this.#killable) this.#fallenAsleep.push(thread);
  }

  /**
   * To be called before we wait ourselves: who sleeps by now sleeps for some time. A tracer that comes later has marked the
   * thread, and one that is there already has not.
   */
  settle(): void {
    for (let thread = this.#fallenAsleep.pop(); thread !== undefined; thread = this.#fallenAsleep.pop())
      if (this.#sleeping.has(thread)) this.#sleeping.set(thread, this.#statusOf(thread)?.tracer);
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
    const waiting = new Map<Process, Waiting>();
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
    // While a signal waits it is looked at often.
    this.#interval = waiting.size > 0 ? FIRST_LOOK_NS : Math.min(2 * this.#interval, LAST_LOOK_NS);
    if (this.#sleeping.size > 0) this.#arm();
  }

  #statusOf(thread: Thread): ThreadStatus | undefined {
    let fd = this.#statusFds.get(thread);
    if (fd === undefined) {
      fd = open(`/proc/${thread.tid}/status`, O_RDONLY | O_CLOEXEC);
      if (fd < 0) return undefined;
      this.#statusFds.set(thread, fd);
    }
    return readStatus(fd);
  }

  /** `sleepers` are the threads of `process` that sleep here. */
  #lookAt(
    process: Process,
    sleepers: ReadonlyMap<Thread, ThreadStatus>,
    waiting: Map<Process, Waiting>,
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
    waiting: Map<Process, Waiting>,
  ): void {
    const find = (tid: number) => [...sleepers.keys()].find((thread) => thread.tid === tid);
    const chosen = find(process.tgid);
    const forFirst = first === undefined ? 0n : shared & ~first.blocked;
    if (chosen !== undefined && forFirst !== 0n) this.#door.interrupt(chosen, true);
    const rest = shared & ~forFirst;
    if (rest === 0n || threads === 1) return;
    const takers = [...others(process)].filter(([, { blocked }]) => (rest & ~blocked) !== 0n);
    const asleep = takers.map(([tid]) => find(tid)).filter((thread) => thread !== undefined);
    const awake = takers.filter(([tid]) => find(tid) === undefined);
    if (asleep[0] === undefined) return;
    // One that could take it and is not asleep here takes it when it runs, if it was chosen.
    const found = awake.length === 0 ? 'yes' : this.#passedOver(process, rest, awake, waiting);
    if (found === 'unknown') return;
    this.#door.interrupt(asleep[0], asleep.length === 1 && found === 'yes');
  }

  /**
   * Has the kernel chosen none of the `awake` for these signals? Told at the second look at the earliest. What stays likely is
   * settled after many looks: who was not once found where it is deaf, and has gone to sleep in between, did so where a
   * signal of its own would have kept it awake.
   */
  #passedOver(
    process: Process,
    signals: bigint,
    awake: readonly (readonly [tid: number, status: ThreadStatus])[],
    waiting: Map<Process, Waiting>,
  ): PassedOver {
    const before = this.#waiting.get(process);
    const isDeaf = awake.some(([, { state }]) => state === DEAF);
    if (before === undefined || (before.signals & signals) === 0n || isDeaf) {
      const runTimes = new Map(awake.map(([tid]) => [tid, runTimesOf(tid)]));
      const sleeps = new Map(awake.map(([tid, status]) => [tid, status.sleeps]));
      waiting.set(process, { signals, runTimes, sleeps, looks: 1 });
      return 'unknown';
    }
    before.looks++;
    waiting.set(process, before);
    const found = awake.map(([tid, { state }]) => wasPassedOver(tid, state, before.runTimes.get(tid)));
    if (found.includes('unknown')) return 'unknown';
    if (!found.includes('likely')) return 'yes';
    if (before.looks < MANY_LOOKS) return 'unknown';
    return awake.every(([tid, { sleeps }]) => sleeps !== before.sleeps.get(tid)) ? 'yes' : 'likely';
  }
}

/** `before` is how much the thread had run when the signal was there already. */
function wasPassedOver(tid: number, state: string, before: RunTimes | undefined): PassedOver {
  if (state === WOKEN_BY_SIGNALS) return 'yes';
  const now = runTimesOf(tid);
  if (before === undefined || now === undefined) return 'likely';
  if (now.user > before.user) return 'yes';
  return now.total === undefined || now.total !== before.total ? 'likely' : 'unknown';
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
