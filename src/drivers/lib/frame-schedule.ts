import type { TimePerFrame } from './frame-interval.ts';

const NS_PER_S = 1_000_000_000;

/**
 * When each frame is due. Every time is reckoned from the start with the exact fraction, so a stream of
 * 1001/30000 s a frame is as far from its start after a day as it should be, to the nanosecond.
 */
export class FrameSchedule {
  #start = 0;
  #interval: TimePerFrame = { numerator: 1, denominator: 1 };

  /** Frame 0 is due at `start` nanoseconds. */
  restart(start: number, interval: TimePerFrame): void {
    this.#start = start;
    this.#interval = interval;
  }

  /** When frame `n` is due, in nanoseconds. */
  timeOf(n: number): number {
    const { numerator, denominator } = this.#interval;
    // Whole seconds apart from the rest: as one product the nanoseconds would outgrow a double's 53 bits.
    const parts = n * numerator;
    const rest = parts % denominator;
    const seconds = (parts - rest) / denominator;
    return this.#start + seconds * NS_PER_S + Math.floor((rest * NS_PER_S) / denominator);
  }

  /** The last frame that is due at `now`. */
  frameAt(now: number): number {
    const { numerator, denominator } = this.#interval;
    let n = Math.floor((((now - this.#start) / NS_PER_S) * denominator) / numerator);
    // The quotient may be off by one where a frame is due exactly now.
    while (this.timeOf(n + 1) <= now) n++;
    while (n > 0 && this.timeOf(n) > now) n--;
    return Math.max(0, n);
  }
}
