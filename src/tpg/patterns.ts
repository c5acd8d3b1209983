/** The patterns: colours as a function of the place, the same for all formats. */
import { BAR_COUNT, BLACK, barsOfInput, FULL, type Rgb, WHITE } from './colors.ts';

export interface Pattern {
  readonly name: string;
  /** Rows after which the pattern comes again. */
  readonly period: number;
  /** Lines that differ, and which of them row `y` shows. */
  readonly lines: number;
  lineOf(y: number): number;
  /**
   * The colour of pixel `x` of a line, where a frame is `width` pixels wide. `x` may be anything up to twice that:
   * a pattern that moves shows what lies to the right of it.
   */
  color(x: number, line: number, width: number): Rgb;
}

/** A pattern whose rows are all equal. */
function rows(name: string, color: (x: number, width: number) => Rgb): Pattern {
  return {
    name,
    period: 1,
    lines: 1,
    lineOf: () => 0,
    color: (x, _line, width) => color(x, width),
  };
}

/** Eight bars. The width of one is rounded down, so the first begin again where eight does not divide the frame's. */
function bars(name: string, colors: readonly Rgb[]): Pattern {
  return rows(name, (x, width) => {
    const barWidth = Math.max(1, Math.floor(width / BAR_COUNT));
    return colors[Math.floor(x / barWidth) % BAR_COUNT] as Rgb;
  });
}

/** The bars of vivi, one pattern for each input. */
export const viviBars: readonly Pattern[] = barsOfInput.map((colors, input) =>
  bars(input === 0 ? 'bars' : `bars-${input}`, colors),
);

/** The bars at full scale, as television has them. */
export const fullBars: Pattern = bars('bars-100', [
  FULL.white,
  FULL.yellow,
  FULL.cyan,
  FULL.green,
  FULL.magenta,
  FULL.red,
  FULL.blue,
  BLACK,
]);

/** From black on the left to white on the right. */
export const grayRamp: Pattern = rows('ramp', (x, width) => {
  const level = Math.floor(((x % width) * 256) / width);
  return { r: level, g: level, b: level };
});

/** Squares of `side` pixels in two colours. */
export function checker(side: number, first: Rgb = WHITE, second: Rgb = BLACK): Pattern {
  return {
    name: `checker-${side}`,
    period: 2 * side,
    lines: 2,
    lineOf: (y) => Math.floor(y / side) % 2,
    color: (x, line) => ((Math.floor(x / side) + line) % 2 === 0 ? first : second),
  };
}

/**
 * The same with other colours. `change` is asked once for each colour that a pattern is made of, whatever its size: a
 * setting of a camera costs nothing for a pixel.
 */
export function recolored(pattern: Pattern, change: (color: Rgb) => Rgb): Pattern {
  const palette = new Map<Rgb, Rgb>();
  const changed = (color: Rgb) => {
    const known = palette.get(color) ?? change(color);
    palette.set(color, known);
    return known;
  };
  return { ...pattern, color: (x, line, width) => changed(pattern.color(x, line, width)) };
}

export function solid(name: string, color: Rgb): Pattern {
  return rows(name, () => color);
}

/** Every pattern that has a name. */
export const patterns: readonly Pattern[] = [
  ...viviBars,
  fullBars,
  grayRamp,
  checker(1),
  checker(16),
  ...Object.entries(FULL).map(([name, color]) => solid(name, color)),
  solid('black', BLACK),
];
