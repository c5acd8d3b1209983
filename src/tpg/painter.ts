/**
 * The colour bars. All rows of a frame are equal, so a frame is painted in steps of growing size: two widths
 * of bars are drawn once for an input (and kept), the row that the scroll position shows is cut out of them,
 * some rows fill the start of the frame, and the rest of the frame is copied from there. The rows that are
 * copied stay in the first level cache, so a frame costs its stores and hardly any loads: less than a memcpy
 * of the same bytes from somewhere else.
 *
 * Nothing is allocated after {@link createBars}.
 */
import { BAR_COUNT, barsOfInput } from './colors.ts';
import { type PixelFormat, pixelFormat } from './formats.ts';

/** The shape of a frame. `bytesperline` may be larger than the pixels of a line need. */
export interface TpgShape {
  readonly fourcc: number;
  readonly width: number;
  readonly height: number;
  readonly bytesperline: number;
}

export interface BarsPainter {
  /**
   * Fills a frame with the bars of `input`, moved `scroll` pixels to the left; `alpha` goes into the formats
   * that have such a component. Writes `height * bytesperline` bytes from the start of `destination`, padding
   * at the end of lines (as zeros) included, and nothing else. `scroll` counts up without end: the pattern
   * comes again after `width` pixels.
   */
  paint(destination: Uint8Array, scroll: number, input: number, alpha?: number): void;
}

/**
 * How many bytes of a frame are the source of the rest. Measured (Zen 4, glibc 2.36, 1080p): 4 to 8 KiB is the
 * fastest; from 16 KiB on the source no longer stays in the first level cache, and a frame takes 1.7 times as
 * long. It takes twice as long when source and destination of a copy do not lie alike within 32 bytes: taking
 * the source from the frame itself, a multiple of 32 bytes long, puts them alike wherever the frame lies.
 */
const BLOCK_BYTES = 8 * 1024;
const BLOCK_ALIGN = 32;

function rowsOfBlock(height: number, bytesperline: number): number {
  let step = 1;
  while ((step * bytesperline) % BLOCK_ALIGN !== 0) step *= 2;
  const rows = Math.max(1, Math.floor(BLOCK_BYTES / (step * bytesperline))) * step;
  return Math.min(height, rows);
}

class Bars implements BarsPainter {
  readonly #format: PixelFormat;
  readonly #width: number;
  readonly #rowBytes: number;
  readonly #bytesperline: number;
  readonly #frameBytes: number;
  readonly #blockBytes: number;
  /** A row cut out at an odd pixel has its pairs the other way round: such formats keep two lines. */
  readonly #lineCount: number;
  /** The lines, two widths long each, and behind them the row as it lies in the frame. */
  readonly #arena: Uint8Array;
  readonly #rowStart: number;
  readonly #row: Uint8Array;
  #drawnInput = -1;
  #drawnAlpha = -1;

  constructor({ fourcc, width, height, bytesperline }: TpgShape) {
    this.#format = pixelFormat(fourcc);
    this.#width = width;
    this.#rowBytes = (width * this.#format.depth) / 8;
    if (bytesperline < this.#rowBytes)
      throw new RangeError(`bytesperline is ${bytesperline}, ${width} pixels need ${this.#rowBytes}`);
    this.#bytesperline = bytesperline;
    this.#frameBytes = height * bytesperline;
    this.#blockBytes = rowsOfBlock(height, bytesperline) * bytesperline;
    this.#lineCount = this.#format.paired ? 2 : 1;
    this.#rowStart = this.#lineCount * 2 * this.#rowBytes;
    this.#arena = new Uint8Array(this.#rowStart + bytesperline);
    this.#row = this.#arena.subarray(this.#rowStart);
  }

  paint(destination: Uint8Array, scroll: number, input: number, alpha = 0): void {
    if (input !== this.#drawnInput || alpha !== this.#drawnAlpha) this.#drawLines(input, alpha);
    this.#cutRow(scroll % this.#width);
    destination.set(this.#row);
    const block = this.#blockBytes;
    for (let done = this.#bytesperline; done < block; done *= 2)
      destination.copyWithin(done, 0, Math.min(done, block - done));
    const end = this.#frameBytes;
    for (let done = block; done < end; done += block)
      destination.copyWithin(done, 0, Math.min(block, end - done));
  }

  #drawLines(input: number, alpha: number): void {
    const colors = barsOfInput[input];
    if (colors === undefined) throw new RangeError(`the test pattern has no input ${input}`);
    const pixels = 2 * this.#width;
    const pixelBytes = this.#format.depth / 8;
    // Rounded down, so where eight does not divide the width the first colours begin again at its end.
    const barWidth = Math.max(1, Math.floor(this.#width / BAR_COUNT));
    for (let parity = 0; parity < this.#lineCount; parity++) {
      for (let x = 0; x < pixels; x++) {
        const color = colors[Math.floor(x / barWidth) % BAR_COUNT]!;
        const odd = ((x ^ parity) & 1) === 1;
        this.#format.encode(this.#arena, (parity * pixels + x) * pixelBytes, color, alpha, odd);
      }
    }
    this.#drawnInput = input;
    this.#drawnAlpha = alpha;
  }

  /** Puts the row that begins `offset` pixels into the line where the frame takes it from. */
  #cutRow(offset: number): void {
    const line = (offset % this.#lineCount) * 2 * this.#rowBytes;
    const start = line + (offset * this.#format.depth) / 8;
    this.#arena.copyWithin(this.#rowStart, start, start + this.#rowBytes);
  }
}

/** Makes the painter for frames of one shape; a driver makes a new one when the format changes. */
export function createBars(shape: TpgShape): BarsPainter {
  return new Bars(shape);
}
