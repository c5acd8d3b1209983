/** The format of a camera's frames, and how programs see it. */
import { V4L2_FIELD_NONE, type v4l2_pix_format, type v4l2_pix_format_mplane } from '../../abi/index.ts';
import { EINVAL, Errno } from '../../base/errno.ts';
import { bytesperlineOf, type FormatInfo, type FrameSize, memorySizes } from '../../pixel/index.ts';
import type { FrameShape } from '../../sources/index.ts';
import type { Vb2Buffer, Vb2QueueSetup } from '../../videobuf2/index.ts';
import { type Colorimetry, defaultColorimetry } from './colorimetry.ts';

/** Everything that S_FMT decides. It is never changed, a new one takes its place. */
export interface FrameFormat extends FrameShape {
  readonly colorimetry: Colorimetry;
  /** Bytes of each plane of memory, and of its lines. */
  readonly planeSizes: readonly number[];
  readonly bytesperline: readonly number[];
}

/** Frames of this shape; `planeSizes` where they follow from nothing, because frames differ in length. */
export function frameFormat(
  info: FormatInfo,
  { width, height }: FrameSize,
  {
    colorimetry = defaultColorimetry(info.colorspace),
    planeSizes = memorySizes(info, { width, height }),
  }: { colorimetry?: Colorimetry; planeSizes?: readonly number[] } = {},
): FrameFormat {
  const bytesperline = planeSizes.map((_, n) => bytesperlineOf(info, width, n));
  return { info, width, height, colorimetry, planeSizes, bytesperline };
}

/** Frames of one can be put into buffers that were made for the other. */
export function isSameShape(a: FrameShape, b: FrameShape): boolean {
  return a.info === b.info && a.width === b.width && a.height === b.height;
}

/** What a program gets that asks for `fourcc`: the first of `formats` if that is not among them. */
export function nearestFormat(formats: readonly FormatInfo[], fourcc: number): FormatInfo {
  return formats.find((info) => info.fourcc === fourcc) ?? (formats[0] as FormatInfo);
}

export function hasFormat(formats: readonly FormatInfo[], fourcc: number): boolean {
  return formats.some((info) => info.fourcc === fourcc);
}

/** Writes a format as programs see it. Frames are progressive, whatever field order was asked for. */
export function fillPix(pix: v4l2_pix_format, format: FrameFormat): void {
  fillCommon(pix, format);
  pix.bytesperline = format.bytesperline[0] ?? 0;
  pix.sizeimage = format.planeSizes[0] ?? 0;
}

/** The same for programs that know of planes. */
export function fillPixMplane(pix: v4l2_pix_format_mplane, format: FrameFormat): void {
  fillCommon(pix, format);
  pix.num_planes = format.planeSizes.length;
  for (const [n, sizeimage] of format.planeSizes.entries()) {
    const plane = pix.plane_fmt.get(n);
    plane.$bytes.fill(0);
    plane.sizeimage = sizeimage;
    plane.bytesperline = format.bytesperline[n] ?? 0;
  }
}

function fillCommon(pix: v4l2_pix_format | v4l2_pix_format_mplane, format: FrameFormat): void {
  const { colorspace, ycbcr_enc, quantization, xfer_func } = format.colorimetry;
  pix.width = format.width;
  pix.height = format.height;
  pix.pixelformat = format.info.fourcc;
  pix.field = V4L2_FIELD_NONE;
  pix.flags = 0;
  pix.colorspace = colorspace;
  pix.ycbcr_enc = ycbcr_enc;
  pix.quantization = quantization;
  pix.xfer_func = xfer_func;
}

function tooSmall(bytes: number, n: number, planeSizes: readonly number[]): Errno {
  const what = planeSizes.length === 1 ? 'a frame of' : `plane ${n}, which has`;
  return new Errno(EINVAL, `${bytes} bytes cannot hold ${what} ${planeSizes[n]}`);
}

/** The work of queueSetup: buffers for frames of this format. A program that brings its own sizes may have larger ones. */
export function setupFrames(setup: Vb2QueueSetup, { planeSizes }: FrameFormat): void {
  if (setup.numPlanes > 0 && setup.numPlanes !== planeSizes.length)
    throw new Errno(EINVAL, `a frame has ${planeSizes.length} planes, not ${setup.numPlanes}`);
  for (const [n, bytes] of planeSizes.entries()) {
    const given = setup.sizes[n] ?? 0;
    if (setup.numPlanes === 0) setup.sizes[n] = bytes;
    else if (given < bytes) throw tooSmall(given, n, planeSizes);
  }
  setup.numPlanes = planeSizes.length;
}

/** More of queueSetup: the program gets as many buffers as `limit` bytes are enough for, without a word, or ENOMEM. */
export function limitMemory(setup: Vb2QueueSetup, limit: number): void {
  let bytes = 0;
  for (let n = 0; n < setup.numPlanes; n++) bytes += setup.sizes[n] ?? 0;
  setup.count = Math.min(setup.count, Math.floor(limit / bytes));
}

/** A buffer holds a frame of this format: throws EINVAL if it cannot. */
export function checkFrame<D>(vb: Vb2Buffer<D>, { planeSizes }: FrameFormat): void {
  for (let n = 0; n < planeSizes.length; n++)
    if (vb.planeSize(n) < (planeSizes[n] as number)) throw tooSmall(vb.planeSize(n), n, planeSizes);
}

/** The work of bufPrepare where the frame will fill all of its planes. */
export function prepareFrame<D>(vb: Vb2Buffer<D>, format: FrameFormat): void {
  checkFrame(vb, format);
  for (let n = 0; n < format.planeSizes.length; n++) vb.setPlanePayload(n, format.planeSizes[n] as number);
}
