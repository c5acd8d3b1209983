/**
 * Baseline JPEGs (ITU-T T.81) whose chroma has half the width (4:2:2), as those of cameras on USB: for pictures that are made
 * once. sharp, which is quicker, has only 4:4:4 and 4:2:0, and there are programs that take every JPEG of a camera for 4:2:2.
 */
import type { FrameSize } from '../pixel/index.ts';

const SIDE = 8;
const SAMPLES = SIDE * SIDE;
/** Pixels of the two blocks that share their chroma. */
const UNIT = 2 * SIDE;
const RGBA_BYTES = 4;
/** What a pixel adds to the mean of the two that share a sample of chroma. */
const BLUE = 0.5 / 1.772;
const RED = 0.5 / 1.402;

/** The tables of the standard (K.1 and K.2), row by row, at a quality of 90: a fifth of them. */
const LUMA_STEPS = [
  ...[16, 11, 10, 16, 24, 40, 51, 61, 12, 12, 14, 19, 26, 58, 60, 55],
  ...[14, 13, 16, 24, 40, 57, 69, 56, 14, 17, 22, 29, 51, 87, 80, 62],
  ...[18, 22, 37, 56, 68, 109, 103, 77, 24, 35, 55, 64, 81, 104, 113, 92],
  ...[49, 64, 78, 87, 103, 121, 120, 101, 72, 92, 95, 98, 112, 100, 103, 99],
].map((step) => Math.max(1, Math.round(step / 5)));
const CHROMA_STEPS = Array.from({ length: SAMPLES }, (_, i) => {
  const [row, column] = [i >> 3, i & 7];
  const corner = [
    [17, 18, 24, 47],
    [18, 21, 26, 66],
    [24, 26, 56, 99],
    [47, 66, 99, 99],
  ];
  return Math.max(1, Math.round((corner[row]?.[column] ?? 99) / 5));
});

/** Where in a block the n-th coefficient is: along diagonals, to and fro. */
const ORDER = Array.from({ length: SAMPLES }, (_, i) => i).sort((a, b) => {
  const [x, y] = [(a & 7) + (a >> 3), (b & 7) + (b >> 3)];
  if (x !== y) return x - y;
  return x % 2 === 0 ? b - a : a - b;
});

interface HuffmanTable {
  /** How many codes have 1, 2 … 16 bits, and what they stand for. */
  readonly counts: readonly number[];
  readonly symbols: readonly number[];
  /** By symbol. */
  readonly codes: Int32Array;
  readonly lengths: Uint8Array;
}

function huffman(counts: readonly number[], symbols: readonly number[]): HuffmanTable {
  const [codes, lengths] = [new Int32Array(256), new Uint8Array(256)];
  let [code, n] = [0, 0];
  for (const [i, count] of counts.entries()) {
    for (let k = 0; k < count; k++) {
      const symbol = symbols[n++] as number;
      codes[symbol] = code++;
      lengths[symbol] = i + 1;
    }
    code <<= 1;
  }
  return { counts, symbols, codes, lengths };
}

const END_OF_BLOCK = 0;
const SIXTEEN_ZEROS = 0xf0;

/** The tables of the standard for luma (K.3 and K.5); chroma uses them too. */
const MEANS = huffman(
  [0, 1, 5, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0],
  Array.from({ length: 12 }, (_, i) => i),
);
const FREQUENT = [
  ...[0x01, 0x02, 0x03, 0x00, 0x04, 0x11, 0x05, 0x12, 0x21, 0x31, 0x41, 0x06, 0x13, 0x51, 0x61, 0x07],
  ...[0x22, 0x71, 0x14, 0x32, 0x81, 0x91, 0xa1, 0x08, 0x23, 0x42, 0xb1, 0xc1, 0x15, 0x52, 0xd1, 0xf0],
  ...[0x24, 0x33, 0x62, 0x72, 0x82],
];
const ALL = Array.from({ length: 16 }, (_, run) =>
  Array.from({ length: 10 }, (_each, size) => (run << 4) | (size + 1)),
);
const OTHERS = ALL.flat().filter((symbol) => !FREQUENT.includes(symbol));
const DETAILS = huffman([0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 0x7d], [...FREQUENT, ...OTHERS]);

