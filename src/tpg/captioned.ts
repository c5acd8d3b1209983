/**
 * A pattern with lines of text at the top, at the speed of memory. Text that is drawn on each frame takes a copy for each
 * of its rows, and there are a hundred. So the upper part of the frame is kept with its text: from one frame to the next
 * only few words of it change, where the pattern has moved and where a character is another. Those are written, and the
 * part is copied into the frame in one go.
 */
import {
  type FormatInfo,
  type FrameSize,
  lineBytes,
  type PlaneInfo,
  planeBytes,
  planeLines,
} from '../pixel/index.ts';
import { GLYPH_HEIGHT } from './font.ts';
import { canPack } from './packers.ts';
import { PlanePainter } from './painter.ts';
import type { Pattern } from './patterns.ts';
import { PlaneText, type TextInk } from './text.ts';

/** The text of a frame: line n begins at row 16 n, and fits into the frame as a whole; an empty one is not there. */
export type Captions = readonly string[];

const WORD = Uint32Array.BYTES_PER_ELEMENT;

/** What a frame shows: a pattern that has moved to the left, and text in an ink, whose alpha all pixels have. */
export interface Captioned {
  readonly pattern: Pattern;
  readonly scroll: number;
  readonly captions: Captions;
  readonly ink: TextInk;
}

class CaptionedPlane {
  readonly #painter: PlanePainter;
  readonly #text: PlaneText;
  readonly #left: number;
  readonly #rowBytes: number;
  readonly #height: number;
  /** Rows of the plane for a line of text. */
  readonly #lineRows: number;
  /** In words: where text begins, and how long a character is. */
  readonly #textStart: number;
  readonly #cellWords: number;
  /** Rows, and the pieces of them with and without text, are whole words. */
  readonly #hasWords: boolean;

  /** The part that is kept, from the first line with text to the last, and what it was made of. */
  #part = new Uint8Array(0);
  #words = new Uint32Array(0);
  #pattern: Pattern | undefined;
  #scroll = 0;
  #firstLine = 0;
  #ink: TextInk | undefined;
  readonly #captions: string[] = [];
  /** The row that it shows where there is no text, the one that is to be shown, and at which words they differ. */
  readonly #row: Uint32Array;
  readonly #next: Uint32Array;
  readonly #nextBytes: Uint8Array;
  readonly #changed: Uint32Array;

