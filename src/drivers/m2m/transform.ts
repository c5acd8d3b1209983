/** What the mem2mem device does to a frame: functions on the bytes of packed pixels. */
import { type FormatInfo, firstPlane, formatsNamed, type PlaneInfo } from '../../pixel/index.ts';
import type { FrameFormat } from '../lib/frame-format.ts';
import { packedFormats } from '../lib/packed-formats.ts';

export const m2mOps = ['copy', 'flip', 'hflip', 'invert'] as const;

/** What a device is made for: copy: as it is; flip: upside down; hflip: left is right; invert: every byte b becomes 255 - b. */
export type M2mOp = (typeof m2mOps)[number];

/** The formats whose pixels stand one after the other; the first is the default. */
export const m2mFormats: readonly FormatInfo[] = [...packedFormats, ...formatsNamed('GREY')];

/** What a transformation has to know of a frame: whole bytes, lines without padding. */
interface Layout {
  readonly plane: PlaneInfo;
  /** Bytes of a line, and of the frame. */
  readonly line: number;
  readonly size: number;
}

function layoutOf({ info, bytesperline, planeSizes }: FrameFormat): Layout {
  const [[line = 0], [size = 0]] = [bytesperline, planeSizes];
  return { plane: firstPlane(info) as PlaneInfo, line, size };
}

/** What becomes of a frame. */
export interface Transformation {
  /** Left is right. */
  readonly hflip: boolean;
  /** Upside down. */
  readonly vflip: boolean;
  /** Every byte b becomes 255 - b. */
  readonly invert: boolean;
}

function copyLine(from: Uint8Array, to: Uint8Array, source: number, target: number, line: number): void {
  for (let i = 0; i < line; i++) to[target + i] = from[source + i] as number;
}

/** Puts groups of `bytes` bytes (a pixel, or two that share their chroma) into the opposite order. */
function mirrorLine(
  from: Uint8Array,
  to: Uint8Array,
  source: number,
  target: number,
  { line, plane: { bytes } }: Layout,
): void {
  for (let at = 0; at < line; at += bytes) {
    const place = target + line - bytes - at;
    for (let i = 0; i < bytes; i++) to[place + i] = from[source + at + i] as number;
  }
}

/** The pairs have changed places; within each the two pixels do, and the chroma stays where it is. */
function mirrorPairs(frame: Uint8Array, { plane: { bytes, samples }, size }: Layout): void {
  const [left, right] = [samples.indexOf('y'), samples.lastIndexOf('y')];
  for (let at = 0; at < size; at += bytes) {
    const luma = frame[at + left] as number;
    frame[at + left] = frame[at + right] as number;
    frame[at + right] = luma;
  }
}

function invertAll(frame: Uint8Array, size: number): void {
  for (let i = 0; i < size; i++) frame[i] = (frame[i] as number) ^ 0xff;
}

/** Writes the transformed frame to `to`; both hold at least a frame of `format` and are not the same. */
export function transform(
  { hflip, vflip, invert }: Transformation,
  from: Uint8Array,
  to: Uint8Array,
  format: FrameFormat,
): void {
  const layout = layoutOf(format);
  const { line, size, plane } = layout;
  if (!hflip && !vflip) to.set(from.length === size ? from : from.subarray(0, size));
  else
    for (let target = 0; target < size; target += line) {
      const source = vflip ? size - line - target : target;
      if (hflip) mirrorLine(from, to, source, target, layout);
      else copyLine(from, to, source, target, line);
    }
  if (hflip && plane.pixels > 1) mirrorPairs(to, layout);
  if (invert) invertAll(to, size);
}
