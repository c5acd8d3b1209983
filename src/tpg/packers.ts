/**
 * How colours become bytes: one function for all formats, which reads from the table what lies where. It is called
 * once for each line of a pattern, not for each frame, so it is plain rather than fast.
 */
import {
  blueDifferenceOf,
  type FormatInfo,
  isChroma,
  lumaOf,
  type PlaneInfo,
  redDifferenceOf,
} from '../pixel/index.ts';
import type { Rgb } from './colors.ts';

/** The colour of pixel `x` of a line, which has no end. */
export type LineOfColors = (x: number) => Rgb;

/** The value of a sample, 0 to 255. */
type Sample = (color: Rgb, alpha: number) => number;

const samples: Readonly<Record<string, Sample>> = {
  r: ({ r }) => r,
  g: ({ g }) => g,
  b: ({ b }) => b,
  a: (_, alpha) => alpha,
  x: () => 0,
  y: ({ r, g, b }) => lumaOf(r, g, b),
  u: ({ r, g, b }) => blueDifferenceOf(r, g, b),
  v: ({ r, g, b }) => redDifferenceOf(r, g, b),
};

function sampleOf(letter: string): Sample {
  const sample = samples[letter];
  if (sample === undefined) throw new RangeError(`the test pattern cannot make the sample "${letter}"`);
  return sample;
}

function canPackPlane({ samples: letters, bytes, bits, pixels }: PlaneInfo): boolean {
  const known = [...letters].every((letter) => samples[letter] !== undefined);
  if (bits !== undefined) return known && pixels === 1 && bits.every((width) => width <= 8);
  return known && bytes === letters.length;
}

/** True if all of the format can be painted. */
export function canPack({ memory }: FormatInfo): boolean {
  return memory.length > 0 && memory.flat().every(canPackPlane);
}

/**
 * Which pixel of a group each sample is taken from. Chroma that two pixels share is not their mean: the first sample
 * is of the first pixel and the second of the second, as a camera has them that reads its sensor in one go.
 */
function pixelsOfSamples(plane: PlaneInfo): readonly number[] {
  const { samples: letters, pixels } = plane;
  if (isChroma(plane)) return [...letters].map((letter) => (letter === 'v' ? Math.min(1, pixels - 1) : 0));
  return [...letters].map((_, i) => Math.floor((i * pixels) / letters.length));
}

function packWord(plane: PlaneInfo, bytes: Uint8Array, at: number, color: Rgb, alpha: number): void {
  const { bits = [], bigEndian = false, bytes: length } = plane;
  let value = 0;
  for (const [i, letter] of [...plane.samples].entries()) {
    const width = bits[i] ?? 0;
    value = (value << width) | (sampleOf(letter)(color, alpha) >> (8 - width));
  }
  for (let i = 0; i < length; i++) bytes[at + (bigEndian ? length - 1 - i : i)] = value >> (8 * i);
}

/** Writes `groups` groups of a line from byte `at` on; the first pixel is `colors(first)`. */
export function packLine(
  plane: PlaneInfo,
  bytes: Uint8Array,
  at: number,
  groups: number,
  colors: LineOfColors,
  { first = 0, alpha = 0 }: { first?: number; alpha?: number } = {},
): void {
  if (plane.bits !== undefined) {
    for (let g = 0; g < groups; g++) packWord(plane, bytes, at + g * plane.bytes, colors(first + g), alpha);
    return;
  }
  const pixels = pixelsOfSamples(plane);
  for (const [i, letter] of [...plane.samples].entries()) {
    const sample = sampleOf(letter);
    const pixel = first + (pixels[i] ?? 0);
    for (let g = 0; g < groups; g++)
      bytes[at + g * plane.bytes + i] = sample(colors(pixel + g * plane.pixels), alpha);
  }
}
