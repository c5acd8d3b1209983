import {
  V4L2_FIELD_NONE,
  V4L2_FRMSIZE_TYPE_STEPWISE,
  type v4l2_fmtdesc,
  type v4l2_format,
  type v4l2_pix_format,
} from '../../abi/index.ts';
import { EBUSY, EINVAL, Errno } from '../../base/errno.ts';
import { type V4l2Fh, type V4l2IoctlOps, v4l2M2mIoctlOps } from '../../v4l2-core/index.ts';
import { type Colorimetry, givenColorimetry } from '../lib/colorimetry.ts';
import { contextOf, type M2m } from './m2m.ts';
import { bytesperlineOf, type FrameShape, m2mFormats, sizeimageOf } from './transform.ts';

const MIN_SIDE = 16;
const MAX_WIDTH = 3840;
const MAX_HEIGHT = 2160;
/** Two pixels may share their chroma. */
const WIDTH_STEP = 2;

function findFormat(fourcc: number): FrameShape['format'] | undefined {
  return m2mFormats.find((format) => format.fourcc === fourcc);
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

/** The nearest to what is asked for. */
function nearestShape(pix: v4l2_pix_format): FrameShape {
  return {
    format: findFormat(pix.pixelformat) ?? (m2mFormats[0] as FrameShape['format']),
    width: Math.floor(clamp(pix.width, MIN_SIDE, MAX_WIDTH) / WIDTH_STEP) * WIDTH_STEP,
    height: clamp(pix.height, MIN_SIDE, MAX_HEIGHT),
  };
}

function fillPix(pix: v4l2_pix_format, shape: FrameShape, colorimetry: Colorimetry): void {
  pix.width = shape.width;
  pix.height = shape.height;
  pix.pixelformat = shape.format.fourcc;
  pix.field = V4L2_FIELD_NONE;
  pix.bytesperline = bytesperlineOf(shape);
  pix.sizeimage = sizeimageOf(shape);
  pix.colorspace = colorimetry.colorspace;
  pix.flags = 0;
  pix.ycbcr_enc = colorimetry.ycbcr_enc;
  pix.quantization = colorimetry.quantization;
  pix.xfer_func = colorimetry.xfer_func;
}

function isSame(a: FrameShape, b: FrameShape): boolean {
  return a.format === b.format && a.width === b.width && a.height === b.height;
}

function getFormat(_file: unknown, fh: V4l2Fh<M2m>, f: v4l2_format): void {
  const { shape, colorimetry } = contextOf(fh as V4l2Fh);
  fillPix(f.fmt.pix, shape, colorimetry);
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

  vidioc_querycap(_file, fh, cap) {
    const { op, name } = fh.vdev.drvdata;
    cap.driver = 'm2m';
    cap.card = `m2m ${op}`;
    cap.bus_info = `platform:${name}`;
  },

  vidioc_enum_fmt_vid_cap: enumFormat,
  vidioc_enum_fmt_vid_out: enumFormat,
  vidioc_g_fmt_vid_cap: getFormat,
  vidioc_g_fmt_vid_out: getFormat,

  vidioc_try_fmt_vid_cap(_file, fh, f) {
    const { ctx, shape, colorimetry } = contextOf(fh as V4l2Fh);
    fillPix(f.fmt.pix, ctx.src.isBusy() ? shape : nearestShape(f.fmt.pix), colorimetry);
  },

  vidioc_try_fmt_vid_out(_file, _fh, f) {
    const { pix } = f.fmt;
    const shape = nearestShape(pix);
    fillPix(pix, shape, givenColorimetry(pix, shape.format.colorspace));
  },

  vidioc_s_fmt_vid_cap(_file, fh, f) {
    const context = contextOf(fh as V4l2Fh);
    if (context.ctx.dst.isBusy()) throw new Errno(EBUSY, 'there are buffers of the old format');
    if (!context.ctx.src.isBusy()) context.shape = nearestShape(f.fmt.pix);
    fillPix(f.fmt.pix, context.shape, context.colorimetry);
  },

  vidioc_s_fmt_vid_out(_file, fh, f) {
    const context = contextOf(fh as V4l2Fh);
    const { pix } = f.fmt;
    const shape = nearestShape(pix);
    const { src, dst } = context.ctx;
    if (src.isBusy() || (dst.isBusy() && !isSame(shape, context.shape)))
      throw new Errno(EBUSY, 'there are buffers of the old format');
    context.shape = shape;
    context.colorimetry = givenColorimetry(pix, shape.format.colorspace);
    fillPix(pix, shape, context.colorimetry);
  },

  vidioc_enum_framesizes(_file, _fh, frmsize) {
    if (findFormat(frmsize.pixel_format) === undefined || frmsize.index > 0)
      throw new Errno(EINVAL, 'there is one range of sizes for each format');
    frmsize.type = V4L2_FRMSIZE_TYPE_STEPWISE;
    frmsize.stepwise.min_width = MIN_SIDE;
    frmsize.stepwise.max_width = MAX_WIDTH;
    frmsize.stepwise.step_width = WIDTH_STEP;
    frmsize.stepwise.min_height = MIN_SIDE;
    frmsize.stepwise.max_height = MAX_HEIGHT;
    frmsize.stepwise.step_height = 1;
  },
} satisfies V4l2IoctlOps<M2m>;
