/** Frames into pictures of red, green, blue and alpha, a byte each: what {@link RgbaPacker} does the other way. */
import { type FormatInfo, type FrameSize, lineBytes, type PlaneInfo, planeBytes } from './format-info.ts';
import { canPackRgba } from './rgba-packer.ts';

const PIXEL = 4;
const OPAQUE = 255;

/** Where the samples of one kind are: those of pixel x of row y at `at + floor(y / rows) * stride + columns[x]`. */
interface Samples {
  readonly at: number;
  readonly rows: number;
  readonly stride: number;
  readonly columns: Int32Array;
}

/** Words whose samples are bits of them, the first sample in the highest bits. */
interface Words {
  readonly plane: PlaneInfo;
  readonly bits: readonly number[];
}

function samplesOf(info: FormatInfo, size: FrameSize): ReadonlyMap<string, Samples> {
  const found = new Map<string, Samples>();
  let at = 0;
  for (const plane of info.memory.flat()) {
    const { samples, pixels, bytes, rows } = plane;
    for (const letter of new Set(samples)) {
      const places = [...samples].flatMap((each, place) => (each === letter ? [place] : []));
      const columns = Int32Array.from({ length: size.width }, (_, x) => {
        const group = Math.floor(x / pixels);
        return group * bytes + (places[(x % pixels) % places.length] as number);
      });
      found.set(letter, { at, rows, stride: lineBytes(plane, size.width), columns });
    }
    at += planeBytes(plane, size);
  }
  return found;
}

const rowOf = ({ at, rows, stride }: Samples, y: number): number => at + Math.floor(y / rows) * stride;

export class RgbaUnpacker {
  readonly #size: FrameSize;
  readonly #samples: ReadonlyMap<string, Samples>;
  readonly #words: Words | undefined;

  /** Throws a RangeError if it cannot be done: it can be where {@link canPackRgba} says so. */
  constructor(info: FormatInfo, size: FrameSize) {
    if (!canPackRgba(info)) throw new RangeError(`no picture can be made of ${info.name}`);
    this.#size = size;
    const plane = info.memory[0]?.[0] as PlaneInfo;
    this.#words = plane.bits && { plane, bits: plane.bits };
    this.#samples = this.#words === undefined ? samplesOf(info, size) : new Map();
  }

  /** `frame` has all planes, one after the other; `rgba` room for the picture. */
  unpack(frame: Uint8Array, rgba: Uint8Array): void {
    const [y, u, v] = ['y', 'u', 'v'].map((letter) => this.#samples.get(letter));
    if (this.#words !== undefined) this.#unpackWords(this.#words, frame, rgba);
    else if (y === undefined) this.#unpackColors(frame, rgba);
    else if (u === undefined || v === undefined) this.#unpackGrey(y, frame, rgba);
    else this.#unpackYuv(y, u, v, frame, rgba);
  }

  /** BT.601 in the limited range, in 16.16 fixed point. */
  #unpackYuv(y: Samples, u: Samples, v: Samples, frame: Uint8Array, rgba: Uint8Array): void {
    const { width, height } = this.#size;
    const colors = new Uint8ClampedArray(rgba.buffer, rgba.byteOffset, rgba.length);
    for (let row = 0, to = 0; row < height; row++) {
      const [ys, us, vs] = [rowOf(y, row), rowOf(u, row), rowOf(v, row)];
      for (let x = 0; x < width; x++, to += PIXEL) {
        const luma = 76309 * ((frame[ys + (y.columns[x] as number)] as number) - 16) + 32768;
        const blue = (frame[us + (u.columns[x] as number)] as number) - 128;
        const red = (frame[vs + (v.columns[x] as number)] as number) - 128;
        colors[to] = (luma + 104597 * red) >> 16;
        colors[to + 1] = (luma - 25675 * blue - 53279 * red) >> 16;
        colors[to + 2] = (luma + 132201 * blue) >> 16;
        colors[to + 3] = OPAQUE;
      }
    }
  }

  #unpackGrey(y: Samples, frame: Uint8Array, rgba: Uint8Array): void {
    const { width, height } = this.#size;
    const colors = new Uint8ClampedArray(rgba.buffer, rgba.byteOffset, rgba.length);
    for (let row = 0, to = 0; row < height; row++) {
      const ys = rowOf(y, row);
      for (let x = 0; x < width; x++, to += PIXEL) {
        const grey = (76309 * ((frame[ys + (y.columns[x] as number)] as number) - 16) + 32768) >> 16;
        colors[to] = grey;
        colors[to + 1] = grey;
        colors[to + 2] = grey;
        colors[to + 3] = OPAQUE;
      }
    }
  }

  /** Alpha is left out: what a camera shows is opaque. */
  #unpackColors(frame: Uint8Array, rgba: Uint8Array): void {
    const { width, height } = this.#size;
    const colors = ['r', 'g', 'b'].map((letter) => this.#samples.get(letter) as Samples);
    for (const [channel, samples] of colors.entries())
      for (let row = 0, to = channel; row < height; row++) {
        const start = rowOf(samples, row);
        for (let x = 0; x < width; x++, to += PIXEL)
          rgba[to] = frame[start + (samples.columns[x] as number)] as number;
      }
    for (let to = PIXEL - 1; to < width * height * PIXEL; to += PIXEL) rgba[to] = OPAQUE;
  }

  #unpackWords({ plane, bits }: Words, frame: Uint8Array, rgba: Uint8Array): void {
    const { samples, bytes, bigEndian = false } = plane;
    const count = this.#size.width * this.#size.height;
    for (let n = 0, to = 0; n < count; n++, to += PIXEL) {
      let word = 0;
      for (let i = 0; i < bytes; i++)
        word |= (frame[n * bytes + (bigEndian ? bytes - 1 - i : i)] as number) << (8 * i);
      rgba[to + 3] = OPAQUE;
      for (let i = bits.length - 1; i >= 0; i--) {
        const most = (1 << (bits[i] as number)) - 1;
        const channel = 'rgb'.indexOf(samples[i] as string);
        if (channel >= 0) rgba[to + channel] = Math.round(((word & most) * OPAQUE) / most);
        word >>>= bits[i] as number;
      }
    }
  }
}
