/** CLOCK_MONOTONIC, the clock of buffer timestamps, read without leaving the process. */
import { performance } from 'node:perf_hooks';
import { type Clock, TimerQueue } from '../base/timers.ts';
import { CLOCK_MONOTONIC } from './constants.ts';
import { clockGettime } from './libc.ts';
import { allocateNative } from './native-memory.ts';

const NSEC_PER_SEC = 1e9;
const NSEC_PER_MSEC = 1e6;

/** What the kernel says; the runtime's own clock may count from its start (that of Bun does). */
function readClock(): number {
  const timespec = allocateNative(16);
  clockGettime(CLOCK_MONOTONIC, timespec.address);
  const now =
    Number(timespec.view.getBigInt64(0, true)) * NSEC_PER_SEC + Number(timespec.view.getBigInt64(8, true));
  timespec.unmap();
  return now;
}

export class MonotonicClock implements Clock {
  readonly timers = new TimerQueue();
  // performance.now() is the same clock counted from another origin.
  readonly #origin = readClock() - performance.now() * NSEC_PER_MSEC;

  now(): number {
    return this.#origin + performance.now() * NSEC_PER_MSEC;
  }
}
