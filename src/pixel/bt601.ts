/** Colours as BT.601 has them in the limited range, from 8 bits of red, green and blue, in 16.16 fixed point. */

export function lumaOf(r: number, g: number, b: number): number {
  return ((16829 * r + 33039 * g + 6416 * b + 32768) >> 16) + 16;
}

export function blueDifferenceOf(r: number, g: number, b: number): number {
  return ((-9714 * r - 19070 * g + 28784 * b + 32768) >> 16) + 128;
}

export function redDifferenceOf(r: number, g: number, b: number): number {
  return ((28784 * r - 24103 * g - 4681 * b + 32768) >> 16) + 128;
}
