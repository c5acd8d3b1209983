/** Formats that pass through a loopback device: what is known of each, and what a program gets that asks for one. */
import {
  V4L2_COLORSPACE_JPEG,
  V4L2_COLORSPACE_SMPTE170M,
  V4L2_FIELD_NONE,
  V4L2_PIX_FMT_GREY,
  V4L2_PIX_FMT_MJPEG,
  V4L2_PIX_FMT_NV12,
  V4L2_PIX_FMT_NV21,
  V4L2_PIX_FMT_YUV420,
  type v4l2_pix_format,
} from '../../abi/index.ts';
import { tpgFormats } from '../../tpg/index.ts';
import { type PlaneShape, planeBytes, planeLine } from '../../tpg/planar-bars.ts';
import { type Colorimetry, defaultColorimetry, givenColorimetry } from '../lib/colorimetry.ts';
import type { TimePerFrame } from '../lib/frame-schedule.ts';
import { compareIntervals, type FrameSize } from '../lib/frame-size.ts';

interface Packed {
  readonly kind: 'packed';
  /** Bits per pixel. */
  readonly depth: number;
}

interface Planar {
  readonly kind: 'planar';
  /** One after the other in one buffer. */
  readonly planes: readonly PlaneShape[];
}

/** Frames of different lengths, of which nothing is known but the most they may have. */
interface Compressed {
  readonly kind: 'compressed';
}

export type LoopbackPixelFormat = { readonly fourcc: number; readonly colorspace: number } & (
  | Packed
  | Planar
  | Compressed
);

function planar(fourcc: number, planes: readonly PlaneShape[]): LoopbackPixelFormat {
  return { fourcc, colorspace: V4L2_COLORSPACE_SMPTE170M, kind: 'planar', planes };
}

const luma: PlaneShape = { content: 'y', vertical: 1 };

/** The first is the default. */
export const loopbackFormats: readonly LoopbackPixelFormat[] = [
  ...tpgFormats.map((format) => ({ ...format, kind: 'packed' as const })),
  planar(V4L2_PIX_FMT_YUV420, [luma, { content: 'u', vertical: 2 }, { content: 'v', vertical: 2 }]),
  planar(V4L2_PIX_FMT_NV12, [luma, { content: 'uv', vertical: 2 }]),
  planar(V4L2_PIX_FMT_NV21, [luma, { content: 'vu', vertical: 2 }]),
  planar(V4L2_PIX_FMT_GREY, [luma]),
  { fourcc: V4L2_PIX_FMT_MJPEG, colorspace: V4L2_COLORSPACE_JPEG, kind: 'compressed' },
];

/** What the frames of a device look like. */
export interface LoopbackFormat extends FrameSize, Colorimetry {
  readonly pixel: LoopbackPixelFormat;
  readonly bytesperline: number;
  readonly sizeimage: number;
}

export const MIN_SIDE = 2;
export const MAX_SIDE = 8192;
/** Chroma of two pixels in one sample makes odd widths awkward; few sources have them. */
export const WIDTH_STEP = 2;
const SMALLEST_COMPRESSED = 4096;
const LARGEST_COMPRESSED = 64 << 20;
/** Bytes per pixel that a compressed frame is given when its producer does not say how many it needs. */
const COMPRESSED_DEPTH = 2;

export const SHORTEST_INTERVAL: TimePerFrame = { numerator: 1, denominator: 1000 };
export const LONGEST_INTERVAL: TimePerFrame = { numerator: 60, denominator: 1 };

export function findFormat(fourcc: number): LoopbackPixelFormat | undefined {
  return loopbackFormats.find((format) => format.fourcc === fourcc);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

function bytesperlineOf(pixel: LoopbackPixelFormat, width: number): number {
  switch (pixel.kind) {
    case 'packed':
      return (width * pixel.depth) / 8;
    case 'planar':
      return planeLine(pixel.planes[0] ?? luma, width);
    case 'compressed':
      return 0;
  }
}

function sizeimageOf(pixel: LoopbackPixelFormat, { width, height }: FrameSize, wanted: number): number {
  switch (pixel.kind) {
    case 'packed':
      return bytesperlineOf(pixel, width) * height;
    case 'planar':
      return pixel.planes.reduce((sum, plane) => sum + planeBytes(plane, width, height), 0);
    case 'compressed':
      return clamp(wanted || width * height * COMPRESSED_DEPTH, SMALLEST_COMPRESSED, LARGEST_COMPRESSED);
  }
}

/** The format nearest to what is asked for; `sizeimage` counts for compressed frames only. */
export function nearestFormat(
  wanted: FrameSize & { readonly pixelformat: number; readonly sizeimage: number },
): LoopbackFormat {
  const pixel = findFormat(wanted.pixelformat) ?? (loopbackFormats[0] as LoopbackPixelFormat);
  const size = {
    width: Math.floor(clamp(wanted.width, MIN_SIDE, MAX_SIDE) / WIDTH_STEP) * WIDTH_STEP,
    height: clamp(wanted.height, MIN_SIDE, MAX_SIDE),
  };
  return {
    pixel,
    ...size,
    ...defaultColorimetry(pixel.colorspace),
    bytesperline: bytesperlineOf(pixel, size.width),
    sizeimage: sizeimageOf(pixel, size, wanted.sizeimage),
  };
}

/** What a producer gets: as {@link nearestFormat}, and how colours are meant is its own business. */
export function producerFormat(pix: v4l2_pix_format): LoopbackFormat {
  const format = nearestFormat(pix);
  return { ...format, ...givenColorimetry(pix, format.pixel.colorspace) };
}

/** Frames of one can be put into buffers that were made for the other. */
export function sameFrames(a: LoopbackFormat, b: LoopbackFormat): boolean {
  return a.pixel === b.pixel && a.width === b.width && a.height === b.height;
}

export function fillPix(pix: v4l2_pix_format, format: LoopbackFormat): void {
  pix.width = format.width;
  pix.height = format.height;
  pix.pixelformat = format.pixel.fourcc;
  pix.field = V4L2_FIELD_NONE;
  pix.bytesperline = format.bytesperline;
  pix.sizeimage = format.sizeimage;
  pix.colorspace = format.colorspace;
  pix.flags = 0;
  pix.ycbcr_enc = format.ycbcr_enc;
  pix.quantization = format.quantization;
  pix.xfer_func = format.xfer_func;
}

/** The interval to use when `wanted` is asked for; `fallback` when nothing in particular is. */
export function nearestInterval(wanted: TimePerFrame, fallback: TimePerFrame): TimePerFrame {
  const { numerator, denominator } = wanted;
  if (numerator === 0 || denominator === 0) return fallback;
  if (compareIntervals(wanted, SHORTEST_INTERVAL) < 0) return SHORTEST_INTERVAL;
  if (compareIntervals(wanted, LONGEST_INTERVAL) > 0) return LONGEST_INTERVAL;
  return { numerator, denominator };
}
