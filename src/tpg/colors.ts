/** The colours of the test pattern and the bars that each input shows. */

export interface Rgb {
  readonly r: number;
  readonly g: number;
  readonly b: number;
}

/** Bars across one width. */
export const BAR_COUNT = 8;

const rgb = (r: number, g: number, b: number): Rgb => ({ r, g, b });

/** The names are vivi's; the values are those of its bars, 75 to 94 % of full scale but for blue. */
export const WHITE = rgb(204, 204, 204);
export const AMBER = rgb(208, 208, 0);
export const CYAN = rgb(0, 206, 206);
export const GREEN = rgb(0, 239, 0);
export const MAGENTA = rgb(239, 0, 239);
export const RED = rgb(205, 0, 0);
export const BLUE = rgb(0, 0, 255);
export const BLACK = rgb(0, 0, 0);

/** The corners of the cube at full scale, but for black. */
export const FULL = {
  white: rgb(255, 255, 255),
  yellow: rgb(255, 255, 0),
  cyan: rgb(0, 255, 255),
  green: rgb(0, 255, 0),
  magenta: rgb(255, 0, 255),
  red: rgb(255, 0, 0),
  blue: rgb(0, 0, 255),
} as const;

/** Three colours again and again, cut after the eighth bar. */
function repeated(...colors: readonly [Rgb, Rgb, Rgb]): readonly Rgb[] {
  return Array.from({ length: BAR_COUNT }, (_, bar) => colors[bar % colors.length] as Rgb);
}

/** The bars of each input, from left to right; what an input shows is how a viewer tells them apart. */
export const barsOfInput: readonly (readonly Rgb[])[] = [
  [WHITE, AMBER, CYAN, GREEN, MAGENTA, RED, BLUE, BLACK],
  repeated(WHITE, AMBER, BLACK),
  repeated(WHITE, CYAN, BLACK),
  repeated(WHITE, GREEN, BLACK),
];
