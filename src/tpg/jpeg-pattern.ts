/**
 * A pattern whose rows are all equal as a JPEG. Blocks of one colour need no more than their mean (ITU-T T.81, baseline), and all rows of
 * blocks are equal: one row is encoded, and a restart marker before each makes them independent. Two blocks side by side share
 * their chroma (4:2:2), as in JPEGs of cameras on USB: there are programs that take all for such.
 */
import { pieceSeen, wholeView, type ZoomView } from '../pixel/index.ts';
import type { Rgb } from './colors.ts';
import type { Pattern } from './patterns.ts';

const BLOCK = 8;
/** Pixels of the blocks that share their chroma. */
const UNIT = 2 * BLOCK;
const COMPONENTS = 3;
const RESTARTS = 8;
const FIRST_RESTART = 0xd0;
const END_OF_IMAGE = 0xd9;
/** Every coefficient is divided by this; the mean of a block has a factor of 8, so that means are exact. */
const QUANTIZER = 8;
/** Sizes of the difference of two means: 0 to 8 bits. */
const SIZES = 9;
const SIZE_CODE_BITS = 4;

const clampByte = (value: number) => Math.max(0, Math.min(255, Math.round(value)));

/** Full range, as JFIF has it. */
function ycbcr({ r, g, b }: Rgb): readonly number[] {
  return [
    clampByte(0.299 * r + 0.587 * g + 0.114 * b),
    clampByte(128 - 0.168736 * r - 0.331264 * g + 0.5 * b),
    clampByte(128 + 0.5 * r - 0.418688 * g - 0.081312 * b),
  ];
}

/** Bits, most significant first, in bytes; 0xff is followed by a stuffed 0. */
class BitWriter {
  readonly bytes: number[] = [];
  #bits = 0;
  #count = 0;

  put(value: number, count: number): void {
    for (let i = count - 1; i >= 0; i--) {
      this.#bits = (this.#bits << 1) | ((value >> i) & 1);
      if (++this.#count === 8) this.#flush();
    }
  }

  /** Fills the last byte with ones. */
  pad(): void {
    while (this.#count > 0) this.put(1, 1);
  }

  #flush(): void {
    this.bytes.push(this.#bits);
    if (this.#bits === 0xff) this.bytes.push(0);
    this.#bits = 0;
    this.#count = 0;
  }
}

/** A block of one colour: how its mean differs from that of the block before, and that nothing follows. */
function putBlock(writer: BitWriter, difference: number): void {
  const size = difference === 0 ? 0 : Math.floor(Math.log2(Math.abs(difference))) + 1;
  writer.put(size, SIZE_CODE_BITS);
  if (size > 0) writer.put(difference > 0 ? difference : difference + (1 << size) - 1, size);
  writer.put(0, 1);
}

function encodeRow(
  pattern: Pattern,
  line: number,
  width: number,
  scroll: number,
  view: ZoomView,
): readonly number[] {
  const writer = new BitWriter();
  const before = [128, 128, 128];
  const put = (component: number, mean: number) => {
    putBlock(writer, mean - (before[component] as number));
    before[component] = mean;
  };
  const colorAt = (x: number) => {
    const middle = pieceSeen(Math.min(x + BLOCK / 2, width - 1), width, view.zoom, view.x);
    return ycbcr(pattern.color((middle + scroll) % width, line, width));
  };
  for (let x = 0; x < width; x += UNIT) {
    const [left, right] = [colorAt(x), colorAt(x + BLOCK)];
    put(0, left[0] as number);
    put(0, right[0] as number);
    for (let c = 1; c < COMPONENTS; c++) put(c, ((left[c] as number) + (right[c] as number)) >> 1);
  }
  writer.pad();
  return writer.bytes;
}

function segment(marker: number, ...content: readonly number[]): readonly number[] {
  const length = content.length + 2;
  return [0xff, marker, length >> 8, length & 0xff, ...content];
}

const high = (n: number) => n >> 8;
const low = (n: number) => n & 0xff;

/** A Huffman table whose codes all have `bits` bits and stand for 0, 1, 2 … */
function huffman(tableClass: 0 | 1, bits: number, count: number): readonly number[] {
  const counts = Array.from({ length: 16 }, (_, i) => (i + 1 === bits ? count : 0));
  return segment(0xc4, tableClass << 4, ...counts, ...Array.from({ length: count }, (_, i) => i));
}

function header(width: number, height: number): readonly number[] {
  const units = Math.ceil(width / UNIT);
  const component = (id: number, sampling = 0x11) => [id, sampling, 0];
  return [
    ...[0xff, 0xd8],
    ...segment(0xe0, 0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0),
    ...segment(0xdb, 0, ...Array.from({ length: BLOCK * BLOCK }, () => QUANTIZER)),
    ...segment(
      0xc0,
      ...[8, high(height), low(height), high(width), low(width), COMPONENTS],
      ...[...component(1, 0x21), ...component(2), ...component(3)],
    ),
    ...huffman(0, SIZE_CODE_BITS, SIZES),
    ...huffman(1, 1, 1),
    ...segment(0xdd, high(units), low(units)),
    ...segment(0xda, COMPONENTS, 1, 0, 2, 0, 3, 0, 0, 63, 0),
  ];
}

/** A pattern in `width` x `height` pixels, or a part of it; edges in it lie on multiples of 8, of colours on multiples of 16. */
export class JpegPattern {
  readonly #pattern: Pattern;
  readonly #width: number;
  readonly #height: number;
  readonly #header: Uint8Array;
  readonly #view: ZoomView;
  /** The row of blocks for each position that was shown so far, and each line of the pattern. */
  readonly #rows: (Uint8Array | undefined)[] = [];

  constructor(pattern: Pattern, width: number, height: number, view = wholeView) {
    this.#pattern = pattern;
    this.#width = width;
    this.#height = height;
    this.#view = view;
    this.#header = Uint8Array.from(header(width, height));
  }

  /**
   * Writes the pattern, moved by `step` times 16 pixels to the left, to the start of `target`, and gives its length; 0 if
   * there is no room for it. Nothing is allocated for a position that was shown before.
   */
  paint(target: Uint8Array, step = 0): number {
    const position = step % Math.ceil(this.#width / UNIT);
    const rows = Math.ceil(this.#height / BLOCK);
    if (this.#header.length > target.length) return 0;
    target.set(this.#header);
    let at = this.#header.length;
    for (let y = 0; y < rows; y++) {
      const middle = pieceSeen(y * BLOCK + BLOCK / 2, this.#height, this.#view.zoom, this.#view.y);
      const row = this.#rowAt(position, this.#pattern.lineOf(middle));
      if (at + row.length + 2 > target.length) return 0;
      target.set(row, at);
      at += row.length;
      target[at++] = 0xff;
      target[at++] = y === rows - 1 ? END_OF_IMAGE : FIRST_RESTART + (y % RESTARTS);
    }
    return at;
  }

  #rowAt(position: number, line: number): Uint8Array {
    const key = position * this.#pattern.lines + line;
    this.#rows[key] ??= Uint8Array.from(
      encodeRow(this.#pattern, line, this.#width, position * UNIT, this.#view),
    );
    return this.#rows[key];
  }
}
