/** What the mem2mem device does to a frame: functions on the bytes of packed pixels. */
import {
  V4L2_COLORSPACE_SRGB,
  V4L2_PIX_FMT_GREY,
  V4L2_PIX_FMT_UYVY,
  V4L2_PIX_FMT_VYUY,
  V4L2_PIX_FMT_YUYV,
  V4L2_PIX_FMT_YVYU,
} from '../../abi/index.ts';
import { type TpgFormat, tpgFormats } from '../../tpg/index.ts';

export const m2mOps = ['copy', 'flip', 'hflip', 'invert'] as const;

/** copy: as it is; flip: upside down; hflip: left is right; invert: every byte b becomes 255 - b. */
export type M2mOp = (typeof m2mOps)[number];

/** The formats whose pixels stand one after the other; the first is the default. */
export const m2mFormats: readonly TpgFormat[] = [
  ...tpgFormats,
  { fourcc: V4L2_PIX_FMT_GREY, depth: 8, colorspace: V4L2_COLORSPACE_SRGB },
];

/** Where the first luma byte is in two pixels that share their chroma. */
const firstLuma: Readonly<Record<number, number>> = {
  [V4L2_PIX_FMT_YUYV]: 0,
  [V4L2_PIX_FMT_YVYU]: 0,
  [V4L2_PIX_FMT_UYVY]: 1,
  [V4L2_PIX_FMT_VYUY]: 1,
};
const PAIR_BYTES = 4;

export interface FrameShape {
  readonly format: TpgFormat;
  readonly width: number;
  readonly height: number;
}

export function bytesperlineOf({ format, width }: FrameShape): number {
  return (width * format.depth) / 8;
}

export function sizeimageOf(shape: FrameShape): number {
  return bytesperlineOf(shape) * shape.height;
}

/** Writes a whole frame to `to`; both hold at least `sizeimageOf(shape)` bytes and are not the same. */
type Transform = (from: Uint8Array, to: Uint8Array, shape: FrameShape) => void;

function copy(from: Uint8Array, to: Uint8Array, shape: FrameShape): void {
  const size = sizeimageOf(shape);
  to.set(from.length === size ? from : from.subarray(0, size));
}

function invert(from: Uint8Array, to: Uint8Array, shape: FrameShape): void {
  const size = sizeimageOf(shape);
  for (let i = 0; i < size; i++) to[i] = (from[i] as number) ^ 0xff;
}

function flip(from: Uint8Array, to: Uint8Array, shape: FrameShape): void {
  const line = bytesperlineOf(shape);
  const size = sizeimageOf(shape);
  for (let start = 0; start < size; start += line) {
    const source = size - line - start;
    for (let i = 0; i < line; i++) to[start + i] = from[source + i] as number;
  }
}

/** Puts blocks of `bytes` bytes (a pixel, or two that share their chroma) into the opposite order. */
function mirrorLine(from: Uint8Array, to: Uint8Array, start: number, line: number, bytes: number): void {
  for (let at = 0; at < line; at += bytes) {
    const target = start + line - bytes - at;
    for (let i = 0; i < bytes; i++) to[target + i] = from[start + at + i] as number;
  }
}

function hflip(from: Uint8Array, to: Uint8Array, shape: FrameShape): void {
  const line = bytesperlineOf(shape);
  const size = sizeimageOf(shape);
  const luma = firstLuma[shape.format.fourcc];
  const bytes = luma === undefined ? shape.format.depth / 8 : PAIR_BYTES;
  for (let start = 0; start < size; start += line) mirrorLine(from, to, start, line, bytes);
  if (luma === undefined) return;
  // The pairs have changed places; within each the two pixels do, and the chroma stays where it is.
  for (let at = luma; at < size; at += PAIR_BYTES) {
    const left = to[at] as number;
    to[at] = to[at + 2] as number;
    to[at + 2] = left;
  }
}

export const transforms: Readonly<Record<M2mOp, Transform>> = { copy, flip, hflip, invert };
