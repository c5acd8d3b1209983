/**
 * The knobs of a camera on a frame that is there already: brightness and contrast of each sample, hue and saturation of pairs of
 * chroma. A table and a few products for each sample, nothing allocated: about 3 ns a pixel.
 */
import { type FormatInfo, type FrameSize, type PlaneInfo, planeBytes } from '../pixel/index.ts';
import { type Adjustment, adjust, NO_ADJUSTMENT } from './adjust.ts';

/** The bytes of each plane of memory of a frame. */
interface FramePlanes {
  planeVaddr(n: number): Uint8Array;
}

/** Samples of one kind: in which memory, where the first is, how far from one to the next, and how many. */
interface Samples {
  readonly memory: number;
  readonly at: number;
  readonly step: number;
  readonly count: number;
}

type Found = Partial<Record<string, Samples[]>>;

function findSamples({ memory }: FormatInfo, size: FrameSize): Found {
  const found: Record<string, Samples[]> = {};
  for (const [n, planes] of memory.entries()) {
    let at = 0;
    for (const plane of planes) {
      const bytes = planeBytes(plane, size);
      for (const [i, letter] of [...plane.samples].entries()) {
        found[letter] ??= [];
        found[letter].push({
          memory: n,
          at: at + i,
          step: plane.bytes,
          count: Math.floor(bytes / plane.bytes),
        });
      }
      at += bytes;
    }
  }
  return found;
}

const isBytes = ({ samples, bytes, bits }: PlaneInfo): boolean =>
  bits === undefined && samples.length === bytes;

// The limited range of BT.601.
const LUMA = { least: 16, most: 235, range: 219 };
const CHROMA = { least: 16, most: 240, grey: 128 };
const FULL_RANGE = 255;
const HALF_TURN = 128;
/** Products of chroma are whole numbers of this. */
const ONE = 1 << 12;

const limit = (value: number, least: number, most: number): number =>
  value < least ? least : value > most ? most : value;

export class FrameAdjuster {
  readonly #samples: Found;
  readonly #luma = new Uint8Array(FULL_RANGE + 1);
  #adjustment = NO_ADJUSTMENT;
  #cos = ONE;
  #sin = 0;

  /** Frames whose samples are not a byte each stay as they are. */
  constructor(info: FormatInfo, size: FrameSize) {
    this.#samples = info.memory.flat().every(isBytes) ? findSamples(info, size) : {};
  }

  /** What {@link apply} does from now on. */
  set adjustment(adjustment: Adjustment) {
    const { brightness, contrast, saturation, hue } = adjustment;
    this.#adjustment = { brightness, contrast, saturation, hue };
    const gain = contrast / NO_ADJUSTMENT.contrast;
    const offset = ((brightness - NO_ADJUSTMENT.brightness) * LUMA.range) / FULL_RANGE;
    for (let y = 0; y < this.#luma.length; y++) {
      const value = Math.round(LUMA.least + gain * (y - LUMA.least) + offset);
      this.#luma[y] = limit(value, LUMA.least, LUMA.most);
    }
    const length = (gain * saturation * ONE) / NO_ADJUSTMENT.saturation;
    const angle = (hue / HALF_TURN) * Math.PI;
    this.#cos = Math.round(length * Math.cos(angle));
    this.#sin = Math.round(length * Math.sin(angle));
  }

  /** Changes the samples of a frame in place. */
  apply(frame: FramePlanes): void {
    const { y, u, v, r, g, b } = this.#samples;
    for (const samples of y ?? []) this.#applyLuma(samples, frame);
    for (const [i, samples] of (u ?? []).entries()) this.#applyChroma(samples, v?.[i] as Samples, frame);
    for (const [i, samples] of (r ?? []).entries())
      this.#applyColors(samples, g?.[i] as Samples, b?.[i] as Samples, frame);
  }

  #applyLuma({ memory, at, step, count }: Samples, frame: FramePlanes): void {
    const bytes = frame.planeVaddr(memory);
    const end = at + step * count;
    for (let i = at; i < end; i += step) bytes[i] = this.#luma[bytes[i] as number] as number;
  }

  #applyChroma(u: Samples, v: Samples, frame: FramePlanes): void {
    const us = frame.planeVaddr(u.memory);
    const vs = frame.planeVaddr(v.memory);
    const { least, most, grey } = CHROMA;
    const [cos, sin] = [this.#cos, this.#sin];
    for (let n = 0, i = u.at, j = v.at; n < u.count; n++, i += u.step, j += v.step) {
      const blue = (us[i] as number) - grey;
      const red = (vs[j] as number) - grey;
      us[i] = limit(grey + ((blue * cos + red * sin + ONE / 2) >> 12), least, most);
      vs[j] = limit(grey + ((red * cos - blue * sin + ONE / 2) >> 12), least, most);
    }
  }

  #applyColors(r: Samples, g: Samples, b: Samples, frame: FramePlanes): void {
    const bytes = frame.planeVaddr(r.memory);
    for (let n = 0, i = 0; n < r.count; n++, i += r.step) {
      const color = {
        r: bytes[r.at + i] as number,
        g: bytes[g.at + i] as number,
        b: bytes[b.at + i] as number,
      };
      const seen = adjust(color, this.#adjustment);
      bytes[r.at + i] = seen.r;
      bytes[g.at + i] = seen.g;
      bytes[b.at + i] = seen.b;
    }
  }
}
