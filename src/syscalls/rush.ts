/**
 * When calls come one upon another, the next one is waited for by NOTIF_RECV alone: a poll() before it would cost a
 * tenth of the round trip. Nothing but a call ends that wait, so while a rush lasts a signal interrupts it every
 * millisecond, and the loop looks after everything else again.
 */
import { Interruption } from './interruption.ts';

/** A call that comes sooner than this belongs to a rush. */
const SOON_NS = 50e3;
/** So many in a row make a rush. */
const ENOUGH = 16;
/** And after so many the loop looks after everything else all the same. */
const LOOK_EVERY = 64;
const PERIOD_NS = 1e6;

export class Rush {
  readonly #interruption = Interruption.ofThisThread();
  #calls = 0;
  #interrupts = false;

  /** True if the next call may be waited for alone; the loop has something else to do at `due`. */
  lasts(now: number, due: number): boolean {
    return (
      this.#calls > ENOUGH &&
      this.#calls % LOOK_EVERY !== 0 &&
      due - now > PERIOD_NS &&
      this.#interruption !== undefined
    );
  }

  /** Before a wait for a call alone. */
  begin(now: number): void {
    if (this.#interrupts) return;
    this.#interruption?.start(now + PERIOD_NS, PERIOD_NS);
    this.#interrupts = true;
  }

  /** After every wait: how long it took, `Infinity` if it brought no call. */
  waited(nanoseconds: number): void {
    if (nanoseconds < SOON_NS) this.#calls++;
    else this.end();
  }

  end(): void {
    this.#calls = 0;
    if (this.#interrupts) this.#interruption?.stop();
    this.#interrupts = false;
  }
}
