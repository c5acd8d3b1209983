/**
 * On-screen text. A frame can carry hundreds of characters and most of them are the same from frame to frame, so pixels
 * are not drawn one by one: a table holds the bytes of every row a glyph can have (256 of them), a line of text is put
 * together from it in a strip of memory, in which only the characters that changed are written anew, and the rows of the
 * strip are copied into each frame. Each plane of a format has its own table and strips.
 */
import {
  type FormatInfo,
  type FrameSize,
  isChroma,
  lineBytes,
  type PlaneInfo,
  planeBytes,
  planeLines,
} from '../pixel/index.ts';
import { BLACK, type Rgb, WHITE } from './colors.ts';
import { GLYPH_HEIGHT, GLYPH_WIDTH, glyphRow } from './font.ts';
import { canPack, packLine } from './packers.ts';

/** What text is drawn with. Both colours are shades of grey: text lies on chroma that pixels share. */
export interface TextInk {
  readonly text: Rgb;
  readonly ground: Rgb;
  /** In the formats that have it. */
  readonly alpha: number;
}

export const whiteOnBlack: TextInk = { text: WHITE, ground: BLACK, alpha: 0 };

const PATTERNS = 256;

/** A line of text as pixels of a plane. Cells are whole units of 16 bits in every format. */
interface Strip {
  readonly units: Uint16Array;
  text: string;
  /** Which of its characters are there. */
  first: number;
  end: number;
  /** The bytes of its rows, as long as the text is. */
  rows: readonly Uint8Array[];
}

/** Text on one plane. */
export class PlaneText {
  readonly #plane: PlaneInfo;
  readonly #bytesperline: number;
  readonly #height: number;
  /** Bytes of a row of a character. */
  readonly cellBytes: number;
  readonly #cellUnits: number;
  /** Rows of a cell in this plane, and how long a strip is at most. */
  readonly #cellRows: number;
  readonly #stripUnits: number;
  readonly #patterns: Uint16Array;
  /** The same; meant where a cell is whole words. */
  readonly #patternWords: Uint32Array;
  #ink: TextInk | undefined;
  /** One for each line of text that the screen has room for; memory for those that are used. */
  readonly #strips: (Strip | undefined)[] = [];

  constructor(plane: PlaneInfo, { width, height }: FrameSize) {
    this.#plane = plane;
    this.#bytesperline = lineBytes(plane, width);
    this.#height = planeLines(plane, height);
    this.cellBytes = (GLYPH_WIDTH / plane.pixels) * plane.bytes;
    this.#cellUnits = this.cellBytes / Uint16Array.BYTES_PER_ELEMENT;
    this.#cellRows = GLYPH_HEIGHT / plane.rows;
    this.#stripUnits = Math.floor(width / GLYPH_WIDTH) * this.#cellUnits;
    this.#patterns = new Uint16Array(PATTERNS * this.#cellUnits);
    this.#patternWords = new Uint32Array(this.#patterns.buffer);
  }

