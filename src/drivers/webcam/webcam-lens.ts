/** What a webcam makes of the picture in front of it, in frames that are not compressed. */
import { FrameZoom } from '../../pixel/index.ts';
import {
  type FrameSource,
  type FrameTarget,
  type FrameView,
  isAdjusted,
  isZoomed,
  putFrame,
} from '../../sources/index.ts';
import { FrameAdjuster } from '../../tpg/index.ts';
import type { FrameFormat } from '../lib/frame-format.ts';
import type { WebcamView } from './webcam-ctrls.ts';

/** Now, as values that do not change. A camera that looks up shows more of the top. */
export function frameViewOf(view: WebcamView): FrameView {
  const { zoom, pan, tilt, brightness, contrast, saturation, hue } = view;
  return { zoom, x: pan, y: -tilt, brightness, contrast, saturation, hue };
}

/** What is seen before the camera zooms in. */
class WholePicture implements FrameTarget {
  readonly planes: readonly Uint8Array[];

  constructor({ planeSizes }: FrameFormat) {
    this.planes = planeSizes.map((bytes) => new Uint8Array(bytes));
  }

  planeVaddr(n: number): Uint8Array {
    return this.planes[n] as Uint8Array;
  }

  setPlanePayload(): void {
    // All of it: that of the frame was said when the buffer was queued.
  }
}

export class WebcamLens {
  readonly #format: FrameFormat;
  readonly #view: WebcamView;
  #changes = -1;
  #whole: WholePicture | undefined;
  #zoom: FrameZoom | undefined;
  #adjuster: FrameAdjuster | undefined;

  constructor(format: FrameFormat, view: WebcamView) {
    this.#format = format;
    this.#view = view;
  }

  fill(source: FrameSource, target: FrameTarget, number: number, time: number): void {
    if (this.#changes !== this.#view.changes) this.#look();
    if (this.#zoom === undefined) putFrame(source, target, number, time);
    else this.#fillEnlarged(this.#zoom, source, target, number, time);
    this.#adjuster?.apply(target);
  }

  /** A control has changed: there is a zoom and an adjuster while there is something for them to do. */
  #look(): void {
    const { info } = this.#format;
    const view = frameViewOf(this.#view);
    this.#changes = this.#view.changes;
    this.#zoom = isZoomed(view) ? (this.#zoom ?? new FrameZoom(info, this.#format)) : undefined;
    if (this.#zoom !== undefined) this.#zoom.view = view;
    this.#adjuster = isAdjusted(view) ? (this.#adjuster ?? new FrameAdjuster(info, this.#format)) : undefined;
    if (this.#adjuster !== undefined) this.#adjuster.adjustment = view;
  }

  /** Its source paints elsewhere, and a part of that is the frame. */
  #fillEnlarged(
    zoom: FrameZoom,
    source: FrameSource,
    target: FrameTarget,
    number: number,
    time: number,
  ): void {
    this.#whole ??= new WholePicture(this.#format);
    putFrame(source, this.#whole, number, time);
    for (const [n, plane] of this.#whole.planes.entries()) zoom.enlarge(n, plane, target.planeVaddr(n));
  }
}