function segment(marker: number, content: readonly number[]): number[] {
  const length = content.length + 2;
  return [0xff, marker, length >> 8, length & 0xff, ...content];
}

function header({ width, height }: FrameSize): number[] {
  const steps = (id: number, table: readonly number[]) => [id, ...ORDER.map((at) => table[at] as number)];
  const codes = (id: number, { counts, symbols }: HuffmanTable) => [id, ...counts, ...symbols];
  const size = [height >> 8, height & 0xff, width >> 8, width & 0xff];
  return [
    ...[0xff, 0xd8],
    ...segment(0xe0, [0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0]),
    ...segment(0xdb, [...steps(0, LUMA_STEPS), ...steps(1, CHROMA_STEPS)]),
    ...segment(0xc0, [8, ...size, 3, 1, 0x21, 0, 2, 0x11, 1, 3, 0x11, 1]),
    ...segment(0xc4, [...codes(0, MEANS), ...codes(0x10, DETAILS)]),
    ...segment(0xda, [3, 1, 0, 2, 0, 3, 0, 0, 63, 0]),
  ];
}

/** Bits, most significant first, behind each other in `target`; 0xff is followed by a stuffed 0. What has no room is left out. */
class BitWriter {
  readonly #target: Uint8Array;
  at: number;
  #bits = 0;
  #count = 0;

  constructor(target: Uint8Array, at: number) {
    this.#target = target;
    this.at = at;
  }

