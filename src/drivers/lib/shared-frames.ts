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
  readonly #readers = new Set<object>();
  /** The first of those that stream: the frames are its. */
  #leader: object | undefined;
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
    this.#leader ??= reader;
    this.#turn();
  }

  /** It streams no longer, and what it showed has ended. */
  stopped(reader: object): void {
    this.#readers.delete(reader);
    if (this.#leader === reader) [this.#leader] = this.#readers;
    this.#turn();
  }

  /** It is the first of all that stream. */
  leads(reader: object): boolean {
    return this.#leader === reader;
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
    const planes = this.#camera.format.planeSizes.length;
    let first: RingTarget | undefined;
    for (const target of this.#targets.values()) {
      if (!target.hasRoom) continue;
      if (first !== undefined) copyFrame(first, target, planes);
      else if (stream.put(target, number, time)) first = target;
      else return;
    }
    first?.publish();
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
    const runs = this.#targets.size > 0 && this.#leader === undefined;
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
