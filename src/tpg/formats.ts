/**
 * The pixel formats of the test pattern and how one pixel of a colour lies in memory in each of them.
 * Everything that draws (bars, text) builds small tables with {@link PixelFormat.encode} and copies from
 * them, so this may be plain rather than fast.
 */
import {
  V4L2_COLORSPACE_SMPTE170M,
  V4L2_COLORSPACE_SRGB,
  V4L2_PIX_FMT_BGR24,
  V4L2_PIX_FMT_BGR32,
  V4L2_PIX_FMT_RGB24,
  V4L2_PIX_FMT_RGB32,
  V4L2_PIX_FMT_RGB555,
  V4L2_PIX_FMT_RGB555X,
  V4L2_PIX_FMT_RGB565,
  V4L2_PIX_FMT_RGB565X,
  V4L2_PIX_FMT_UYVY,
  V4L2_PIX_FMT_VYUY,
  V4L2_PIX_FMT_YUYV,
  V4L2_PIX_FMT_YVYU,
} from '../abi/index.ts';
import type { Rgb } from './colors.ts';

/** A format the test pattern can draw, as a driver lists it. */
export interface TpgFormat {
  readonly fourcc: number;
  /** Bits per pixel. */
  readonly depth: number;
  readonly colorspace: number;
}

/**
 * Writes one pixel to `at`. `odd` is the parity of its column: a pair of 4:2:2 pixels shares its chroma, the
 * even pixel carries the first sample of the pair and the odd one the second.
 */
export type EncodePixel = (bytes: Uint8Array, at: number, color: Rgb, alpha: number, odd: boolean) => void;

export interface PixelFormat extends TpgFormat {
  /** True if a pixel looks different in odd columns. */
  readonly paired: boolean;
  readonly encode: EncodePixel;
}

/** BT.601 luma and chroma, limited range, in 16.16 fixed point. */
const luma = ({ r, g, b }: Rgb) => ((16829 * r + 33039 * g + 6416 * b + 32768) >> 16) + 16;
const blueDifference = ({ r, g, b }: Rgb) => ((-9714 * r - 19070 * g + 28784 * b + 32768) >> 16) + 128;
const redDifference = ({ r, g, b }: Rgb) => ((28784 * r - 24103 * g - 4681 * b + 32768) >> 16) + 128;

function yuv422(fourcc: number, order: { luma: 0 | 1; first: 'u' | 'v' }): PixelFormat {
  return {
    fourcc,
    depth: 16,
    colorspace: V4L2_COLORSPACE_SMPTE170M,
    paired: true,
    encode(bytes, at, color, _alpha, odd) {
      const isU = (order.first === 'u') !== odd;
      bytes[at + order.luma] = luma(color);
      bytes[at + 1 - order.luma] = isU ? blueDifference(color) : redDifference(color);
    },
  };
}

function rgb16(fourcc: number, bigEndian: boolean, pack: (color: Rgb, alpha: number) => number): PixelFormat {
  return {
    fourcc,
    depth: 16,
    colorspace: V4L2_COLORSPACE_SRGB,
    paired: false,
    encode(bytes, at, color, alpha) {
      const word = pack(color, alpha);
      bytes[at] = bigEndian ? word >> 8 : word;
      bytes[at + 1] = bigEndian ? word : word >> 8;
    },
  };
}

const pack565 = ({ r, g, b }: Rgb) => ((r >> 3) << 11) | ((g >> 2) << 5) | (b >> 3);
const pack555 = ({ r, g, b }: Rgb, alpha: number) =>
  ((alpha >> 7) << 15) | ((r >> 3) << 10) | ((g >> 3) << 5) | (b >> 3);

/** Formats of whole bytes; `order` names the component of each byte. */
function rgbBytes(fourcc: number, order: readonly ('r' | 'g' | 'b' | 'alpha')[]): PixelFormat {
  return {
    fourcc,
    depth: 8 * order.length,
    colorspace: V4L2_COLORSPACE_SRGB,
    paired: false,
    encode(bytes, at, color, alpha) {
      order.forEach((component, i) => {
        bytes[at + i] = component === 'alpha' ? alpha : color[component];
      });
    },
  };
}

const formats: readonly PixelFormat[] = [
  yuv422(V4L2_PIX_FMT_YUYV, { luma: 0, first: 'u' }),
  yuv422(V4L2_PIX_FMT_UYVY, { luma: 1, first: 'u' }),
  yuv422(V4L2_PIX_FMT_YVYU, { luma: 0, first: 'v' }),
  yuv422(V4L2_PIX_FMT_VYUY, { luma: 1, first: 'v' }),
  rgb16(V4L2_PIX_FMT_RGB565, false, pack565),
  rgb16(V4L2_PIX_FMT_RGB565X, true, pack565),
  rgb16(V4L2_PIX_FMT_RGB555, false, pack555),
  rgb16(V4L2_PIX_FMT_RGB555X, true, pack555),
  rgbBytes(V4L2_PIX_FMT_RGB24, ['r', 'g', 'b']),
  rgbBytes(V4L2_PIX_FMT_BGR24, ['b', 'g', 'r']),
  rgbBytes(V4L2_PIX_FMT_RGB32, ['alpha', 'r', 'g', 'b']),
  rgbBytes(V4L2_PIX_FMT_BGR32, ['b', 'g', 'r', 'alpha']),
];

/** What can be drawn, in the order in which vivi lists it; the first is the default. */
export const tpgFormats: readonly TpgFormat[] = formats;

/** The format `fourcc` stands for. A driver asks only for formats it took from {@link tpgFormats}. */
export function pixelFormat(fourcc: number): PixelFormat {
  const format = formats.find((candidate) => candidate.fourcc === fourcc);
  if (format === undefined) throw new RangeError(`the test pattern has no format 0x${fourcc.toString(16)}`);
  return format;
}
