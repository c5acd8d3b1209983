/** What is done to the picture of a camera from outside, whatever it shows: it stands still, or it is black. */

import { describeThrown, driverBug } from '../../base/bug.ts';
import { isCompressed, isPredicted, memorySizes } from '../../pixel/index.ts';
import {
  type FrameShape,
  type FrameSource,
  type FrameTarget,
  JpegPatternSource,
  needsOthers,
  putFrame,
  stillPicture,
} from '../../sources/index.ts';
import { FramePainter, h264Picture, solid } from '../../tpg/index.ts';

/** Shared by all streams of a camera, and changed between two frames. */
export interface Shutter {
  frozen: boolean;
  blank: boolean;
}

const BLACK = solid('blank', { r: 0, g: 0, b: 0 });

function blackSource(shape: FrameShape): FrameSource {
  if (isPredicted(shape.info)) return stillPicture(shape, [h264Picture(BLACK, shape)]);
  if (isCompressed(shape.info)) return new JpegPatternSource(shape, BLACK);
  const painter = new FramePainter(shape.info, shape);
  const planes = shape.info.memory.length;
  return {
    shape,
    fill(target) {
      for (let n = 0; n < planes; n++) painter.paint(target.planeVaddr(n), n, BLACK);
    },
  };
}

/** A frame of somebody's that is kept. */
class KeptFrame implements FrameTarget {
  readonly #planes: readonly Uint8Array[];
  readonly #lengths: number[];
  flags = 0;

  /** For a frame that would go into `target`. */
  constructor({ info, width, height }: FrameShape, target: FrameTarget) {
    const sizes = isCompressed(info) ? [target.planeVaddr(0).length] : memorySizes(info, { width, height });
    this.#planes = sizes.map((bytes) => new Uint8Array(bytes));
    this.#lengths = [...sizes];
  }

  planeVaddr(n: number): Uint8Array {
    return this.#planes[n] as Uint8Array;
  }

  setPlanePayload(n: number, bytes: number): void {
    this.#lengths[n] = bytes;
  }

  copyTo(target: FrameTarget): void {
    if (this.flags !== 0) target.flags = this.flags;
    for (const [n, plane] of this.#planes.entries()) {
      const length = this.#lengths[n] as number;
      target.planeVaddr(n).set(length === plane.length ? plane : plane.subarray(0, length));
      target.setPlanePayload(n, length);
    }
  }
}

/** A stream behind the shutter of its camera. */
export class ShutteredStream {
  readonly #source: FrameSource;
  readonly #shutter: Shutter;
  readonly #name: string;
  /** The frame at which it froze, and whether there was one. */
  #kept: { readonly frame: KeptFrame; readonly isWhole: boolean } | undefined;
  #black: FrameSource | undefined;
  #hasBegun = false;

  /** `name` is that of the camera. */
  constructor(source: FrameSource, shutter: Shutter, name: string) {
    this.#source = source;
    this.#shutter = shutter;
    this.#name = name;
  }

  /** What covers the picture is there whenever it is wanted; but a stream begins with that of its source. */
  isReady(): boolean {
    const { blank, frozen } = this.#shutter;
    if (this.#hasBegun && (blank || (frozen && this.#kept !== undefined))) return true;
    this.#hasBegun = this.#source.isReady?.() ?? true;
    return this.#hasBegun;
  }

  /** As {@link putFrame}. What the source throws is no business of a program, which gets a frame with an error. */
  put(target: FrameTarget, number: number, time: number): boolean {
    try {
      return this.#put(target, number, time);
    } catch (thrown) {
      driverBug(`${this.#name}: what makes its frames threw ${describeThrown(thrown)}`);
      return false;
    }
  }

  #put(target: FrameTarget, number: number, time: number): boolean {
    const { frozen, blank } = this.#shutter;
    if (!frozen) this.#kept = undefined;
    if (!frozen && !blank) return putFrame(this.#source, target, number, time);
    // What it shows goes on meanwhile.
    if (!frozen || this.#kept !== undefined) this.#source.pass?.(number, time);
    else this.#keep(target, number, time);
    if (blank) return this.#putBlack(target);
    const kept = this.#kept;
    kept?.frame.copyTo(target);
    // One that was made of others cannot come twice: the stream stands still from the next one on that was not.
    if (kept !== undefined && needsOthers(kept.frame)) this.#kept = undefined;
    return kept?.isWhole ?? false;
  }

  end(): void {
    this.#source.end?.();
  }

  #keep(target: FrameTarget, number: number, time: number): void {
    const frame = new KeptFrame(this.#source.shape, target);
    this.#kept = { frame, isWhole: putFrame(this.#source, frame, number, time) };
  }

  #putBlack(target: FrameTarget): boolean {
    this.#black ??= blackSource(this.#source.shape);
    return putFrame(this.#black, target, 0, 0);
  }
}
