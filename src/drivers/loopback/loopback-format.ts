/** Formats that pass through a loopback device, and what a program gets that asks for one. */
import type { v4l2_pix_format } from '../../abi/index.ts';
import { type FrameSize, formatsNamed, isCompressed } from '../../pixel/index.ts';
import { givenColorimetry } from '../lib/colorimetry.ts';
import { type FrameFormat, frameFormat, nearestFormat } from '../lib/frame-format.ts';
import { nearestSize } from '../lib/frame-size.ts';
import { packedFormats } from '../lib/packed-formats.ts';

/**
 * The first is the default. There are all that producers are known to write: some never look at what they were given in the place
 * of what they asked for (ffmpeg), and then readers see rubbish.
 */
export const loopbackFormats = [
  ...packedFormats,
  ...formatsNamed('YUV420', 'NV12', 'NV21', 'GREY', 'MJPEG', 'JPEG', 'H264'),
  ...formatsNamed('YVU420', 'YUV422P', 'YUV411P', 'NV16', 'XBGR32', 'XRGB32', 'ABGR32', 'ARGB32'),
];

export const loopbackLimits = {
  minWidth: 2,
  minHeight: 2,
  maxWidth: 8192,
  maxHeight: 8192,
  /** Chroma of two pixels in one sample makes odd widths awkward; few sources have them. */
  widthStep: 2,
  roundsDown: true,
  shortest: { numerator: 1, denominator: 1000 },
  longest: { numerator: 60, denominator: 1 },
} as const;

const SMALLEST_COMPRESSED = 4096;
const LARGEST_COMPRESSED = 64 << 20;
/** Bytes per pixel that a compressed frame is given when its producer does not say how many it needs. */
const COMPRESSED_DEPTH = 2;

interface Wanted extends FrameSize {
  readonly pixelformat: number;
  /** Counts for compressed frames only. */
  readonly sizeimage: number;
}

/** The format nearest to what is asked for. */
export function nearestLoopbackFormat(wanted: Wanted): FrameFormat {
  const info = nearestFormat(loopbackFormats, wanted.pixelformat);
  const size = nearestSize(wanted, loopbackLimits);
  if (!isCompressed(info)) return frameFormat(info, size);
  const bytes = wanted.sizeimage || size.width * size.height * COMPRESSED_DEPTH;
  const sizeimage = Math.min(Math.max(bytes, SMALLEST_COMPRESSED), LARGEST_COMPRESSED);
  return frameFormat(info, size, { planeSizes: [sizeimage] });
}

/** What a producer gets: as {@link nearestLoopbackFormat}, and how colours are meant is its own business. */
export function producerFormat(pix: v4l2_pix_format): FrameFormat {
  const format = nearestLoopbackFormat(pix);
  return { ...format, colorimetry: givenColorimetry(pix, format.info.colorspace) };
}
