/**
 * Painting a pattern into frames. Most rows of a pattern are equal, so a frame is painted in steps of growing size:
 * two widths of each line that differs are packed once (and kept), the row that the scroll position shows is cut out
 * of them, some rows fill the start of the plane, and the rest is copied from there. The rows that are copied stay in
 * the first level cache, so a frame costs its stores and hardly any loads: less than a memcpy of the same bytes from
 * somewhere else.
 *
 * Nothing is allocated for a frame that shows the same pattern as the one before.
 */
import {
  type FormatInfo,
  type FrameSize,
  formatInfo,
  lineBytes,
  type PlaneInfo,
  planeBytes,
  planeLines,
} from '../pixel/index.ts';
import { canPack, packLine } from './packers.ts';
import { type Pattern, viviBars } from './patterns.ts';

/**
 * How many bytes of a frame are the source of the rest. The source has to stay in the first level cache together with
 * what is written until it is read again, so two of these have to fit. Measured (glibc 2.36, 1080p), with 32 KiB of it
 * (Zen 4): from 16 KiB on a frame takes 1.7 times as long as with 8; with 48 KiB of it (Zen 5): with 8 KiB it takes 1.4
 * times as long as with 16, because there are more copies. It takes twice as long when source and destination of a copy do not lie alike within 32 bytes: taking
 * the source from the frame itself, a multiple of 32 bytes long, puts them alike wherever the frame lies.
 */
const BLOCK_BYTES = 12 * 1024;
const BLOCK_ALIGN = 32;
const WORD = Uint32Array.BYTES_PER_ELEMENT;

/** Rows of the plane after which a pattern comes again that does so after `period` rows of the frame. */
function periodOf({ rows }: PlaneInfo, { period }: Pattern): number {
  let common = rows;
  while (common % period !== 0) common += rows;
  return common / rows;
}

/** One plane of frames of one shape. */
export class PlanePainter {
  readonly #plane: PlaneInfo;
  readonly #width: number;
  readonly #height: number;
  readonly #rowBytes: number;
  readonly #bytesperline: number;
  readonly #groups: number;
  /** The pattern that is drawn, and what it was drawn with. */
  #pattern: Pattern | undefined;
  #alpha = 0;
  #periodBytes = 0;
  #blockBytes = 0;
  /**
   * Every line, two widths long, and each once for each pixel of a group that may come first: cut out at an odd pixel,
   * pairs are others. Behind them the row as it lies in the frame.
   */
  #arena = new Uint8Array(0);
  #row = this.#arena;
  #words = new Uint32Array(0);
  /** The words of the line at #stepLine that are others #step bytes on. */
  readonly #differences: number[] = [];
  #step = -1;
  #stepLine = 0;