  constructor(plane: PlaneInfo, size: FrameSize, left: number) {
    this.#painter = new PlanePainter(plane, size);
    this.#text = new PlaneText(plane, size);
    this.#left = left;
    this.#rowBytes = lineBytes(plane, size.width);
    this.#height = planeLines(plane, size.height);
    this.#lineRows = GLYPH_HEIGHT / plane.rows;
    this.#textStart = this.#text.bytesAt(left) / WORD;
    this.#cellWords = this.#text.cellBytes / WORD;
    this.#hasWords = [this.#rowBytes / WORD, this.#textStart, this.#cellWords].every(Number.isInteger);
    const words = Math.floor(this.#rowBytes / WORD);
    this.#row = new Uint32Array(words);
    this.#next = new Uint32Array(words);
    this.#nextBytes = new Uint8Array(this.#next.buffer);
    this.#changed = new Uint32Array(words);
  }

  paint(destination: Uint8Array, at: number, shown: Captioned): void {
    if (!this.#hasWords || shown.pattern.lines > 1) {
      this.#paintWhole(destination, at, shown);
      return;
    }
    const { pattern, scroll, captions, ink } = shown;
    if (!this.#keeps(shown)) this.#rebuild(shown);
    else this.#move(shown);
    for (let line = 0; line < captions.length; line++) {
      const text = captions[line] as string;
      if (text !== this.#captions[line]) this.#write(line, text, ink);
      this.#captions[line] = text;
    }
    const top = this.#firstLine * this.#lineRows;
    const above = top * this.#rowBytes;
    const below = at + above + this.#part.length;
    const rows = this.#height - top - this.#part.length / this.#rowBytes;
    destination.set(this.#part, at + above);
    this.#painter.paint(destination, below, pattern, scroll, ink.alpha, rows);
    // What is above the text is as below it.
    if (rows >= top) destination.copyWithin(at, below, below + above);
    else this.#painter.paint(destination, at, pattern, scroll, ink.alpha, top);
  }

  /** Writes the characters of a line that are others than before, or there were none. */
  #write(line: number, text: string, ink: TextInk): void {
    const before = this.#captions[line] ?? '';
    const start = (line - this.#firstLine) * this.#lineRows * this.#row.length + this.#textStart;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code !== before.charCodeAt(i))
        this.#text.writeCell(this.#words, start + i * this.#cellWords, this.#row.length, code, ink);
    }
  }

  #paintWhole(destination: Uint8Array, at: number, { pattern, scroll, captions, ink }: Captioned): void {
    this.#painter.paint(destination, at, pattern, scroll, ink.alpha);
    for (let line = 0; line < captions.length; line++) {
      const text = captions[line] as string;
      const y = GLYPH_HEIGHT * line;
      if (text !== '') this.#text.draw(destination, at, this.#left, y, text, 0, text.length, ink);
    }
  }

  /** True if the part has the colours that are to be shown, and text in the same places. */
  #keeps({ pattern, captions, ink }: Captioned): boolean {
    if (pattern !== this.#pattern || ink !== this.#ink || captions.length !== this.#captions.length)
      return false;
    for (let line = 0; line < captions.length; line++)
      if (captions[line]?.length !== this.#captions[line]?.length) return false;
    return true;
  }

  #rebuild({ pattern, scroll, captions, ink }: Captioned): void {
    let lines = captions.length;
    while (captions[lines - 1] === '') lines--;
    const first = captions.findIndex((text) => text !== '');
    this.#firstLine = Math.max(0, first);
    const top = this.#firstLine * this.#lineRows;
    const rows = Math.min(this.#height, lines * this.#lineRows) - top;
    if (rows * this.#row.length !== this.#words.length) {
      this.#words = new Uint32Array(rows * this.#row.length);
      this.#part = new Uint8Array(this.#words.buffer);
    }
    this.#painter.cutRow(this.#nextBytes, pattern, scroll, ink.alpha);
    this.#row.set(this.#next);
    this.#painter.paint(this.#part, 0, pattern, scroll, ink.alpha, rows);
    this.#pattern = pattern;
    this.#scroll = scroll;
    this.#ink = ink;
    this.#captions.length = 0;
  }

  /** Writes the words at which the pattern is another now into all rows, but for those that are text. */
  #move({ pattern, scroll, captions, ink }: Captioned): void {
    const changed = this.#changed;
    const row = this.#row;
    let count = this.#painter.moveRow(row, changed, pattern, this.#scroll, scroll, ink.alpha);
    if (count < 0) {
      this.#painter.cutRow(this.#nextBytes, pattern, scroll, ink.alpha);
      count = this.#compare();
    }
    this.#scroll = scroll;
    const words = this.#words;
    const textStart = this.#textStart;
    for (let start = 0, line = this.#firstLine; start < words.length; line++) {
      const textEnd = textStart + (captions[line] as string).length * this.#cellWords;
      const end = Math.min(start + this.#lineRows * row.length, words.length);
      for (let i = 0; i < count; i++) {
        const column = changed[i] as number;
        if (column >= textStart && column < textEnd) continue;
        const value = row[column] as number;
        for (let at = start + column; at < end; at += row.length) words[at] = value;
      }
      start = end;
    }
  }

  /** Takes the next row over and says how many words of it are new. */
  #compare(): number {
    const row = this.#row;
    const next = this.#next;
    const changed = this.#changed;
    let count = 0;
    for (let i = 0; i < row.length; i++) {
      const word = next[i] as number;
      if (row[i] === word) continue;
      row[i] = word;
      changed[count++] = i;
    }
    return count;
  }
}

/** Whole frames of any format that can be painted, without padding: a pattern, and text at one column of its top. */
export class CaptionedPainter {
  readonly #memory: readonly (readonly { readonly painter: CaptionedPlane; readonly at: number }[])[];

  /** Text begins `left` pixels from the left edge, a multiple of the size of a character. */
  constructor(info: FormatInfo, size: FrameSize, left: number) {
    if (!canPack(info)) throw new RangeError(`the test pattern cannot be painted in ${info.name}`);
    this.#memory = info.memory.map((planes) => {
      let end = 0;
      return planes.map((plane) => {
        const at = end;
        end += planeBytes(plane, size);
        return { painter: new CaptionedPlane(plane, size, left), at };
      });
    });
  }

  /** Fills plane `n` of memory. */
  paint(destination: Uint8Array, n: number, shown: Captioned): void {
    for (const { painter, at } of this.#memory[n] ?? []) painter.paint(destination, at, shown);
  }
}
