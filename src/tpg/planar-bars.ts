/**
 * The bars of the test pattern in formats whose components lie in planes of their own. All rows are equal, so a
 * row of the test pattern is painted once for a frame, taken apart, and each plane is filled with its part.
 */
import { V4L2_PIX_FMT_YUYV } from '../abi/index.ts';
import { type BarsPainter, createBars } from './index.ts';

/** What a plane holds: luma, or one or both chroma components (in this order). */
export type PlaneContent = 'y' | 'u' | 'v' | 'uv' | 'vu';

export interface PlaneShape {
  readonly content: PlaneContent;
  /** Rows of the frame for one row of the plane: 2 for the chroma of 4:2:0. */
  readonly vertical: 1 | 2;
}

/** Pixels that share their chroma, and the bytes of such a pair in the row that is taken apart. */
const PAIR = 2;
const PAIR_BYTES = 4;
const LUMA_STEP = 2;
const U = 1;
const V = 3;

function pairsOf(width: number): number {
  return Math.ceil(width / PAIR);
}

/** Bytes of a line of a plane without padding. */
export function planeLine({ content }: PlaneShape, width: number): number {
  if (content === 'y') return width;
  return pairsOf(width) * content.length;
}

/** Lines of a plane. */
export function planeLines({ vertical }: PlaneShape, height: number): number {
  return Math.ceil(height / vertical);
}

/** Bytes of a plane without padding. */
export function planeBytes(plane: PlaneShape, width: number, height: number): number {
  return planeLine(plane, width) * planeLines(plane, height);
}

/** Fills the planes of frames of one size. Nothing is allocated after the constructor. */
export class PlanarBars {
  readonly #width: number;
  readonly #height: number;
  readonly #bars: BarsPainter;
  readonly #row: Uint8Array;

  constructor(width: number, height: number) {
    this.#width = width;
    this.#height = height;
    const even = pairsOf(width) * PAIR;
    const bytesperline = even * LUMA_STEP;
    this.#row = new Uint8Array(bytesperline);
    this.#bars = createBars({ fourcc: V4L2_PIX_FMT_YUYV, width: even, height: 1, bytesperline });
  }

  /** The picture of the frames to come: the bars of `input`, moved `scroll` pixels to the left. */
  select(scroll: number, input: number): void {
    this.#bars.paint(this.#row, scroll, input);
  }

  /** Writes a whole plane from byte `at` of `destination` on. */
  fill(destination: Uint8Array, at: number, plane: PlaneShape): void {
    const line = planeLine(plane, this.#width);
    const end = at + line * planeLines(plane, this.#height);
    this.#paintLine(destination, at, plane.content);
    // Each copy doubles what is there, so that a plane takes few of them.
    for (let done = line; at + done < end; done *= 2)
      destination.copyWithin(at + done, at, at + Math.min(done, end - at - done));
  }

  #paintLine(destination: Uint8Array, at: number, content: PlaneContent): void {
    if (content === 'y') {
      for (let x = 0; x < this.#width; x++) destination[at + x] = this.#row[LUMA_STEP * x] as number;
      return;
    }
    const first = content.startsWith('u') ? U : V;
    const step = content.length;
    for (let pair = 0; pair < pairsOf(this.#width); pair++) {
      destination[at + step * pair] = this.#row[PAIR_BYTES * pair + first] as number;
      if (step === PAIR)
        destination[at + step * pair + 1] = this.#row[PAIR_BYTES * pair + U + V - first] as number;
    }
  }
}
