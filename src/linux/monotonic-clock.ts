/** CLOCK_MONOTONIC, the clock of buffer timestamps, read without leaving the process. */
import { performance } from 'node:perf_hooks';
import { type Clock, TimerQueue } from '../base/timers.ts';

export class MonotonicClock implements Clock {
  readonly timers = new TimerQueue();
  // performance.now() is the same clock counted from another origin, without the bigint of hrtime.
  readonly #origin = Number(process.hrtime.bigint()) - performance.now() * 1e6;

  now(): number {
    return this.#origin + performance.now() * 1e6;
  }
}
