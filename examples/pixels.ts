/** From the bytes of a captured frame to a picture that every program can show. */
import { PNG } from 'pngjs';
import {
  V4L2_PIX_FMT_BGR24,
  V4L2_PIX_FMT_BGR32,
  V4L2_PIX_FMT_GREY,
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
} from '../src/abi/index.ts';

/** The shape of a frame: `v4l2_pix_format` has all of it. */
export interface FrameFormat {
  readonly pixelformat: number;
  readonly width: number;
  readonly height: number;
  readonly bytesperline: number;
}

/** Writes the pixel in column `x` of the line that starts at `line` as R, G, B, A to `out[at]`. */
type Convert = (frame: Uint8Array, line: number, x: number, out: Uint8Array, at: number) => void;

function put(out: Uint8Array, at: number, r: number, g: number, b: number): void {
  out[at] = r;
  out[at + 1] = g;
  out[at + 2] = b;
  out[at + 3] = 255;
}

const clamp = (value: number) => Math.max(0, Math.min(255, Math.round(value)));

/** BT.601, limited range. The arguments are where Y of the first pixel, U and V lie within four bytes. */
function yuv422(yAt: number, uAt: number, vAt: number): Convert {
  return (frame, line, x, out, at) => {
    const pair = line + 4 * (x >> 1);
    const y = 1.164 * (frame[pair + yAt + 2 * (x & 1)]! - 16);
    const u = frame[pair + uAt]! - 128;
    const v = frame[pair + vAt]! - 128;
    put(out, at, clamp(y + 1.596 * v), clamp(y - 0.392 * u - 0.813 * v), clamp(y + 2.017 * u));
  };
}

/** 16-bit RGB with `greenBits` of green; the bytes of a pixel are read in the order `low`, `high`. */
function rgb16(greenBits: 5 | 6, low: 0 | 1): Convert {
  const scale = (value: number, bits: number) => Math.round((value * 255) / ((1 << bits) - 1));
  return (frame, line, x, out, at) => {
    const word = frame[line + 2 * x + low]! | (frame[line + 2 * x + 1 - low]! << 8);
    const red = (word >> (5 + greenBits)) & 31;
    const green = (word >> 5) & ((1 << greenBits) - 1);
    put(out, at, scale(red, 5), scale(green, greenBits), scale(word & 31, 5));
  };
}

/** Whole bytes: how many a pixel has and which of them is red, green and blue. */
function rgbBytes(pixelBytes: number, r: number, g: number, b: number): Convert {
  return (frame, line, x, out, at) => {
    const pixel = line + pixelBytes * x;
    put(out, at, frame[pixel + r]!, frame[pixel + g]!, frame[pixel + b]!);
  };
}

const converters = new Map<number, Convert>([
  [V4L2_PIX_FMT_YUYV, yuv422(0, 1, 3)],
  [V4L2_PIX_FMT_UYVY, yuv422(1, 0, 2)],
  [V4L2_PIX_FMT_YVYU, yuv422(0, 3, 1)],
  [V4L2_PIX_FMT_VYUY, yuv422(1, 2, 0)],
  [V4L2_PIX_FMT_RGB565, rgb16(6, 0)],
  [V4L2_PIX_FMT_RGB565X, rgb16(6, 1)],
  [V4L2_PIX_FMT_RGB555, rgb16(5, 0)],
  [V4L2_PIX_FMT_RGB555X, rgb16(5, 1)],
  [V4L2_PIX_FMT_RGB24, rgbBytes(3, 0, 1, 2)],
  [V4L2_PIX_FMT_BGR24, rgbBytes(3, 2, 1, 0)],
  [V4L2_PIX_FMT_RGB32, rgbBytes(4, 1, 2, 3)],
  [V4L2_PIX_FMT_BGR32, rgbBytes(4, 2, 1, 0)],
  [V4L2_PIX_FMT_GREY, rgbBytes(1, 0, 0, 0)],
]);

/** True if frames of this pixel format can become a picture here. */
export function canConvert(pixelformat: number): boolean {
  return converters.has(pixelformat);
}

/** The frame as lines of R, G, B, A without padding. */
export function toRgba(frame: Uint8Array, format: FrameFormat): Uint8Array {
  const convert = converters.get(format.pixelformat);
  if (convert === undefined) throw new RangeError(`no conversion from 0x${format.pixelformat.toString(16)}`);
  const { width, height, bytesperline } = format;
  const out = new Uint8Array(4 * width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) convert(frame, y * bytesperline, x, out, 4 * (y * width + x));
  return out;
}

/** The frame as the content of a PNG file. */
export function toPng(frame: Uint8Array, format: FrameFormat): Uint8Array {
  const png = new PNG({ width: format.width, height: format.height });
  png.data.set(toRgba(frame, format));
  return PNG.sync.write(png);
}
