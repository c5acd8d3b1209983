/**
 * Ends a wait of this thread that nothing else would end: a timer sends the thread a signal whose handler does
 * nothing, and a system call that blocks returns EINTR.
 */
import { DO_NOTHING, sigaction, syscall } from '../linux/libc.ts';
import { allocateNative } from '../linux/native-memory.ts';
import { ARCH } from './arch.ts';

/** A real-time signal that neither the C libraries nor the runtime use. */
const SIGNAL = 44;
const CLOCK_MONOTONIC = 1;
const TIMER_ABSTIME = 1;
const SIGEV_THREAD_ID = 4;
const SIGEVENT = 256;
const TIMER = 512;
const SETTING = 576;
const SECOND = 1e9;

export class Interruption {
  readonly #native = allocateNative(4096);
  readonly #timer: number;

  private constructor() {
    const { view, address } = this.#native;
    // struct sigaction: the handler, an empty mask and no flags, SA_RESTART above all.
    view.setBigUint64(0, DO_NOTHING, true);
    const handled = sigaction(SIGNAL, address, 0) === 0;
    view.setInt32(SIGEVENT + 8, SIGNAL, true);
    view.setInt32(SIGEVENT + 12, SIGEV_THREAD_ID, true);
    view.setInt32(SIGEVENT + 16, syscall(ARCH.nr.gettid as number, 0, 0, 0, 0, 0, 0), true);
    const nr = ARCH.nr.timer_create as number;
    const made = handled && syscall(nr, CLOCK_MONOTONIC, address + SIGEVENT, address + TIMER, 0, 0, 0) === 0;
    this.#timer = made ? view.getInt32(TIMER, true) : -1;
  }

  /** One for the calling thread; undefined where the system forbids it. */
  static ofThisThread(): Interruption | undefined {
    const interruption = new Interruption();
    return interruption.#timer < 0 ? undefined : interruption;
  }

  /** Interrupts at `deadline` (nanoseconds of CLOCK_MONOTONIC) and again every `interval` nanoseconds after it. */
  start(deadline: number, interval: number): void {
    const seconds = Math.floor(deadline / SECOND);
    this.#set(interval, seconds, deadline - seconds * SECOND);
  }

  stop(): void {
    this.#set(0, 0, 0);
  }

  #set(interval: number, seconds: number, nanoseconds: number): void {
    const { view, address } = this.#native;
    view.setUint32(SETTING + 8, interval, true);
    view.setUint32(SETTING + 16, seconds, true);
    view.setUint32(SETTING + 24, nanoseconds, true);
    syscall(ARCH.nr.timer_settime as number, this.#timer, TIMER_ABSTIME, address + SETTING, 0, 0, 0);
  }
}
