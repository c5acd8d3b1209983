/** What the knobs of a camera do to a colour. */
import type { Rgb } from './colors.ts';

/** In the units of vivi's controls; see {@link NO_ADJUSTMENT} for what leaves colours as they are. */
export interface Adjustment {
  /** Added to each of red, green and blue, less 127: 0 to 255. */
  readonly brightness: number;
  /** A factor in sixteenths: 0 (one shade of grey) to 255 (almost sixteen times). */
  readonly contrast: number;
  /** A factor for how far a colour is from its grey, in 127ths: 0 (grey) to 255 (about twice). */
  readonly saturation: number;
  /** An angle by which chroma is turned, in 128ths of half a turn: -128 to 127. */
  readonly hue: number;
}

/** Every colour stays exactly what it is. */
export const NO_ADJUSTMENT: Adjustment = { brightness: 127, contrast: 16, saturation: 127, hue: 0 };

const HALF_TURN = 128;
/** Sine and cosine in such steps, so that quarter turns are exact. */
const STEPS = 65536;

/** Luma of BT.601 in thousandths. */
const LUMA = { r: 299, g: 587, b: 114 };
const THOUSAND = 1000;
/** Blue and red less luma have other ranges than chroma, in which hue is an angle: B-Y = 1.772 Cb, R-Y = 1.402 Cr. */
const BLUE_OF_RED = 1772 / 1402;

const fixed = (value: number) => Math.round(value * STEPS) / STEPS;

const SCALE = NO_ADJUSTMENT.contrast * NO_ADJUSTMENT.saturation * THOUSAND;

/** To the nearest of 0 to 255, from the middle up. */
const component = (value: number) => Math.min(255, Math.max(0, Math.floor(value + 0.5)));

/**
 * The colour that is seen of `color`. With Y its luma, B-Y and R-Y its distance from grey, a the angle of the hue:
 *
 *     B-Y' = (B-Y) cos a + 1.772/1.402 (R-Y) sin a
 *     R-Y' = (R-Y) cos a - 1.402/1.772 (B-Y) sin a
 *     G-Y' = -(0.299 R-Y' + 0.114 B-Y') / 0.587
 *     C'   = contrast/16 (Y + saturation/127 C-Y') + brightness - 127      for each C of R, G, B
 *
 * rounded to whole numbers and cut at 0 and 255. Luma and chroma of formats that have them are computed from that, so a
 * setting looks the same in all formats. Shades of grey stay grey.
 */
export function adjust(color: Rgb, adjustment: Adjustment): Rgb {
  const { r, g, b } = mix(color, adjustment);
  const seen = (value: number) =>
    component(value / SCALE + (adjustment.brightness - NO_ADJUSTMENT.brightness));
  return { r: seen(r), g: seen(g), b: seen(b) };
}

/** The same as what is done to a column of red, green and blue: three rows of three, and what is added to each. */
export function adjustmentMatrix(adjustment: Adjustment): {
  readonly matrix: [Triple, Triple, Triple];
  readonly offset: number;
} {
  const [red, green, blue] = [
    mix({ r: 1, g: 0, b: 0 }, adjustment),
    mix({ r: 0, g: 1, b: 0 }, adjustment),
    mix({ r: 0, g: 0, b: 1 }, adjustment),
  ] as const;
  const row = (key: keyof Rgb): Triple => [red[key] / SCALE, green[key] / SCALE, blue[key] / SCALE];
  return {
    matrix: [row('r'), row('g'), row('b')],
    offset: adjustment.brightness - NO_ADJUSTMENT.brightness,
  };
}

type Triple = [number, number, number];

/** Without brightness, and in units of {@link SCALE}. */
function mix({ r, g, b }: Rgb, { contrast, saturation, hue }: Adjustment): Rgb {
  // Thousandths are whole numbers: without a hue the quotients below are exact, ties included.
  const luma = LUMA.r * r + LUMA.g * g + LUMA.b * b;
  const angle = (hue / HALF_TURN) * Math.PI;
  const cos = fixed(Math.cos(angle));
  const sin = fixed(Math.sin(angle));
  const blue = THOUSAND * b - luma;
  const red = THOUSAND * r - luma;
  const turnedBlue = blue * cos + BLUE_OF_RED * red * sin;
  const turnedRed = red * cos - (blue * sin) / BLUE_OF_RED;
  const turnedGreen = -(LUMA.r * turnedRed + LUMA.b * turnedBlue) / LUMA.g;
  const mixed = (fromGrey: number) => contrast * (NO_ADJUSTMENT.saturation * luma + saturation * fromGrey);
  return { r: mixed(turnedRed), g: mixed(turnedGreen), b: mixed(turnedBlue) };
}
