/**
 * A picture as H.264 (ITU-T H.264, constrained baseline) without an encoder: all samples as they are (I_PCM), in an access unit
 * that stands alone. Large, and so for what is seldom shown: what stands in for a stream, or covers it.
 */

import { type FrameSize, formatsNamed, sizeimageOf } from '../pixel/index.ts';
import { FramePainter } from './painter.ts';
import type { Pattern } from './patterns.ts';

/** A macroblock has so many samples of luma a side, and half as many of each chroma. */
const SIDE = 16;
const PROFILE_BASELINE = 66;
/** It keeps to what baseline and main have in common. */
const CONSTRAINED = 0xc0;
/** Macroblocks that a picture of level 4 may have. */
const LEVEL_4_BLOCKS = 8192;
const SLICE_OF_I = 7;
const I_PCM = 25;

const NAL_IDR = 0x65;
const NAL_SPS = 0x67;
const NAL_PPS = 0x68;
const END_OF_SLICE = 0x80;

/** Bits, most significant first. */
class Bits {
  readonly #bits: number[] = [];

  u(value: number, count: number): this {
    for (let i = count - 1; i >= 0; i--) this.#bits.push((value >> i) & 1);
    return this;
  }

  /** Exp-Golomb. */
  ue(value: number): this {
    const length = 32 - Math.clz32(value + 1);
    return this.u(0, length - 1).u(value + 1, length);
  }

  /** The bytes, the last one filled with zeros. */
  bytes(): number[] {
    while (this.#bits.length % 8 > 0) this.#bits.push(0);
    return Array.from({ length: this.#bits.length / 8 }, (_, n) =>
      this.#bits.slice(n * 8, n * 8 + 8).reduce((byte, bit) => (byte << 1) | bit, 0),
    );
  }
}

/** Behind a start code; no other one is seen in it. */
function nal(type: number, payload: readonly number[]): number[] {
  const escaped: number[] = [];
  for (const byte of payload) {
    if (byte <= 3 && escaped.at(-1) === 0 && escaped.at(-2) === 0) escaped.push(3);
    escaped.push(byte);
  }
  return [0, 0, 0, 1, type, ...escaped];
}

const blocksOf = (length: number): number => Math.ceil(length / SIDE);

function sequenceParameters({ width, height }: FrameSize): number[] {
  const [columns, rows] = [blocksOf(width), blocksOf(height)];
  const level = columns * rows <= LEVEL_4_BLOCKS ? 40 : 51;
  // Two samples are the unit of what is cut off.
  const [right, bottom] = [(columns * SIDE - width) >> 1, (rows * SIDE - height) >> 1];
  const bits = new Bits().u(PROFILE_BASELINE, 8).u(CONSTRAINED, 8).u(level, 8);
  bits.ue(0).ue(0).ue(2).ue(1).u(0, 1);
  bits
    .ue(columns - 1)
    .ue(rows - 1)
    .u(1, 1)
    .u(1, 1);
  bits.u(1, 1).ue(0).ue(right).ue(0).ue(bottom);
  return nal(NAL_SPS, bits.u(0, 1).u(1, 1).bytes());
}

function pictureParameters(): number[] {
  const bits = new Bits().ue(0).ue(0).u(0, 2).ue(0).ue(0).ue(0).u(0, 3);
  // Differences of quantizers are 0; the slice says what is to be smoothed.
  return nal(NAL_PPS, bits.ue(0).ue(0).ue(0).u(1, 1).u(0, 2).u(1, 1).bytes());
}

/** With the type of the first macroblock; its samples begin at a whole byte. */
function sliceHead(): number[] {
  const bits = new Bits().ue(0).ue(SLICE_OF_I).ue(0).u(0, 4).ue(0).u(0, 2);
  return nal(NAL_IDR, bits.ue(0).ue(1).ue(I_PCM).bytes());
}

/** A plane in memory. */
interface Plane extends FrameSize {
  readonly at: number;
}

/** Copies a block of samples, those at the edge repeated; gives where it ends. */
function putBlock(
  from: Uint8Array,
  plane: Plane,
  left: number,
  top: number,
  side: number,
  to: Uint8Array,
  at: number,
): number {
  let end = at;
  for (let y = top; y < top + side; y++) {
    const row = plane.at + Math.min(y, plane.height - 1) * plane.width;
    for (let x = left; x < left + side; x++) to[end++] = from[row + Math.min(x, plane.width - 1)] as number;
  }
  return end;
}

const [YUV420] = formatsNamed('YUV420');

function planesOf({ width, height }: FrameSize): readonly [Plane, Plane, Plane] {
  const half = { width: Math.ceil(width / 2), height: Math.ceil(height / 2) };
  const chroma = width * height;
  return [
    { at: 0, width, height },
    { at: chroma, ...half },
    { at: chroma + half.width * half.height, ...half },
  ];
}

/** Samples of a macroblock, of all planes. */
const BLOCK_SAMPLES = (SIDE * SIDE * 3) / 2;

/** The first frame of `pattern` as an access unit. */
export function h264Picture(pattern: Pattern, size: FrameSize): Uint8Array {
  const picture = new Uint8Array(sizeimageOf(YUV420, size));
  new FramePainter(YUV420, size).paint(picture, 0, pattern);
  const [luma, ...chroma] = planesOf(size);
  const [columns, rows] = [blocksOf(size.width), blocksOf(size.height)];
  const head = [...sequenceParameters(size), ...pictureParameters(), ...sliceHead()];
  const next = new Bits().ue(I_PCM).bytes();
  const blocks = columns * rows;
  const unit = new Uint8Array(head.length + blocks * BLOCK_SAMPLES + (blocks - 1) * next.length + 1);
  unit.set(head);
  let at = head.length;
  for (let n = 0; n < blocks; n++) {
    const [left, top] = [(n % columns) * SIDE, Math.floor(n / columns) * SIDE];
    if (n > 0) for (const byte of next) unit[at++] = byte;
    at = putBlock(picture, luma, left, top, SIDE, unit, at);
    for (const plane of chroma) at = putBlock(picture, plane, left / 2, top / 2, SIDE / 2, unit, at);
  }
  // No sample is 0, so nothing in them looks like a start code.
  unit[at] = END_OF_SLICE;
  return unit;
}

const NAL_TYPE = 0x1f;

/** True if the access unit begins with parameters, as those do that need no others. */
export function isH264Keyframe(unit: Uint8Array): boolean {
  return ((unit[4] as number) & NAL_TYPE) === (NAL_SPS & NAL_TYPE);
}
