import { type Clock, Timer } from '../../base/timers.ts';
import type { TimePerFrame } from './frame-interval.ts';
import { FrameSchedule } from './frame-schedule.ts';

/** Called for each frame that falls due: which one it is since the start, and the moment when it should have been. */
export type FrameDue = (sequence: number, time: number) => void;

/**
 * When frames fall due: by a schedule that does not drift. `sequence` counts all of them, so whoever sees a gap has
 * lost frames. When this process itself comes too late, the frames in between were never made: they are left out
 * without a burst, and counted, as time went on.
 */
export class FrameClock {
  readonly #clock: Clock;
  readonly #due: FrameDue;
  readonly #timer = new Timer((now) => this.#tick(now));
  readonly #schedule = new FrameSchedule();
  #running = false;
  #paced = true;
  #started = 0;
  /** The frame of the schedule that comes next. */
  #next = 0;
  #sequence = 0;
  /** The frame that fell due last was none. */
  #isPutOff = false;

  constructor(clock: Clock, due: FrameDue) {
    this.#clock = clock;
    this.#due = due;
  }

  get isRunning(): boolean {
    return this.#running;
  }

  /** When the first frame fell due. */
  get started(): number {
    return this.#started;
  }

  /** Frame 0 falls due at `first`, which is now if nothing is said, the others each an interval later. */
  start(interval: TimePerFrame, first = this.#clock.now()): void {
    this.#begin(true, first);
    this.#schedule.restart(first, interval);
    this.#arm();
  }

  /** Without a pace: a frame falls due whenever somebody asks with {@link hurry}. */
  startUnpaced(): void {
    this.#begin(false, this.#clock.now());
  }

  stop(): void {
    this.#running = false;
    this.#clock.timers.cancel(this.#timer);
  }

  /** To be called for a frame that has fallen due and is not there: the next one that falls due takes its number. */
  putOff(): void {
    this.#isPutOff = true;
    this.#sequence--;
  }

  /**
   * The interval has changed: it counts from the last frame on. A next frame that would have been due before now is due now:
   * those in between were none.
   */
  changeInterval(interval: TimePerFrame): void {
    if (!this.#running || !this.#paced) return;
    const now = this.#clock.now();
    const schedule = this.#schedule;
    if (this.#next === 0 || schedule.timeOf(this.#next) <= now) this.#keepDue(now, interval);
    else {
      const last = schedule.timeOf(this.#next - 1);
      schedule.restart(last, interval);
      schedule.restart(last + Math.max(0, now - schedule.timeOf(1)), interval);
      this.#next = 1;
    }
    this.#arm();
  }

  /** Somebody has room for a frame and no pace: it falls due in a moment, so that others get their turn in between. */
  hurry(): void {
    if (this.#running && !this.#paced) this.#clock.timers.arm(this.#timer, this.#clock.now() + 1);
  }

  #begin(paced: boolean, first: number): void {
    this.#running = true;
    this.#paced = paced;
    this.#started = first;
    this.#next = 0;
    this.#sequence = 0;
    this.#isPutOff = false;
  }

  /** Frames that have fallen due and were not looked at stay so, the first one always; those after them have the new interval. */
  #keepDue(now: number, interval: TimePerFrame): void {
    const frame = Math.max(this.#next, this.#schedule.frameAt(now));
    if (!this.#isPutOff) this.#sequence += frame - this.#next;
    this.#schedule.restart(this.#schedule.timeOf(frame), interval);
    this.#next = 0;
  }

  #arm(): void {
    this.#clock.timers.arm(this.#timer, this.#schedule.timeOf(this.#next));
  }

  #tick(now: number): void {
    if (!this.#paced) {
      this.#due(this.#sequence++, now);
      return;
    }
    const frame = this.#schedule.frameAt(now);
    const time = this.#schedule.timeOf(frame);
    if (!this.#isPutOff) this.#sequence += frame - this.#next;
    else if (this.#sequence === 0) this.#started = time;
    this.#isPutOff = false;
    this.#next = frame + 1;
    // Before the frame is made: a camera whose source throws goes on with the next one.
    this.#arm();
    this.#due(this.#sequence++, time);
  }
}
