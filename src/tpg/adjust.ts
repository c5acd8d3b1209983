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
export function adjust({ r, g, b }: Rgb, { brightness, contrast, saturation, hue }: Adjustment): Rgb {
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
  const seen = (fromGrey: number) => {
    const value = contrast * (NO_ADJUSTMENT.saturation * luma + saturation * fromGrey);
    const scale = NO_ADJUSTMENT.contrast * NO_ADJUSTMENT.saturation * THOUSAND;
    return component(value / scale + (brightness - NO_ADJUSTMENT.brightness));
  };
  return { r: seen(turnedRed), g: seen(turnedGreen), b: seen(turnedBlue) };
}
