/** What a webcam shows. */

import { prWarn } from '../../base/log.ts';
import type { Clock } from '../../base/timers.ts';
import { FrameZoom, isCompressed } from '../../pixel/index.ts';
import {
  type FrameSource,
  type FrameTarget,
  MovingPattern,
  type PaintedSource,
  type Playing,
  ProducedSource,
  type ProducerHost,
  putFrame,
  type SourceSpec,
} from '../../sources/index.ts';
import { FramePainter, JpegPattern, type Pattern, patterns, solid } from '../../tpg/index.ts';
import type { FrameFormat } from '../lib/frame-format.ts';
import type { TimePerFrame } from '../lib/frame-interval.ts';
import type { WebcamView } from './webcam-ctrls.ts';

/** A pattern moves to the left by so many pixels a frame; as a JPEG by a block of eight. */
const SCROLL_STEP = 2;

const BLACK = solid('privacy', { r: 0, g: 0, b: 0 });

/** Where frames come from, as the camera was described. */
export interface WebcamSource {
  readonly source: SourceSpec;
  readonly playing: Playing;
  readonly producers: ProducerHost | undefined;
  readonly clock: Clock;
  /** Who says what went wrong. */
  readonly label: string;
}

/** A pattern as JPEG. */
class JpegPicture implements PaintedSource {
  readonly shape: FrameFormat;
  readonly #pattern: JpegPattern;

  constructor(shape: FrameFormat, pattern: Pattern) {
    this.shape = shape;
    this.#pattern = new JpegPattern(pattern, shape.width, shape.height);
  }

  fill(target: FrameTarget, number: number): void {
    target.setPlanePayload(0, this.#pattern.paint(target.planeVaddr(0), number));
  }
}

function patternPicture(format: FrameFormat, name: string): PaintedSource {
  const pattern = patterns.find((each) => each.name === name) as Pattern;
  return isCompressed(format.info)
    ? new JpegPicture(format, pattern)
    : new MovingPattern(format, pattern, SCROLL_STEP);
}

function producedPicture(format: FrameFormat, interval: TimePerFrame, from: WebcamSource): FrameSource {
  const { producers, clock, label, source, playing } = from;
  const { info, width, height, planeSizes } = format;
  if (producers === undefined) throw new Error(`${label} has nobody who makes its frames`);
  return new ProducedSource({
    shape: format,
    order: { source, playing, format: info.name, width, height, planeSizes, interval },
    host: producers,
    clock,
    trouble: (text) => prWarn(`${label}: ${text}`),
  });
}

/** What is seen before the camera zooms in. */
class Lens implements FrameTarget {
  readonly zoom: FrameZoom;
  readonly planes: readonly Uint8Array[];

  constructor(format: FrameFormat) {
    this.zoom = new FrameZoom(format.info, format);
    this.planes = format.planeSizes.map((bytes) => new Uint8Array(bytes));
  }

  planeVaddr(n: number): Uint8Array {
    return this.planes[n] as Uint8Array;
  }

  setPlanePayload(): void {
    // All of it: that of the frame was said when the buffer was queued.
  }
}

function pictureOf(format: FrameFormat, interval: TimePerFrame, from: WebcamSource): FrameSource {
  if (from.source.kind === 'pattern') return patternPicture(format, from.source.name);
  return producedPicture(format, interval, from);
}

const isReady = (source: FrameSource): boolean => source.isReady?.() ?? true;

/** The picture of its source, black while the lid is shut. */
export class WebcamPicture implements PaintedSource {
  readonly shape: FrameFormat;
  readonly #view: WebcamView;
  readonly #interval: TimePerFrame;
  #source: FrameSource;
  /** What is to be shown as soon as it has something. */
  #next: FrameSource | undefined;
  #black: PaintedSource | undefined;
  #lens: Lens | undefined;
  readonly #ended: (picture: WebcamPicture) => void;

  constructor(
    format: FrameFormat,
    interval: TimePerFrame,
    view: WebcamView,
    from: WebcamSource,
    ended: (picture: WebcamPicture) => void,
  ) {
    this.#ended = ended;
    this.shape = format;
    this.#view = view;
    this.#interval = interval;
    this.#source = pictureOf(format, interval, from);
  }

  isReady(): boolean {
    this.#turn();
    return isReady(this.#source);
  }

  /** Shows something else from its first frame on; until then what is shown goes on. */
  show(from: WebcamSource): void {
    this.#next?.end?.();
    this.#next = pictureOf(this.shape, this.#interval, from);
  }

  fill(target: FrameTarget, number: number, time: number): void {
    this.#turn();
    // What it shows goes on behind the lid.
    if (this.#view.zoom > 100 && !isCompressed(this.shape.info)) this.#fillEnlarged(target, number, time);
    else putFrame(this.#source, target, number, time);
    if (!this.#view.privacy) return;
    this.#black ??= blackPicture(this.shape);
    this.#black.fill(target, 0, 0);
  }

  /** The camera has zoomed in: its source paints elsewhere, and a part of that is the frame. */
  #fillEnlarged(target: FrameTarget, number: number, time: number): void {
    this.#lens ??= new Lens(this.shape);
    const { zoom, pan, tilt } = this.#view;
    this.#lens.zoom.view = { zoom, x: pan, y: -tilt };
    putFrame(this.#source, this.#lens, number, time);
    for (const [n, plane] of this.#lens.planes.entries())
      this.#lens.zoom.enlarge(n, plane, target.planeVaddr(n));
  }

  end(): void {
    this.#source.end?.();
    this.#next?.end?.();
    this.#ended(this);
  }

  #turn(): void {
    if (this.#next === undefined || !isReady(this.#next)) return;
    this.#source.end?.();
    this.#source = this.#next;
    this.#next = undefined;
  }
}

function blackPicture(format: FrameFormat): PaintedSource {
  if (isCompressed(format.info)) return new JpegPicture(format, BLACK);
  const painter = new FramePainter(format.info, format);
  return {
    shape: format,
    fill(target) {
      for (let n = 0; n < format.planeSizes.length; n++) painter.paint(target.planeVaddr(n), n, BLACK);
    },
  };
}
