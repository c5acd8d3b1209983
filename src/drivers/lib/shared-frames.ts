/**
 * The frames of a camera for others than its programs: each frame that falls due is theirs too, as the programs get it, with
 * all that controls, shutter and steering have made of it. While no program streams the camera runs for them alone.
 */
import type { FrameTarget, RingTarget } from '../../sources/index.ts';
import type { CaptureCamera } from './capture-reader.ts';
import { FrameClock } from './frame-clock.ts';
import type { FrameFormat } from './frame-format.ts';
import { ShutteredStream } from './shutter.ts';

export interface FrameWatcher {
  /** Frames are of this format from now on: gives where they go. Nothing more goes to one that gives nothing. */
  begin(format: FrameFormat): RingTarget | undefined;
}

/** A frame that is there, and how much of each plane it is. */
type WholeFrame = Pick<FrameTarget, 'planeVaddr'> & { planePayload(n: number): number };

function copyFrame(from: WholeFrame, to: RingTarget, planes: number): void {
  for (let n = 0; n < planes; n++) {
    const length = from.planePayload(n);
    const bytes = from.planeVaddr(n);
    to.planeVaddr(n).set(length === bytes.length ? bytes : bytes.subarray(0, length));
    to.setPlanePayload(n, length);
  }
  to.publish();
}

export class SharedFrames {
  readonly #camera: CaptureCamera;
  readonly #targets = new Map<FrameWatcher, RingTarget>();
  /** Who streams: the frames are those of the first. */
  readonly #readers = new Set<object>();
  readonly #clock: FrameClock;
  /** What runs while nobody streams. */
  #stream: ShutteredStream | undefined;

  constructor(camera: CaptureCamera) {
    this.#camera = camera;
    this.#clock = new FrameClock(camera.clock, (number, time) => this.#due(number, time));
  }

  /** From now on all frames go to `watcher` too, as long as it has room for them. */
  watch(watcher: FrameWatcher): { stop(): void } {
    this.#begin(watcher);
    this.#turn();
    return {
      stop: () => {
        this.#targets.delete(watcher);
        this.#turn();
      },
    };
  }

  /** `reader` will stream from now on. To be called before it has something to show. */
  started(reader: object): void {
    this.#readers.add(reader);
    this.#turn();
  }

  /** It streams no longer, and what it showed has ended. */
  stopped(reader: object): void {
    this.#readers.delete(reader);
    this.#turn();
  }

  /** It is the first of all that stream. */
  leads(reader: object): boolean {
    for (const first of this.#readers) return first === reader;
    return false;
  }

  /** The frames of `reader` are wanted here. */
  follows(reader: object): boolean {
    return this.#targets.size > 0 && this.leads(reader);
  }

  /** A frame that a program gets. */
  copy(frame: WholeFrame): void {
    const planes = this.#camera.format.planeSizes.length;
    for (const target of this.#targets.values()) if (target.hasRoom) copyFrame(frame, target, planes);
  }

  /** A frame that no program gets. */
  take(stream: ShutteredStream, number: number, time: number): void {
    const targets = [...this.#targets.values()].filter(({ hasRoom }) => hasRoom);
    const [first, ...others] = targets;
    if (first === undefined || !stream.put(first, number, time)) return;
    const planes = this.#camera.format.planeSizes.length;
    for (const target of others) copyFrame(first, target, planes);
    first.publish();
  }

  /** `change` gives the camera another format. Nobody streams. */
  changeFormat(change: () => void): void {
    this.#end();
    change();
    for (const watcher of [...this.#targets.keys()]) this.#begin(watcher);
    this.#turn();
  }

  rateChanged(): void {
    this.#clock.changeInterval(this.#camera.timeperframe);
  }

  #begin(watcher: FrameWatcher): void {
    const target = watcher.begin(this.#camera.format);
    if (target === undefined) this.#targets.delete(watcher);
    else this.#targets.set(watcher, target);
  }

  #turn(): void {
    const runs = this.#targets.size > 0 && this.#readers.size === 0;
    if (!runs) this.#end();
    else if (this.#stream === undefined) {
      const { shutter, name, timeperframe } = this.#camera;
      this.#stream = new ShutteredStream(this.#camera.createSource(), shutter, name);
      this.#clock.start(timeperframe);
    }
  }

  #end(): void {
    this.#clock.stop();
    this.#stream?.end();
    this.#stream = undefined;
  }

  #due(number: number, time: number): void {
    if (this.#stream?.isReady() === true) this.take(this.#stream, number, time - this.#clock.started);
    else this.#clock.putOff();
  }
}
