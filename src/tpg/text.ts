/**
 * On-screen text, white on black. A frame can carry hundreds of characters and most of them are the same from
 * frame to frame, so pixels are not drawn one by one: a table holds the bytes of every row a glyph can have
 * (256 of them), a line of text is put together from it in a strip of memory, which is kept as long as the
 * text stays, and the 16 rows of the strip are copied into each frame.
 */
import type { PlaneInfo } from '../pixel/index.ts';
import { BLACK, WHITE } from './colors.ts';
import { GLYPH_HEIGHT, GLYPH_WIDTH, glyphRow } from './font.ts';
import { packLine } from './packers.ts';
import { packedPlane, type TpgShape } from './painter.ts';

export interface TextPainter {
  /**
   * Draws `text` with the top left corner of its first character at pixel (`x`, `y`). Characters that do not
   * fit wholly between the left and the right edge are left out, and so are rows above and below the frame.
   */
  drawText(destination: Uint8Array, x: number, y: number, text: string, alpha?: number): void;
}

const PATTERNS = 256;

/** A line of text as pixels. Eight pixels are whole words in every format, so cells are copied as words. */
interface Strip {
  readonly words: Uint32Array;
  text: string;
  first: number;
  end: number;
  alpha: number;
  /** The bytes of the 16 rows, as long as the text is. */
  rows: readonly Uint8Array[];
}

/** Draws all rows a glyph can have. White and black have no chroma, so it does not matter where pairs begin. */
function drawPatterns(bytes: Uint8Array, plane: PlaneInfo, alpha: number): void {
  const groups = GLYPH_WIDTH / plane.pixels;
  for (let pattern = 0; pattern < PATTERNS; pattern++) {
    const colors = (column: number) => ((pattern >> (GLYPH_WIDTH - 1 - column)) & 1 ? WHITE : BLACK);
    packLine(plane, bytes, pattern * groups * plane.bytes, groups, colors, { alpha });
  }
}

class Text implements TextPainter {
  readonly #shape: TpgShape;
  readonly #plane: PlaneInfo;
  readonly #pixelBytes: number;
  readonly #cellWords: number;
  readonly #stripWords: number;
  readonly #patterns: Uint32Array;
  #drawnAlpha = -1;
  /** One strip for each line of text that the screen has room for; memory for those that are used. */
  readonly #strips: (Strip | undefined)[] = [];

  constructor(shape: TpgShape) {
    this.#shape = shape;
    this.#plane = packedPlane(shape.fourcc);
    this.#pixelBytes = this.#plane.bytes / this.#plane.pixels;
    this.#cellWords = (GLYPH_WIDTH * this.#pixelBytes) / 4;
    this.#stripWords = Math.floor(shape.width / GLYPH_WIDTH) * this.#cellWords;
    this.#patterns = new Uint32Array(PATTERNS * this.#cellWords);
  }

  drawText(destination: Uint8Array, x: number, y: number, text: string, alpha = 0): void {
    const { width, height, bytesperline } = this.#shape;
    const first = Math.max(0, Math.ceil(-x / GLYPH_WIDTH));
    const end = Math.min(text.length, Math.floor((width - x) / GLYPH_WIDTH));
    const endRow = Math.min(GLYPH_HEIGHT, height - y);
    if (first >= end || endRow <= 0 || y <= -GLYPH_HEIGHT) return;
    const strip = this.#stripAt(y);
    const kept = strip.text === text && strip.first === first && strip.end === end && strip.alpha === alpha;
    if (!kept) this.#fillStrip(strip, text, first, end, alpha);
    const left = (x + first * GLYPH_WIDTH) * this.#pixelBytes;
    for (let row = Math.max(0, -y); row < endRow; row++)
      destination.set(strip.rows[row]!, (y + row) * bytesperline + left);
  }

  #stripAt(y: number): Strip {
    // The first line of text may begin above the frame.
    const line = Math.floor(y / GLYPH_HEIGHT) + 1;
    let strip = this.#strips[line];
    if (strip === undefined) {
      const words = new Uint32Array(GLYPH_HEIGHT * this.#stripWords);
      strip = { words, text: '', first: 0, end: 0, alpha: -1, rows: [] };
      this.#strips[line] = strip;
    }
    return strip;
  }

  #fillStrip(strip: Strip, text: string, first: number, end: number, alpha: number): void {
    if (alpha !== this.#drawnAlpha) {
      drawPatterns(new Uint8Array(this.#patterns.buffer), this.#plane, alpha);
      this.#drawnAlpha = alpha;
    }
    this.#fillWords(strip.words, text, first, end);
    if (end - first !== strip.end - strip.first) strip.rows = this.#rowsOf(strip.words, end - first);
    strip.text = text;
    strip.first = first;
    strip.end = end;
    strip.alpha = alpha;
  }

  #fillWords(words: Uint32Array, text: string, first: number, end: number): void {
    const cellWords = this.#cellWords;
    for (let i = first; i < end; i++) {
      const code = text.charCodeAt(i);
      const column = (i - first) * cellWords;
      for (let row = 0; row < GLYPH_HEIGHT; row++) {
        const source = glyphRow(code, row) * cellWords;
        const target = row * this.#stripWords + column;
        for (let word = 0; word < cellWords; word++) words[target + word] = this.#patterns[source + word]!;
      }
    }
  }

  #rowsOf(words: Uint32Array, characters: number): readonly Uint8Array[] {
    const bytes = characters * this.#cellWords * 4;
    return Array.from(
      { length: GLYPH_HEIGHT },
      (_, row) => new Uint8Array(words.buffer, row * this.#stripWords * 4, bytes),
    );
  }
}

/** Makes the painter for frames of one shape; a driver makes a new one when the format changes. */
export function createTextPainter(shape: TpgShape): TextPainter {
  return new Text(shape);
}
