/**
 * How the bytes of a pixel format lie in memory: what everything needs that makes, moves or measures frames.
 *
 * @kernel v4l2_format_info
 */

import { V4L2_PIX_FMT_H264 } from '../abi/index.ts';

/**
 * A part of a frame whose lines follow each other: the whole of a packed format, or one or more components of a
 * planar one. A line is a row of groups, and a group is the samples of one pixel, or of several neighbours that
 * share some of them.
 */
export interface PlaneInfo {
  /**
   * The samples of a group in the order in which they lie in memory, a letter each: r g b, y u v, h s v, a (alpha),
   * x (nothing). In a word of several samples the first has the highest bits.
   */
  readonly samples: string;
  /** Pixels of a group. */
  readonly pixels: number;
  /** Rows of the frame for one row of the plane: 2 for the chroma of 4:2:0. */
  readonly rows: number;
  /** Bytes of a group. */
  readonly bytes: number;
  /** How many bits each sample has where several share a word; without it each sample has the same whole bytes. */
  readonly bits?: readonly number[];
  /** The words of several bytes have their highest byte first. */
  readonly bigEndian?: boolean;
}

export type PixelEncoding = 'rgb' | 'yuv' | 'hsv' | 'grey' | 'bayer' | 'compressed';

export interface FormatInfo {
  readonly fourcc: number;
  /** The name in videodev2.h, V4L2_PIX_FMT_ left out. */
  readonly name: string;
  readonly encoding: PixelEncoding;
  /** What frames have if nobody says anything else. */
  readonly colorspace: number;
  /** For each plane of memory what lies in it, one after the other. None for frames of no fixed length. */
  readonly memory: readonly (readonly PlaneInfo[])[];
}

export interface FrameSize {
  readonly width: number;
  readonly height: number;
}

/** Frames differ in length, and nothing is known of their bytes. */
export function isCompressed({ memory }: FormatInfo): boolean {
  return memory.length === 0;
}

/** Frames are made of those before them: none can be left out, and none comes twice. */
export function isPredicted({ fourcc }: FormatInfo): boolean {
  return fourcc === V4L2_PIX_FMT_H264;
}

/** All samples of a pixel lie together. */
export function isPacked({ memory }: FormatInfo): boolean {
  return memory.length === 1 && memory[0]?.length === 1;
}

/** The one plane of a packed format, the first of others; undefined for compressed frames. */
export function firstPlane({ memory }: FormatInfo): PlaneInfo | undefined {
  return memory[0]?.[0];
}

/** It has no sample of its own for each pixel. */
export function isChroma({ samples }: PlaneInfo): boolean {
  return samples === 'u' || samples === 'v' || samples === 'uv' || samples === 'vu';
}

/** Bits of a pixel, on the average. */
export function depthOf({ memory }: FormatInfo): number {
  return memory.flat().reduce((sum, { bytes, pixels, rows }) => sum + (8 * bytes) / (pixels * rows), 0);
}

/** Widths have to be multiples of this for every group of a line to be whole. */
export function widthStepOf({ memory }: FormatInfo): number {
  return Math.max(1, ...memory.flat().map(({ pixels }) => pixels));
}

/** The same for heights. */
export function heightStepOf({ memory }: FormatInfo): number {
  return Math.max(1, ...memory.flat().map(({ rows }) => rows));
}

/** Bytes of a line without padding. The pixels of a group that is cut by the right edge still have their own samples. */
export function lineBytes(plane: PlaneInfo, width: number): number {
  const { bytes, pixels } = plane;
  return isChroma(plane) ? Math.ceil(width / pixels) * bytes : Math.ceil((width * bytes) / pixels);
}

/** Lines of a plane. */
export function planeLines({ rows }: PlaneInfo, height: number): number {
  return Math.ceil(height / rows);
}

/** Bytes of a plane without padding. */
export function planeBytes(plane: PlaneInfo, { width, height }: FrameSize): number {
  return lineBytes(plane, width) * planeLines(plane, height);
}

/** Bytes of a line in plane `n` of memory: of the first of the planes that lie in it; 0 if there are no lines. */
export function bytesperlineOf({ memory }: FormatInfo, width: number, n = 0): number {
  const plane = memory[n]?.[0];
  return plane === undefined ? 0 : lineBytes(plane, width);
}

/** Bytes of each plane of memory. */
export function memorySizes({ memory }: FormatInfo, size: FrameSize): readonly number[] {
  return memory.map((planes) => planes.reduce((sum, plane) => sum + planeBytes(plane, size), 0));
}

/** Bytes of a whole frame; 0 if frames have no fixed length. */
export function sizeimageOf(info: FormatInfo, size: FrameSize): number {
  return memorySizes(info, size).reduce((sum, bytes) => sum + bytes, 0);
}
