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
import { pixelFormat } from './formats.ts';

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

/** Makes the painter for frames of one shape; a driver makes a new one when the format changes. */
export function createBars(shape: TpgShape): BarsPainter {
  const { width, height, bytesperline } = shape;
  const format = pixelFormat(shape.fourcc);
  const pixelBytes = format.depth / 8;
  const rowBytes = width * pixelBytes;
  if (bytesperline < rowBytes)
    throw new RangeError(`bytesperline is ${bytesperline}, ${width} pixels need ${rowBytes}`);

  // A row cut out at an odd pixel has its pairs the other way round: such formats keep two lines.
  const lineCount = format.paired ? 2 : 1;
  const lineBytes = 2 * rowBytes;
  const rowStart = lineCount * lineBytes;
  const arena = new Uint8Array(rowStart + bytesperline);
  const row = arena.subarray(rowStart);
  const frameBytes = height * bytesperline;
  const blockBytes = rowsOfBlock(height, bytesperline) * bytesperline;
  // Rounded down, so where eight does not divide the width the first colours begin again at its end.
  const barWidth = Math.max(1, Math.floor(width / BAR_COUNT));
  let drawnInput = -1;
  let drawnAlpha = -1;

  function drawLines(input: number, alpha: number): void {
    const colors = barsOfInput[input];
    if (colors === undefined) throw new RangeError(`the test pattern has no input ${input}`);
    for (let parity = 0; parity < lineCount; parity++) {
      for (let x = 0; x < 2 * width; x++) {
        const color = colors[Math.floor(x / barWidth) % BAR_COUNT]!;
        const odd = ((x ^ parity) & 1) === 1;
        format.encode(arena, parity * lineBytes + x * pixelBytes, color, alpha, odd);
      }
    }
    drawnInput = input;
    drawnAlpha = alpha;
  }

  return {
    paint(destination, scroll, input, alpha = 0) {
      if (input !== drawnInput || alpha !== drawnAlpha) drawLines(input, alpha);
      const offset = scroll % width;
      const line = (offset % lineCount) * lineBytes + offset * pixelBytes;
      arena.copyWithin(rowStart, line, line + rowBytes);
      destination.set(row);
      for (let done = bytesperline; done < blockBytes; done *= 2)
        destination.copyWithin(done, 0, Math.min(done, blockBytes - done));
      for (let done = blockBytes; done < frameBytes; done += blockBytes)
        destination.copyWithin(done, 0, Math.min(blockBytes, frameBytes - done));
    },
  };
}