  put(value: number, count: number): void {
    this.#bits = (this.#bits << count) | value;
    this.#count += count;
    while (this.#count >= 8) {
      this.#count -= 8;
      const byte = (this.#bits >> this.#count) & 0xff;
      this.#target[this.at++] = byte;
      if (byte === 0xff) this.#target[this.at++] = 0;
    }
    this.#bits &= (1 << this.#count) - 1;
  }

  /** Fills the last byte with ones, and ends the picture. */
  end(): void {
    if (this.#count > 0) this.put((1 << (8 - this.#count)) - 1, 8 - this.#count);
    this.#target[this.at++] = 0xff;
    this.#target[this.at++] = 0xd9;
  }
}

/** The discrete cosine transform of 8 samples as a matrix, frequency by frequency. */
const COSINES = Float64Array.from({ length: SAMPLES }, (_, i) => {
  const [frequency, sample] = [i >> 3, i & 7];
  const scale = frequency === 0 ? Math.SQRT1_2 : 1;
  return (scale / 2) * Math.cos(((2 * sample + 1) * frequency * Math.PI) / 16);
});

/** Of each row of `from`, which becomes a column of `to`. Sums and differences of samples as far from the middle are all that is needed. */
function transformRows(from: Float64Array, to: Float64Array): void {
  for (let row = 0; row < SIDE; row++) {
    const at = row * SIDE;
    const [a, b, c, d] = [
      from[at] as number,
      from[at + 1] as number,
      from[at + 2] as number,
      from[at + 3] as number,
    ];
    const [h, g, f, e] = [
      from[at + 7] as number,
      from[at + 6] as number,
      from[at + 5] as number,
      from[at + 4] as number,
    ];
    for (let frequency = 0, k = 0; frequency < SIDE; frequency++, k += SIDE) {
      const sign = frequency % 2 === 0 ? 1 : -1;
      to[k + row] =
        (COSINES[k] as number) * (a + sign * h) +
        (COSINES[k + 1] as number) * (b + sign * g) +
        (COSINES[k + 2] as number) * (c + sign * f) +
        (COSINES[k + 3] as number) * (d + sign * e);
    }
  }
}

const rows = new Float64Array(SAMPLES);

/** Of `block`, in place. */
function transform(block: Float64Array): void {
  transformRows(block, rows);
  transformRows(rows, block);
}

function isFlat(block: Float64Array): boolean {
  for (let i = 1; i < SAMPLES; i++) if (block[i] !== block[0]) return false;
  return true;
}

/** Samples of one component; the mean of the block before is what the next one's is told by. */
class Component {
  readonly block = new Float64Array(SAMPLES);
  readonly #steps: readonly number[];
  #mean = 0;

  constructor(steps: readonly number[]) {
    this.#steps = steps;
  }

  begin(): void {
    this.#mean = 0;
  }

  /** What is in {@link block}, whose samples are around 0. */
  encode(writer: BitWriter): void {
    const { block } = this;
    const flat = isFlat(block);
    if (!flat) transform(block);
    const first = (block[0] as number) * (flat ? SIDE : 1);
    const mean = Math.round(first / (this.#steps[0] as number));
    this.#putNumber(writer, MEANS, 0, mean - this.#mean);
    this.#mean = mean;
    if (flat) this.#putSymbol(writer, DETAILS, END_OF_BLOCK);
    else this.#putDetails(writer);
  }

  #putDetails(writer: BitWriter): void {
    let zeros = 0;
    for (let n = 1; n < SAMPLES; n++) {
      const at = ORDER[n] as number;
      const value = Math.round((this.block[at] as number) / (this.#steps[at] as number));
      if (value === 0) {
        zeros++;
        continue;
      }
      for (; zeros > 15; zeros -= 16) this.#putSymbol(writer, DETAILS, SIXTEEN_ZEROS);
      this.#putNumber(writer, DETAILS, zeros << 4, value);
      zeros = 0;
    }
    if (zeros > 0) this.#putSymbol(writer, DETAILS, END_OF_BLOCK);
  }

  /** How many bits it has, together with what stands before it, and the bits. */
  #putNumber(writer: BitWriter, table: HuffmanTable, before: number, value: number): void {
    const size = 32 - Math.clz32(Math.abs(value));
    this.#putSymbol(writer, table, before | size);
    if (size > 0) writer.put(value > 0 ? value : value + (1 << size) - 1, size);
  }

  #putSymbol(writer: BitWriter, { codes, lengths }: HuffmanTable, symbol: number): void {
    writer.put(codes[symbol] as number, lengths[symbol] as number);
  }
}

export class JpegEncoder {
  readonly #size: FrameSize;
  readonly #header: Uint8Array;
  readonly #y = new Component(LUMA_STEPS);
  readonly #chroma = [new Component(CHROMA_STEPS), new Component(CHROMA_STEPS)] as const;

  constructor(size: FrameSize) {
    this.#size = size;
    this.#header = Uint8Array.from(header(size));
  }

  /** Writes the picture, a byte each of red, green, blue and alpha, to the start of `target`; gives its length, also if there was no room. */
  encode(rgba: Uint8Array, target: Uint8Array): number {
    target.set(this.#header.subarray(0, target.length));
    const writer = new BitWriter(target, this.#header.length);
    const { width, height } = this.#size;
    const [blue, red] = this.#chroma;
    for (const component of [this.#y, blue, red]) component.begin();
    for (let top = 0; top < height; top += SIDE)
      for (let left = 0; left < width; left += UNIT) {
        blue.block.fill(0);
        red.block.fill(0);
        for (const start of [left, left + SIDE]) {
          this.#fill(rgba, start, top, (start - left) / 2);
          this.#y.encode(writer);
        }
        blue.encode(writer);
        red.encode(writer);
      }
    writer.end();
    return writer.at;
  }

  /** Luma of a block, and its chroma in half of one from column `column` on; pixels at the edge are repeated. Full range, as JFIF has it. */
  #fill(rgba: Uint8Array, left: number, top: number, column: number): void {
    const { width, height } = this.#size;
    const [blue, red] = this.#chroma;
    for (let y = 0, at = 0; y < SIDE; y++) {
      const row = Math.min(top + y, height - 1) * width;
      for (let x = 0; x < SIDE; x++, at++) {
        const p = (row + Math.min(left + x, width - 1)) * RGBA_BYTES;
        const [r, g, b] = [rgba[p] as number, rgba[p + 1] as number, rgba[p + 2] as number];
        const luma = 0.299 * r + 0.587 * g + 0.114 * b;
        this.#y.block[at] = luma - 128;
        const shared = y * SIDE + column + (x >> 1);
        blue.block[shared] = (blue.block[shared] as number) + (b - luma) * BLUE;
        red.block[shared] = (red.block[shared] as number) + (r - luma) * RED;
      }
    }
  }
}
