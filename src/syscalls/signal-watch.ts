/**
 * Signals for threads that sleep in a call. A call that we serve cannot be interrupted (so that its effect and its
 * answer are one), which must not hold for one that waits for a frame. So while threads sleep, we look from time to
 * time whether the kernel has a signal for them.
 */
import { type Clock, Timer } from '../base/timers.ts';
import { pendingSignals } from './proc-fs.ts';
import type { Thread } from './threads.ts';

/** How long a signal may wait; deadly signals do not wait at all. */
const LOOK_NS = 4e6;

export class SignalWatch {
  readonly #clock: Clock;
  readonly #interrupt: (thread: Thread) => void;
  /** Sleeping threads, and the signals for their process as a whole that waited at the last look. */
  readonly #sleeping = new Map<Thread, bigint>();
  readonly #timer = new Timer(() => this.#look());

  constructor(clock: Clock, interrupt: (thread: Thread) => void) {
    this.#clock = clock;
    this.#interrupt = interrupt;
  }

  add(thread: Thread): void {
    if (this.#sleeping.size === 0) this.#arm();
    this.#sleeping.set(thread, 0n);
  }

  remove(thread: Thread): void {
    this.#sleeping.delete(thread);
    if (this.#sleeping.size === 0) this.#clock.timers.cancel(this.#timer);
  }

  #arm(): void {
    this.#clock.timers.arm(this.#timer, this.#clock.now() + LOOK_NS);
  }

  #look(): void {
    for (const [thread, before] of [...this.#sleeping]) {
      const { own, shared, threads } = pendingSignals(thread.tid);
      // A signal for the process is taken by one of its threads, soon. If none has by the next look, the kernel has
      // chosen one that cannot: this one.
      const chosen = threads === 1 ? shared : shared & before;
      if (own !== 0n || chosen !== 0n) this.#interrupt(thread);
      else this.#sleeping.set(thread, shared);
    }
    if (this.#sleeping.size > 0) this.#arm();
  }
}
