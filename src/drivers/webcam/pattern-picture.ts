/** A test pattern in front of a webcam. */
import { isCompressed } from '../../pixel/index.ts';
import {
  type FrameTarget,
  JpegPatternSource,
  MovingPattern,
  type PaintedSource,
  patternNamed,
} from '../../sources/index.ts';
import { adjust, type Pattern, recolored } from '../../tpg/index.ts';
import type { FrameFormat } from '../lib/frame-format.ts';
import type { WebcamView } from './webcam-ctrls.ts';
import { frameViewOf } from './webcam-lens.ts';

/** It moves to the left by so many pixels a frame; as a JPEG by sixteen, as chroma is. */
const SCROLL_STEP = 2;

/** As JPEGs: made anew when a control has changed what is seen of it, as nothing can be changed about them later. */
class JpegPatternPicture implements PaintedSource {
  readonly shape: FrameFormat;
  readonly #pattern: Pattern;
  readonly #view: WebcamView;
  #changes: number;
  #seen: JpegPatternSource;

  constructor(shape: FrameFormat, pattern: Pattern, view: WebcamView) {
    this.shape = shape;
    this.#pattern = pattern;
    this.#view = view;
    this.#changes = view.changes;
    this.#seen = this.#look();
  }

  fill(target: FrameTarget, number: number): void {
    if (this.#changes !== this.#view.changes) this.#seen = this.#look();
    this.#changes = this.#view.changes;
    this.#seen.fill(target, number);
  }

  #look(): JpegPatternSource {
    const view = frameViewOf(this.#view);
    const pattern = recolored(this.#pattern, (color) => adjust(color, view));
    return new JpegPatternSource(this.shape, pattern, view);
  }
}

/** The pattern of this name, which there is. */
export function patternPicture(shape: FrameFormat, name: string, view: WebcamView): PaintedSource {
  const pattern = patternNamed(name);
  return isCompressed(shape.info)
    ? new JpegPatternPicture(shape, pattern, view)
    : new MovingPattern(shape, pattern, SCROLL_STEP);
}
