/** Recognizes the eight colour bars of the test pattern in what programs have made of it. */

/** A line of pixels, three components each. */
export type Row = readonly (readonly [number, number, number])[];

interface Palette {
  readonly colors: Row;
  /** How far a component may be off: conversions round. */
  readonly tolerance: number;
}

const yuv: Palette = {
  colors: [
    [191, 128, 128],
    [174, 37, 143],
    [140, 159, 38],
    [136, 58, 40],
    [101, 198, 216],
    [69, 98, 218],
    [41, 240, 110],
    [16, 128, 128],
  ],
  tolerance: 2,
};

const rgb: Palette = {
  colors: [
    [204, 204, 204],
    [208, 208, 0],
    [0, 206, 206],
    [0, 239, 0],
    [239, 0, 239],
    [205, 0, 0],
    [0, 0, 255],
    [0, 0, 0],
  ],
  tolerance: 14,
};

/** Pixels at a boundary may belong to no bar: chroma is shared by two, and scalers interpolate. */
const MIXED = 4;

/**
 * True if the row goes through all eight bars in their order (white follows black), each a run of one color,
 * with no more than MIXED other pixels between two of them.
 */
function showsBars(row: Row, { colors, tolerance }: Palette): boolean {
  const barOf = (pixel: Row[number]) =>
    colors.findIndex((color) => color.every((value, i) => Math.abs(value - (pixel[i] ?? 0)) <= tolerance));
  const seen = new Set<number>();
  let last = -1;
  let mixed = 0;
  for (const pixel of row) {
    const bar = barOf(pixel);
    if (bar < 0) {
      mixed++;
      if (mixed > MIXED) return false;
      continue;
    }
    if (last >= 0 && bar !== last && bar !== (last + 1) % colors.length) return false;
    mixed = 0;
    last = bar;
    seen.add(bar);
  }
  return seen.size === colors.length;
}

export function yuvShowsBars(row: Row): boolean {
  return showsBars(row, yuv);
}

export function rgbShowsBars(row: Row): boolean {
  return showsBars(row, rgb);
}

/** Line `y` of a YUYV frame without padding. */
export function yuyvRow(frame: Uint8Array, width: number, y: number): Row {
  const line = frame.subarray(2 * width * y, 2 * width * (y + 1));
  return Array.from({ length: width }, (_, x) => {
    const pair = 4 * (x >> 1);
    return [line[2 * x]!, line[pair + 1]!, line[pair + 3]!] as const;
  });
}

function isWhite([y, u, v]: Row[number]): boolean {
  return y > 185 && Math.abs(u - 128) < 4 && Math.abs(v - 128) < 4;
}

/**
 * How many frames of the camera were left out of a series of lines, each from the frame after the other: the
 * bars move by two pixels to the left from each frame of the camera to the next.
 */
export function leftOut(lines: readonly Row[]): number {
  const step = 2;
  const starts = lines.map((row) => row.findIndex((pixel, x) => isWhite(pixel) && !isWhite(row.at(x - 1)!)));
  let missing = 0;
  for (const [i, start] of starts.entries()) {
    if (i === 0) continue;
    const width = lines[i]!.length;
    const moved = (starts[i - 1]! - start + width) % width;
    missing += Math.round(moved / step) - 1;
  }
  return missing;
}

/** How many frames the bytes hold, and which of them do not show the bars below the text in the picture. */
export function checkYuyv(
  bytes: Uint8Array,
  width: number,
  height: number,
): { frames: number; wrong: readonly number[] } {
  const size = 2 * width * height;
  const frames = bytes.length / size;
  const wrong: number[] = [];
  for (let frame = 0; frame < Math.floor(frames); frame++) {
    const pixels = bytes.subarray(frame * size, (frame + 1) * size);
    const rows = [yuyvRow(pixels, width, Math.floor(height / 2)), yuyvRow(pixels, width, height - 1)];
    if (!rows.every(yuvShowsBars)) wrong.push(frame);
  }
  return { frames, wrong };
}
