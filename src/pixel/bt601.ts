/** Colours as BT.601 has them in the limited range, from 8 bits of red, green and blue, in 16.16 fixed point. */

export function lumaOf(r: number, g: number, b: number): number {
  return ((16829 * r + 33039 * g + 6416 * b + 32768) >> 16) + 16;
}

/** How much of each colour is in a difference. */
export interface ChromaWeights {
  readonly r: number;
  readonly g: number;
  readonly b: number;
}

export const BLUE_DIFFERENCE: ChromaWeights = { r: -9714, g: -19070, b: 28784 };
export const RED_DIFFERENCE: ChromaWeights = { r: 28784, g: -24103, b: -4681 };

/** The sample of what the weights make of a colour, or of the mean of several. */
export function chromaOf(weighted: number): number {
  return ((weighted + 32768) >> 16) + 128;
}

export function blueDifferenceOf(r: number, g: number, b: number): number {
  return chromaOf(BLUE_DIFFERENCE.r * r + BLUE_DIFFERENCE.g * g + BLUE_DIFFERENCE.b * b);
}

export function redDifferenceOf(r: number, g: number, b: number): number {
  return chromaOf(RED_DIFFERENCE.r * r + RED_DIFFERENCE.g * g + RED_DIFFERENCE.b * b);
}
