import type { FrameShape, FrameTarget, PaintedSource } from '../../sources/index.ts';
import {
  createTextPainter,
  FramePainter,
  GLYPH_HEIGHT,
  GLYPH_WIDTH,
  type Pattern,
  type TextPainter,
  viviBars,
} from '../../tpg/index.ts';

const NS_PER_MS = 1_000_000;
/** The bars move to the left by so many pixels a frame. */
const SCROLL_STEP = 2;
const TEXT_LEFT = 16;

const two = (n: number) => String(n).padStart(2, '0');

/** `HH:MM:SS:mmm` of a time in the stream. */
function streamTime(nanoseconds: number): string {
  const ms = Math.floor(nanoseconds / NS_PER_MS);
  const s = Math.floor(ms / 1000);
  const hours = two(Math.floor(s / 3600) % 24);
  return `${hours}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}:${String(ms % 1000).padStart(3, '0')}`;
}

/** What is chosen at the camera. It may change while frames are made: the next one shows the other bars. */
export interface ViviView {
  input: number;
}

/** What vivi shows: bars that scroll, other ones for each input, and on them the time and what there is to see. */
export class ViviPicture implements PaintedSource {
  readonly shape: FrameShape;
  readonly #view: ViviView;
  readonly #bars: FramePainter;
  readonly #text: TextPainter;
  /** The second line of the text, kept because it rarely changes, and the input that it tells of. */
  #format = '';
  #input = -1;

  constructor(shape: FrameShape, bytesperline: number, view: ViviView) {
    const { info, width, height } = shape;
    this.shape = shape;
    this.#view = view;
    this.#bars = new FramePainter(info, shape);
    this.#text = createTextPainter({ fourcc: info.fourcc, width, height, bytesperline });
  }

  /** @kernel vivi_fillbuff */
  fill(target: FrameTarget, number: number, time: number): void {
    const { input } = this.#view;
    if (input !== this.#input) this.#look(input);
    const frame = target.planeVaddr(0);
    this.#bars.paint(frame, 0, viviBars[input] as Pattern, number * SCROLL_STEP);
    this.#drawText(frame, 1, ` ${streamTime(time)} `);
    this.#drawText(frame, 2, this.#format);
    this.#drawText(frame, 3, ` frame ${number} `);
  }

  #look(input: number): void {
    this.#input = input;
    this.#format = ` ${this.shape.width}x${this.shape.height}, input ${input} `;
  }

  /** A line that does not fit into the frame as a whole is left out. */
  #drawText(frame: Uint8Array, line: number, text: string): void {
    const { width, height } = this.shape;
    const y = line * GLYPH_HEIGHT;
    if (y + GLYPH_HEIGHT >= height || TEXT_LEFT + text.length * GLYPH_WIDTH >= width) return;
    this.#text.drawText(frame, TEXT_LEFT, y, text);
  }
}
