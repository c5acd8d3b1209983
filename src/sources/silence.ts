/** For how long nothing was heard of a producer, and whether that is too long. */
import type { ProducerWork } from './producer.ts';

/**
 * For so long a producer may do nothing before it counts as stalled. What a stream, a network or somebody's program is about
 * to do nothing can tell, so it is a time; but none in which the producer was at work, or was kept from it: a slow or
 * busy machine is no stalled source.
 */
const PATIENCE_NS = 2_000_000_000;
/** For so long it may be silent whatever it does: nobody waits for ever for one that works and gets nowhere. */
const MOST_NS = 10 * PATIENCE_NS;
/** It is looked at so often: that costs as much as some calls of a program. */
const LOOK_NS = 100_000_000;

export class Silence {
  #began: number;
  /** What of it the producer was at work. */
  #worked = 0;
  /** When the producer was looked at last, and how long it had been busy by then; undefined if nobody has looked yet. */
  #lookedAt: number | undefined;
  #busy = 0;
  #isTooLong = false;

  /** The producer begins at `now`. */
  constructor(now: number) {
    this.#began = now;
    this.#lookedAt = now;
  }

  /** There is a new frame: the silence is over, and the next one begins. */
  end(now: number): void {
    this.#began = now;
    this.#worked = 0;
    this.#lookedAt = undefined;
    this.#isTooLong = false;
  }

  /** Once true it is so until the end. `work` is asked only when it matters. */
  isTooLong(now: number, work: () => ProducerWork): boolean {
    const silent = now - this.#began;
    if (silent <= PATIENCE_NS / 2 || this.#isTooLong) return this.#isTooLong;
    if (this.#lookedAt === undefined || now - this.#lookedAt >= LOOK_NS) this.#look(now, work());
    this.#isTooLong = silent - this.#worked > PATIENCE_NS || silent > MOST_NS;
    return this.#isTooLong;
  }

  /** Several threads are busy for more than the time that has gone by. */
  #look(now: number, { busy, isAtDisk }: ProducerWork): void {
    if (this.#lookedAt !== undefined) {
      const gone = now - this.#lookedAt;
      this.#worked += isAtDisk ? gone : Math.max(0, Math.min(busy - this.#busy, gone));
    }
    this.#lookedAt = now;
    this.#busy = busy;
  }
}
