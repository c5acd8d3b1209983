/** What vivi shows: bars that scroll, other ones for each input, in the colours that are set, and text on them. */
import type { FrameShape, FrameTarget, PaintedSource } from '../../sources/index.ts';
import {
  adjust,
  BLACK,
  CaptionedPainter,
  type Pattern,
  type Rgb,
  recolored,
  type TextInk,
  viviBars,
  WHITE,
  whiteOnBlack,
} from '../../tpg/index.ts';
import { TEXT_LEFT, ViviOverlay } from './vivi-overlay.ts';
import type { ViviView } from './vivi-view.ts';

/** The bars move to the left by so many pixels a frame. */
const SCROLL_STEP = 2;

export class ViviPicture implements PaintedSource {
  readonly shape: FrameShape;
  readonly #view: ViviView;
  readonly #painter: CaptionedPainter;
  readonly #overlay: ViviOverlay;
  /** What was made of the settings, and of which: {@link ViviView.changes}. */
  #pattern = viviBars[0] as Pattern;
  #ink: TextInk = whiteOnBlack;
  #changes = -1;

  constructor(shape: FrameShape, view: ViviView) {
    this.shape = shape;
    this.#view = view;
    this.#painter = new CaptionedPainter(shape.info, shape, TEXT_LEFT);
    this.#overlay = new ViviOverlay(shape, view);
  }

  /** @kernel vivi_fillbuff */
  fill(target: FrameTarget, number: number, time: number): void {
    if (this.#view.changes !== this.#changes) this.#look();
    this.#painter.paint(target.planeVaddr(0), 0, {
      pattern: this.#pattern,
      scroll: number * SCROLL_STEP,
      captions: this.#overlay.linesAt(time),
      ink: this.#ink,
    });
  }

  /** The colours of bars and text follow the settings: all of them are in one small palette. @kernel precalculate_bars */
  #look(): void {
    const { settings, changes } = this.#view;
    const seen = (color: Rgb) => adjust(color, settings);
    this.#pattern = recolored(viviBars[settings.input] as Pattern, seen);
    this.#ink = { text: seen(WHITE), ground: seen(BLACK), alpha: settings.alpha };
    this.#overlay.refresh();
    this.#changes = changes;
  }
}
