/** What a webcam shows: its source, as its controls have it. */
import { prWarn } from '../../base/log.ts';
import type { Clock } from '../../base/timers.ts';
import { isCompressed, isPredicted } from '../../pixel/index.ts';
import {
  type FrameSource,
  type FrameTarget,
  type FrameView,
  type PaintedSource,
  type Playing,
  ProducedSource,
  type ProducerHost,
  putFrame,
  type SourceSpec,
} from '../../sources/index.ts';
import type { FrameFormat } from '../lib/frame-format.ts';
import type { TimePerFrame } from '../lib/frame-interval.ts';
import { patternPicture } from './pattern-picture.ts';
import type { WebcamView } from './webcam-ctrls.ts';
import { frameViewOf, WebcamLens } from './webcam-lens.ts';

/** Where frames come from, as the camera was described. */
export interface WebcamSource {
  readonly source: SourceSpec;
  readonly playing: Playing;
  readonly producers: ProducerHost | undefined;
  readonly clock: Clock;
  /** Who says what went wrong. */
  readonly label: string;
}

function producedPicture(
  format: FrameFormat,
  from: WebcamSource,
  interval: TimePerFrame,
  view: FrameView,
): ProducedSource {
  const { producers, clock, label, source, playing } = from;
  const { info, width, height, planeSizes } = format;
  const seen = isCompressed(info) ? { view } : {};
  if (producers === undefined) throw new Error(`${label} has nobody who makes its frames`);
  return new ProducedSource({
    shape: format,
    order: { source, playing, format: info.name, width, height, planeSizes, interval, ...seen },
    host: producers,
    clock,
    trouble: (text) => prWarn(`${label}: ${text}`),
  });
}

const isReady = (source: FrameSource): boolean => source.isReady?.() ?? true;

export class WebcamPicture implements PaintedSource {
  readonly shape: FrameFormat;
  readonly #view: WebcamView;
  readonly #lens: WebcamLens;
  readonly #ended: () => void;
  /** It may show something else at any time. */
  readonly #expected: { stop(): void } | undefined;
  #from: WebcamSource;
  #interval: TimePerFrame;
  /** How often the view had changed when JPEGs were ordered. */
  #changes: number;
  #source: FrameSource;
  /** What is to be shown as soon as it has something. */
  #next: FrameSource | undefined;

  constructor(
    format: FrameFormat,
    view: WebcamView,
    from: WebcamSource,
    interval: TimePerFrame,
    ended: () => void,
  ) {
    this.shape = format;
    this.#view = view;
    this.#lens = new WebcamLens(format, view);
    this.#from = from;
    this.#interval = interval;
    this.#changes = view.changes;
    this.#ended = ended;
    this.#source = this.#newPicture();
    this.#expected = from.producers?.expect?.(format.info.name);
  }

  isReady(): boolean {
    this.#turn();
    return isReady(this.#source);
  }

  /** Shows something else from its first frame on; until then what is shown goes on. */
  show(from: WebcamSource, interval: TimePerFrame): void {
    this.#from = from;
    this.#interval = interval;
    this.#changes = this.#view.changes;
    this.#next?.end?.();
    this.#next = this.#newPicture();
  }

  fill(target: FrameTarget, number: number, time: number): void {
    this.#turn();
    // Nothing can be changed about JPEGs: they are made as they are seen.
    if (isCompressed(this.shape.info)) putFrame(this.#source, target, number, time);
    else this.#lens.fill(this.#source, target, number, time);
  }

  pass(number: number, time: number): void {
    this.#turn();
    this.#source.pass?.(number, time);
  }

  /** Its frames went nowhere for a while. */
  cut(): void {
    this.#source.cut?.();
  }

  end(): void {
    this.#source.end?.();
    this.#next?.end?.();
    this.#expected?.stop();
    this.#ended();
  }

  #newPicture(): FrameSource {
    const { source } = this.#from;
    if (source.kind === 'pattern' && !isPredicted(this.shape.info))
      return patternPicture(this.shape, source.name, this.#view);
    return producedPicture(this.shape, this.#from, this.#interval, frameViewOf(this.#view));
  }

  /**
   * A control has changed how JPEGs are to be seen: who goes on making them is told; what stands for good, and those that came
   * from another camera as they are, are ordered anew.
   */
  #look(): void {
    this.#changes = this.#view.changes;
    const newest = this.#next ?? this.#source;
    if (!(newest instanceof ProducedSource)) return;
    const { kind } = this.#from.source;
    const isOnce = kind === 'still' || kind === 'qr' || kind === 'camera';
    if (isOnce && !isPredicted(this.shape.info)) this.show(this.#from, this.#interval);
    else newest.look(frameViewOf(this.#view));
  }

  #turn(): void {
    if (this.#changes !== this.#view.changes && isCompressed(this.shape.info)) this.#look();
    const newest = this.#next ?? this.#source;
    if (newest instanceof ProducedSource && newest.isOutdated) this.show(this.#from, this.#interval);
    if (this.#next === undefined || !isReady(this.#next)) return;
    this.#source.end?.();
    this.#source = this.#next;
    this.#next = undefined;
  }
}