  constructor(plane: PlaneInfo, { width, height }: FrameSize, bytesperline = lineBytes(plane, width)) {
    this.#plane = plane;
    this.#width = width;
    this.#height = planeLines(plane, height);
    this.#rowBytes = lineBytes(plane, width);
    if (bytesperline < this.#rowBytes)
      throw new RangeError(`bytesperline is ${bytesperline}, ${width} pixels need ${this.#rowBytes}`);
    this.#bytesperline = bytesperline;
    this.#groups = 2 * Math.ceil(width / plane.pixels);
  }

  /**
   * Writes a whole plane from byte `at` of `destination` on: `pattern`, moved `scroll` pixels to the left, with `alpha`
   * in the formats that have it; padding at the end of lines as zeros, and nothing else. `scroll` counts up without end:
   * the pattern comes again after a width. With `rows` only so many rows, from the top of the pattern.
   */
  paint(
    destination: Uint8Array,
    at: number,
    pattern: Pattern,
    scroll: number,
    alpha: number,
    rows = this.#height,
  ): void {
    if (pattern !== this.#pattern || alpha !== this.#alpha) this.#draw(pattern, alpha);
    const end = rows * this.#bytesperline;
    const period = Math.min(this.#periodBytes, end);
    const block = Math.min(this.#blockBytes, end);
    this.#paintPeriod(destination, at, pattern, scroll % this.#width, period);
    for (let done = period; done < block; done *= 2)
      destination.copyWithin(at + done, at, at + Math.min(done, block - done));
    for (let done = block; done < end; done += block)
      destination.copyWithin(at + done, at, at + Math.min(block, end - done));
  }

  /** Copies the first row as {@link paint} writes it. */
  cutRow(destination: Uint8Array, pattern: Pattern, scroll: number, alpha: number): void {
    if (pattern !== this.#pattern || alpha !== this.#alpha) this.#draw(pattern, alpha);
    this.#cutRow(pattern.lineOf(0), scroll % this.#width);
    destination.set(this.#row);
  }

  /**
   * The pattern has moved on since `row` was cut at `before`: takes over the words that are others now, writes to `columns` which
   * they are, and gives how many. A few edges of bars move, so this looks at what differs in the line that rows are cut
   * from, which is the same in each frame, and not at the row. Gives -1, and does nothing, where rows begin within words of it.
   */
  moveRow(
    row: Uint32Array,
    columns: Uint32Array,
    pattern: Pattern,
    before: number,
    scroll: number,
    alpha: number,
  ): number {
    const { pixels, bytes } = this.#plane;
    const isKnown = pattern === this.#pattern && alpha === this.#alpha;
    if (!isKnown || scroll % pixels !== before % pixels || this.#width % pixels !== 0) return -1;
    const offset = before % this.#width;
    const moved = scroll - before;
    // What lies to the right of a width is not what comes again after it, but where the pattern divides the width.
    if (moved < 0 || offset + moved >= this.#width) return -1;
    const from = this.#startOf(pattern.lineOf(0), offset);
    const step = (moved / pixels) * bytes;
    const lineBytes = this.#groups * bytes;
    const line = from - (from % lineBytes);
    if (from % WORD !== 0 || step % WORD !== 0 || line % WORD !== 0) return -1;
    if (step !== this.#step || line !== this.#stepLine) this.#findDifferences(line, lineBytes, step);
    const start = from / WORD;
    const words = this.#words;
    let count = 0;
    for (let i = 0; i < this.#differences.length; i++) {
      const at = this.#differences[i] as number;
      const column = at - start;
      if (column < 0 || column >= row.length) continue;
      row[column] = words[at + step / WORD] as number;
      columns[count++] = column;
    }
    return count;
  }

  /** The words of a line that are others `step` bytes on. */
  #findDifferences(line: number, lineBytes: number, step: number): void {
    const words = this.#words;
    const shift = step / WORD;
    const end = (line + lineBytes) / WORD - shift;
    this.#differences.length = 0;
    for (let at = line / WORD; at < end; at++)
      if (words[at] !== words[at + shift]) this.#differences.push(at);
    this.#step = step;
    this.#stepLine = line;
  }

  /** The rows until the pattern comes again, `end` bytes, each line cut out once. */
  #paintPeriod(destination: Uint8Array, at: number, pattern: Pattern, offset: number, end: number): void {
    let last = -1;
    for (let done = 0, y = 0; done < end; done += this.#bytesperline, y += this.#plane.rows) {
      const line = pattern.lineOf(y);
      if (line === last) {
        const before = at + done - this.#bytesperline;
        destination.copyWithin(at + done, before, before + this.#bytesperline);
        continue;
      }
      this.#cutRow(line, offset);
      destination.set(this.#row, at + done);
      last = line;
    }
  }

  #draw(pattern: Pattern, alpha: number): void {
    const { pixels, bytes } = this.#plane;
    const lineLength = this.#groups * bytes;
    const rowStart = pattern.lines * pixels * lineLength;
    this.#arena = new Uint8Array(rowStart + this.#bytesperline);
    this.#row = this.#arena.subarray(rowStart);
    this.#words = new Uint32Array(this.#arena.buffer, 0, Math.floor(this.#arena.length / WORD));
    this.#step = -1;
    for (let line = 0; line < pattern.lines; line++) {
      const colors = (x: number) => pattern.color(x, line, this.#width);
      for (let first = 0; first < pixels; first++) {
        const at = (line * pixels + first) * lineLength;
        packLine(this.#plane, this.#arena, at, this.#groups, colors, { first, alpha });
      }
    }
    this.#measure(periodOf(this.#plane, pattern));
    this.#pattern = pattern;
    this.#alpha = alpha;
  }

  #measure(period: number): void {
    let step = period;
    while ((step * this.#bytesperline) % BLOCK_ALIGN !== 0) step *= 2;
    const rows = Math.max(1, Math.floor(BLOCK_BYTES / (step * this.#bytesperline))) * step;
    this.#periodBytes = Math.min(this.#height, period) * this.#bytesperline;
    this.#blockBytes = Math.min(this.#height, rows) * this.#bytesperline;
  }

  /** Puts the row that begins `offset` pixels into a line where the frame takes it from. */
  #cutRow(line: number, offset: number): void {
    const start = this.#startOf(line, offset);
    this.#arena.copyWithin(this.#row.byteOffset, start, start + this.#rowBytes);
  }

  /** Where the row that begins `offset` pixels into a line is cut from. */
  #startOf(line: number, offset: number): number {
    const { pixels, bytes } = this.#plane;
    const first = offset % pixels;
    return (line * pixels + first) * this.#groups * bytes + ((offset - first) / pixels) * bytes;
  }
}

/** A whole frame of any format that can be painted, in one or several planes of memory, without padding. */
export class FramePainter {
  readonly #memory: readonly (readonly { readonly painter: PlanePainter; readonly at: number }[])[];

  constructor(info: FormatInfo, size: FrameSize) {
    if (!canPack(info)) throw new RangeError(`the test pattern cannot be painted in ${info.name}`);
    this.#memory = info.memory.map((planes) => {
      let end = 0;
      return planes.map((plane) => {
        const at = end;
        end += planeBytes(plane, size);
        return { painter: new PlanePainter(plane, size), at };
      });
    });
  }

  /** Fills plane `n` of memory. See {@link PlanePainter.paint}. */
  paint(destination: Uint8Array, n: number, pattern: Pattern, scroll = 0, alpha = 0): void {
    for (const { painter, at } of this.#memory[n] ?? [])
      painter.paint(destination, at, pattern, scroll, alpha);
  }
}

/** The shape of a frame of one packed plane. `bytesperline` may be larger than the pixels of a line need. */
export interface TpgShape extends FrameSize {
  readonly fourcc: number;
  readonly bytesperline: number;
}

/** The plane of a packed format that can be painted. */
export function packedPlane(fourcc: number): PlaneInfo {
  const info = formatInfo(fourcc);
  const [plane, ...more] = info !== undefined && canPack(info) ? info.memory.flat() : [];
  if (plane === undefined || more.length > 0)
    throw new RangeError(`the test pattern has no packed format 0x${fourcc.toString(16)}`);
  return plane;
}

export interface BarsPainter {
  /** Fills a frame with the bars of `input`, from the start of `destination`. See {@link PlanePainter.paint}. */
  paint(destination: Uint8Array, scroll: number, input: number, alpha?: number): void;
}

/** Makes the painter of vivi's bars for packed frames of one shape. */
export function createBars(shape: TpgShape): BarsPainter {
  const painter = new PlanePainter(packedPlane(shape.fourcc), shape, shape.bytesperline);
  return {
    paint(destination, scroll, input, alpha = 0) {
      const pattern = viviBars[input];
      if (pattern === undefined) throw new RangeError(`the test pattern has no input ${input}`);
      painter.paint(destination, 0, pattern, scroll, alpha);
    },
  };
}
