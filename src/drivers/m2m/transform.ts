/** What the mem2mem device does to a frame: functions on the bytes of packed pixels. */
import { type FormatInfo, firstPlane, formatsNamed, type PlaneInfo } from '../../pixel/index.ts';
import type { FrameFormat } from '../lib/frame-format.ts';
import { packedFormats } from '../lib/packed-formats.ts';

export const m2mOps = ['copy', 'flip', 'hflip', 'invert'] as const;

/** copy: as it is; flip: upside down; hflip: left is right; invert: every byte b becomes 255 - b. */
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

/** Writes a whole frame to `to`; both hold at least one and are not the same. */
type Transform = (from: Uint8Array, to: Uint8Array, layout: Layout) => void;

function copy(from: Uint8Array, to: Uint8Array, { size }: Layout): void {
  to.set(from.length === size ? from : from.subarray(0, size));
}

function invert(from: Uint8Array, to: Uint8Array, { size }: Layout): void {
  for (let i = 0; i < size; i++) to[i] = (from[i] as number) ^ 0xff;
}

function flip(from: Uint8Array, to: Uint8Array, { line, size }: Layout): void {
  for (let start = 0; start < size; start += line) {
    const source = size - line - start;
    for (let i = 0; i < line; i++) to[start + i] = from[source + i] as number;
  }
}

/** Puts groups of `bytes` bytes (a pixel, or two that share their chroma) into the opposite order. */
function mirrorLine(from: Uint8Array, to: Uint8Array, start: number, line: number, bytes: number): void {
  for (let at = 0; at < line; at += bytes) {
    const target = start + line - bytes - at;
    for (let i = 0; i < bytes; i++) to[target + i] = from[start + at + i] as number;
  }
}

function hflip(from: Uint8Array, to: Uint8Array, { plane, line, size }: Layout): void {
  const { bytes, pixels, samples } = plane;
  for (let start = 0; start < size; start += line) mirrorLine(from, to, start, line, bytes);
  if (pixels === 1) return;
  // The pairs have changed places; within each the two pixels do, and the chroma stays where it is.
  const [left, right] = [samples.indexOf('y'), samples.lastIndexOf('y')];
  for (let at = 0; at < size; at += bytes) {
    const luma = to[at + left] as number;
    to[at + left] = to[at + right] as number;
    to[at + right] = luma;
  }
}

const transforms: Readonly<Record<M2mOp, Transform>> = { copy, flip, hflip, invert };

/** Writes the transformed frame to `to`; both hold at least a frame of `format` and are not the same. */
export function transform(op: M2mOp, from: Uint8Array, to: Uint8Array, format: FrameFormat): void {
  transforms[op](from, to, layoutOf(format));
}
