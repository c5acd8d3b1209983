/** What vivi can do: formats, sizes, frame intervals, and how it answers a program that wants another. */
import { V4L2_FIELD_NONE, type v4l2_pix_format } from '../../abi/index.ts';
import { type TpgFormat, tpgFormats } from '../../tpg/index.ts';
import type { TimePerFrame } from './frame-schedule.ts';

export const MIN_WIDTH = 48;
export const MAX_WIDTH = 1920;
export const MIN_HEIGHT = 32;
export const MAX_HEIGHT = 1200;
/** Widths are multiples of this. */
export const WIDTH_STEP = 4;

export interface FrameSize {
  readonly width: number;
  readonly height: number;
}

/**
 * The sizes that are listed; any other within the bounds can be set as well. The bounds are among them: a
 * camera that gives a program a size which it does not list would be one that scales.
 */
const listedSizes: readonly FrameSize[] = [
  { width: MIN_WIDTH, height: MIN_HEIGHT },
  { width: 160, height: 120 },
  { width: 320, height: 180 },
  { width: 320, height: 240 },
  { width: 640, height: 360 },
  { width: 640, height: 480 },
  { width: 800, height: 600 },
  { width: 1280, height: 720 },
  { width: 1280, height: 960 },
  { width: 1600, height: 1200 },
  { width: 1920, height: 1080 },
  { width: MAX_WIDTH, height: MAX_HEIGHT },
];

const listedIntervals: readonly TimePerFrame[] = [
  { numerator: 1, denominator: 120 },
  { numerator: 1, denominator: 60 },
  { numerator: 1, denominator: 50 },
  { numerator: 1, denominator: 30 },
  { numerator: 1, denominator: 25 },
  { numerator: 1, denominator: 24 },
  { numerator: 1, denominator: 15 },
  { numerator: 1, denominator: 10 },
  { numerator: 1, denominator: 5 },
  { numerator: 1, denominator: 1 },
];

/** What can be set, beyond what is listed. */
export const SHORTEST_INTERVAL: TimePerFrame = { numerator: 1, denominator: 120 };
export const LONGEST_INTERVAL: TimePerFrame = { numerator: 1, denominator: 1 };

/** Negative if `a` is shorter than `b`, 0 if they are the same. Exact: both products are below 2^53 here. */
export function compareIntervals(a: TimePerFrame, b: TimePerFrame): number {
  return a.numerator * b.denominator - b.numerator * a.denominator;
}

/** The sizes to list for a camera that was made with `size`: first that one, for programs that take the first. */
export function sizesWith(size: FrameSize): readonly FrameSize[] {
  return [size, ...listedSizes.filter(({ width, height }) => width !== size.width || height !== size.height)];
}

/** The intervals to list, from short to long, for a camera that was made with `interval`. */
export function intervalsWith(interval: TimePerFrame): readonly TimePerFrame[] {
  if (listedIntervals.some((listed) => compareIntervals(listed, interval) === 0)) return listedIntervals;
  return [...listedIntervals, interval].sort(compareIntervals);
}

/** The interval to use when `wanted` is asked for; `fallback` when nothing in particular is. */
export function nearestInterval(wanted: TimePerFrame, fallback: TimePerFrame): TimePerFrame {
  const { numerator, denominator } = wanted;
  if (numerator === 0 || denominator === 0) return fallback;
  if (compareIntervals(wanted, SHORTEST_INTERVAL) < 0) return SHORTEST_INTERVAL;
  if (compareIntervals(wanted, LONGEST_INTERVAL) > 0) return LONGEST_INTERVAL;
  return { numerator, denominator };
}

export function findFormat(fourcc: number): TpgFormat | undefined {
  return tpgFormats.find((format) => format.fourcc === fourcc);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

/** The size to use when `width` x `height` is asked for. @kernel v4l_bound_align_image */
export function nearestSize(width: number, height: number): FrameSize {
  const bounded = clamp(width, MIN_WIDTH, MAX_WIDTH);
  return {
    width: Math.floor((bounded + WIDTH_STEP / 2) / WIDTH_STEP) * WIDTH_STEP,
    height: clamp(height, MIN_HEIGHT, MAX_HEIGHT),
  };
}

export function bytesperlineOf(format: TpgFormat, width: number): number {
  return (width * format.depth) / 8;
}

/** Writes a format as programs see it. Frames are progressive, whatever field order was asked for. */
export function fillPix(pix: v4l2_pix_format, format: TpgFormat, { width, height }: FrameSize): void {
  pix.width = width;
  pix.height = height;
  pix.pixelformat = format.fourcc;
  pix.field = V4L2_FIELD_NONE;
  pix.bytesperline = bytesperlineOf(format, width);
  pix.sizeimage = pix.bytesperline * height;
  pix.colorspace = format.colorspace;
  pix.flags = 0;
  pix.ycbcr_enc = 0;
  pix.quantization = 0;
  pix.xfer_func = 0;
}
