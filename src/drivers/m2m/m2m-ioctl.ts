import type { v4l2_fmtdesc, v4l2_format, v4l2_pix_format } from '../../abi/index.ts';
import { EBUSY, EINVAL, Errno } from '../../base/errno.ts';
import {
  ctrlEventOps,
  type V4l2Fh,
  type V4l2IoctlOps,
  v4l2CtrlLogStatus,
  v4l2M2mIoctlOps,
} from '../../v4l2-core/index.ts';
import { givenColorimetry } from '../lib/colorimetry.ts';
import { fillCapability } from '../lib/driver-module.ts';
import {
  type FrameFormat,
  fillPix,
  frameFormat,
  hasFormat,
  isSameShape,
  nearestFormat,
} from '../lib/frame-format.ts';
import { fillSizeRange, nearestSize } from '../lib/frame-size.ts';
import { contextOf, type M2m } from './m2m.ts';
import { m2mFormats } from './transform.ts';

const limits = {
  minWidth: 16,
  minHeight: 16,
  maxWidth: 3840,
  maxHeight: 2160,
  /** Two pixels may share their chroma. */
  widthStep: 2,
  roundsDown: true,
} as const;

interface Wanted {
  readonly width: number;
  readonly height: number;
  readonly pixelformat: number;
}

/** The nearest to what is asked for, with the colours of `like`. */
function nearest(wanted: Wanted, { colorimetry }: Pick<FrameFormat, 'colorimetry'>): FrameFormat {
  const info = nearestFormat(m2mFormats, wanted.pixelformat);
  return frameFormat(info, nearestSize(wanted, limits), { colorimetry });
}

/** The nearest to what the side asks for that gives the frames: how colours are meant is its business. */
function given(pix: v4l2_pix_format): FrameFormat {
  const { colorspace } = nearestFormat(m2mFormats, pix.pixelformat);
  return nearest(pix, { colorimetry: givenColorimetry(pix, colorspace) });
}

function getFormat(_file: unknown, fh: V4l2Fh<M2m>, f: v4l2_format): void {
  fillPix(f.fmt.pix, contextOf(fh as V4l2Fh).format);
}

function enumFormat(_file: unknown, _fh: unknown, desc: v4l2_fmtdesc): void {
  const format = m2mFormats[desc.index];
  if (format === undefined) throw new Errno(EINVAL, `there are ${m2mFormats.length} formats`);
  desc.pixelformat = format.fourcc;
}

/**
 * Both sides have the same format, and the side that is set last decides it, as long as nothing is allocated
 * for the other: colours are the business of the side that gives the frames.
 */
export const m2mIoctlOps = {
  ...v4l2M2mIoctlOps,
  ...ctrlEventOps,

  vidioc_log_status: v4l2CtrlLogStatus,
  vidioc_querycap: (_file, fh, cap) => fillCapability(cap, fh.vdev.drvdata.identity),

  vidioc_enum_fmt_vid_cap: enumFormat,
  vidioc_enum_fmt_vid_out: enumFormat,
  vidioc_g_fmt_vid_cap: getFormat,
  vidioc_g_fmt_vid_out: getFormat,

  vidioc_try_fmt_vid_cap(_file, fh, f) {
    const { ctx, format } = contextOf(fh as V4l2Fh);
    fillPix(f.fmt.pix, ctx.src.isBusy() ? format : nearest(f.fmt.pix, format));
  },

  vidioc_try_fmt_vid_out(_file, _fh, f) {
    fillPix(f.fmt.pix, given(f.fmt.pix));
  },

  vidioc_s_fmt_vid_cap(_file, fh, f) {
    const context = contextOf(fh as V4l2Fh);
    if (context.ctx.dst.isBusy()) throw new Errno(EBUSY, 'there are buffers of the old format');
    if (!context.ctx.src.isBusy()) context.format = nearest(f.fmt.pix, context.format);
    fillPix(f.fmt.pix, context.format);
  },

  vidioc_s_fmt_vid_out(_file, fh, f) {
    const context = contextOf(fh as V4l2Fh);
    const format = given(f.fmt.pix);
    const { src, dst } = context.ctx;
    if (src.isBusy() || (dst.isBusy() && !isSameShape(format, context.format)))
      throw new Errno(EBUSY, 'there are buffers of the old format');
    context.format = format;
    fillPix(f.fmt.pix, format);
  },

  vidioc_enum_framesizes(_file, _fh, frmsize) {
    if (!hasFormat(m2mFormats, frmsize.pixel_format) || frmsize.index > 0)
      throw new Errno(EINVAL, 'there is one range of sizes for each format');
    fillSizeRange(frmsize, limits);
  },
} satisfies V4l2IoctlOps<M2m>;
