import type { Clock } from '../../base/timers.ts';
import type { FrameSource } from '../../sources/index.ts';
import { FrameClock } from '../lib/frame-clock.ts';
import type { TimePerFrame } from '../lib/frame-interval.ts';
import type { WebcamPicture } from './webcam-picture.ts';

/** A picture that goes on while nobody streams. It is lent to one stream at a time. */
export class StandingPicture {
  readonly #clock: Clock;
  readonly #frames: FrameClock;
  readonly #make: () => WebcamPicture;
  #picture: WebcamPicture | undefined;
  #isLent = false;

  /** `make` gives it in the format that the camera has. */
  constructor(clock: Clock, make: () => WebcamPicture) {
    this.#clock = clock;
    this.#make = make;
    this.#frames = new FrameClock(clock, (number, time) => {
      if (!this.#isLent) this.#picture?.pass(number, time - this.#frames.started);
    });
  }

  begin(interval: TimePerFrame): void {
    this.#picture = this.#make();
    this.#frames.start(interval);
  }

  end(): void {
    this.#frames.stop();
    this.#picture?.end();
    this.#picture = undefined;
  }

  /** The format is another: what it shows begins anew, as frames of the old one are of no use. No stream runs. */
  renew(interval: TimePerFrame): void {
    if (this.#picture === undefined) return;
    this.end();
    this.begin(interval);
  }

  /** For a stream that starts now; undefined if another one has it. */
  lend(): FrameSource | undefined {
    const picture = this.#picture;
    if (picture === undefined || this.#isLent) return undefined;
    this.#isLent = true;
    picture.cut();
    const age = this.#clock.now() - this.#frames.started;
    return {
      shape: picture.shape,
      isReady: () => picture.isReady(),
      fill: (target, number, time) => picture.fill(target, number, time + age),
      pass: (number, time) => picture.pass(number, time + age),
      end: () => {
        this.#isLent = false;
      },
    };
  }
}
