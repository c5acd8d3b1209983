import { describeThrown, driverBug } from './bug.ts';

/**
 * Time is an argument. Everything below the door takes its time and its timers from a {@link Clock}; the
 * door runs them on CLOCK_MONOTONIC, tests on a {@link VirtualClock} that moves only when told to.
 *
 * All times are nanoseconds of CLOCK_MONOTONIC in a double: exact to 1 ns for 104 days of uptime and to
 * 2 ns for the next 104, far below what any clock here resolves.
 */
export interface Clock {
  /** Now, in nanoseconds. */
  now(): number;
  readonly timers: TimerQueue;
}

/** One alarm. It is made once and armed again and again, so a running stream allocates nothing for it. */
export class Timer {
  /** When it fires, in nanoseconds; `Infinity` while it is not armed. */
  deadline = Number.POSITIVE_INFINITY;
  /** Owned by {@link TimerQueue}: the run in which it fired last. */
  run = 0;
  readonly callback: (now: number) => void;

  constructor(callback: (now: number) => void) {
    this.callback = callback;
  }
}

/** The armed timers. There are as many as there are streaming devices, so a plain list is the right size. */
export class TimerQueue {
  readonly #armed: Timer[] = [];
  #runs = 0;

  /** Arms `timer` for `deadline` (nanoseconds); an armed timer is moved. */
  arm(timer: Timer, deadline: number): void {
    if (timer.deadline === Number.POSITIVE_INFINITY) this.#armed.push(timer);
    timer.deadline = deadline;
  }

  /**
   * Arms `timer` for `deadline` at the latest: what is due before is not put off. Who arms at each of many events would
   * else never be called back where they come all the time.
   */
  armBy(timer: Timer, deadline: number): void {
    if (deadline < timer.deadline) this.arm(timer, deadline);
  }

  /** Takes `timer` back; nothing happens if it is not armed. */
  cancel(timer: Timer): void {
    const at = this.#armed.indexOf(timer);
    if (at >= 0) this.#armed.splice(at, 1);
    timer.deadline = Number.POSITIVE_INFINITY;
  }

  /** The earliest deadline in nanoseconds, `Infinity` when nothing is armed. */
  next(): number {
    let earliest = Number.POSITIVE_INFINITY;
    for (const timer of this.#armed) if (timer.deadline < earliest) earliest = timer.deadline;
    return earliest;
  }

  /**
   * Fires what is due at `now`, earliest first, each timer once. A callback may arm and cancel timers, its own included; what it
   * arms for a time that is over fires in the next run, so that a driver which does that all the time holds up nobody. One
   * that throws is a bug of its driver: it is reported, and the timers of everybody else go on.
   */
  run(now: number): void {
    const run = ++this.#runs;
    for (;;) {
      let due: Timer | undefined;
      for (const timer of this.#armed) {
        const isDue = timer.deadline <= now && timer.run !== run;
        if (isDue && (due === undefined || timer.deadline < due.deadline)) due = timer;
      }
      if (due === undefined) return;
      this.cancel(due);
      due.run = run;
      try {
        due.callback(now);
      } catch (thrown) {
        driverBug(`a timer threw: ${describeThrown(thrown)}`);
      }
    }
  }
}

/** A clock for tests: it stands still until {@link advance} moves it. */
export class VirtualClock implements Clock {
  readonly timers = new TimerQueue();
  #now: number;

  constructor(start = 1_000_000_000) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  /** Moves time forward by `nanoseconds` and fires each timer at its own moment on the way. */
  advance(nanoseconds: number): void {
    const end = this.#now + nanoseconds;
    for (let next = this.timers.next(); next <= end; next = this.timers.next()) {
      this.#now = Math.max(this.#now, next);
      this.timers.run(this.#now);
    }
    this.#now = end;
  }
}