  /** Draws the characters from `first` to before `end`, which lie in the frame, on the plane that begins at byte `at`. */
  draw(
    destination: Uint8Array,
    at: number,
    x: number,
    y: number,
    text: string,
    first: number,
    end: number,
    ink: TextInk,
  ): void {
    const strip = this.#stripAt(y);
    if (ink !== this.#ink) this.#dip(ink);
    if (strip.text !== text || strip.first !== first || strip.end !== end)
      this.#write(strip, text, first, end);
    const top = Math.floor(y / this.#plane.rows);
    const start = at + top * this.#bytesperline + this.bytesAt(x + first * GLYPH_WIDTH);
    const endRow = Math.min(this.#cellRows, this.#height - top);
    for (let row = Math.max(0, -top); row < endRow; row++)
      destination.set(strip.rows[row] as Uint8Array, start + row * this.#bytesperline);
  }

  /** Writes one character into rows of `stride` words, from word `at` on; for those whose cells are whole words. */
  writeCell(words: Uint32Array, at: number, stride: number, code: number, ink: TextInk): void {
    if (ink !== this.#ink) this.#dip(ink);
    const patterns = this.#patternWords;
    const rows = this.#cellRows;
    const step = this.#plane.rows;
    const length = this.cellBytes / Uint32Array.BYTES_PER_ELEMENT;
    for (let row = 0, target = at; row < rows; row++, target += stride) {
      const source = glyphRow(code, row * step) * length;
      for (let word = 0; word < length; word++) words[target + word] = patterns[source + word] as number;
    }
  }

  /** How far pixel `x` of a row is from its beginning. */
  bytesAt(x: number): number {
    const { pixels, bytes } = this.#plane;
    return isChroma(this.#plane) ? Math.floor(x / pixels) * bytes : (x * bytes) / pixels;
  }

  #stripAt(y: number): Strip {
    // The first line of text may begin above the frame.
    const line = Math.floor(y / GLYPH_HEIGHT) + 1;
    let strip = this.#strips[line];
    if (strip === undefined) {
      const units = new Uint16Array(this.#cellRows * this.#stripUnits);
      strip = { units, text: '', first: 0, end: 0, rows: [] };
      this.#strips[line] = strip;
    }
    return strip;
  }

  /** Draws all rows that a glyph can have, and forgets what was drawn with another ink. */
  #dip(ink: TextInk): void {
    const bytes = new Uint8Array(this.#patterns.buffer);
    const groups = GLYPH_WIDTH / this.#plane.pixels;
    for (let pattern = 0; pattern < PATTERNS; pattern++) {
      const colors = (column: number) =>
        (pattern >> (GLYPH_WIDTH - 1 - column)) & 1 ? ink.text : ink.ground;
      packLine(this.#plane, bytes, pattern * this.cellBytes, groups, colors, { alpha: ink.alpha });
    }
    for (const strip of this.#strips) if (strip !== undefined) strip.end = strip.first;
    this.#ink = ink;
  }

  #write(strip: Strip, text: string, first: number, end: number): void {
    const stays = strip.first === first ? Math.min(strip.end, end) : first;
    for (let i = first; i < end; i++) {
      const code = text.charCodeAt(i);
      if (i >= stays || code !== strip.text.charCodeAt(i)) this.#writeCell(strip, i - first, code);
    }
    const bytes = (end - first) * this.cellBytes;
    if (bytes !== strip.rows[0]?.length) strip.rows = this.#rowsOf(strip, bytes);
    strip.text = text;
    strip.first = first;
    strip.end = end;
  }

  #writeCell({ units }: Strip, column: number, code: number): void {
    const length = this.#cellUnits;
    for (let row = 0; row < this.#cellRows; row++) {
      const source = glyphRow(code, row * this.#plane.rows) * length;
      const target = row * this.#stripUnits + column * length;
      for (let unit = 0; unit < length; unit++)
        units[target + unit] = this.#patterns[source + unit] as number;
    }
  }

  #rowsOf({ units }: Strip, bytes: number): readonly Uint8Array[] {
    const stride = this.#stripUnits * Uint16Array.BYTES_PER_ELEMENT;
    return Array.from(
      { length: this.#cellRows },
      (_, row) => new Uint8Array(units.buffer, row * stride, bytes),
    );
  }
}

/** Text on frames of one shape, in any format that can be painted, without padding at the end of lines. */
export class TextPainter {
  readonly #size: FrameSize;
  readonly #memory: readonly (readonly { readonly painter: PlaneText; readonly at: number }[])[];

  constructor(info: FormatInfo, size: FrameSize) {
    if (!canPack(info)) throw new RangeError(`text cannot be drawn in ${info.name}`);
    this.#size = size;
    this.#memory = info.memory.map((planes) => {
      let end = 0;
      return planes.map((plane) => {
        const at = end;
        end += planeBytes(plane, size);
        return { painter: new PlaneText(plane, size), at };
      });
    });
  }

  /**
   * Draws `text` on plane `n` of memory, with the top left corner of its first character at pixel (`x`, `y`): even numbers
   * where pixels share chroma, multiples of four in the formats of four. Characters that do not fit wholly between the
   * left and the right edge are left out, and so are rows above and below the frame.
   */
  drawText(destination: Uint8Array, n: number, x: number, y: number, text: string, ink = whiteOnBlack): void {
    const { width, height } = this.#size;
    const first = Math.max(0, Math.ceil(-x / GLYPH_WIDTH));
    const end = Math.min(text.length, Math.floor((width - x) / GLYPH_WIDTH));
    if (first >= end || y >= height || y <= -GLYPH_HEIGHT) return;
    for (const { painter, at } of this.#memory[n] ?? [])
      painter.draw(destination, at, x, y, text, first, end, ink);
  }
}
