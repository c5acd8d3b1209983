/** What programs ask of both nodes. */
import {
  V4L2_CAP_TIMEPERFRAME,
  V4L2_FRMIVAL_TYPE_CONTINUOUS,
  V4L2_FRMIVAL_TYPE_DISCRETE,
  V4L2_FRMSIZE_TYPE_DISCRETE,
  V4L2_INPUT_TYPE_CAMERA,
  V4L2_MEMORY_USERPTR,
  V4L2_OUTPUT_TYPE_ANALOG,
  type v4l2_capability,
  type v4l2_captureparm,
  type v4l2_format,
  type v4l2_outputparm,
  type v4l2_pix_format,
} from '../../abi/index.ts';
import { EBUSY, EINVAL, Errno } from '../../base/errno.ts';
import type { FormatInfo } from '../../pixel/index.ts';
import {
  fhQueueIoctlOps,
  type QueueOfFh,
  type V4l2Fh,
  type V4l2IoctlOps,
  v4l2CtrlLogStatus,
  vb2IoctlOps,
  vb2QueueOf,
} from '../../v4l2-core/index.ts';
import { fillCapability } from '../lib/driver-module.ts';
import { type FrameFormat, fillPix, hasFormat } from '../lib/frame-format.ts';
import { fillFraction, intervalsWith, nearestInterval, type TimePerFrame } from '../lib/frame-interval.ts';
import { type FrameSize, fillSizeRange, nearestSize, sizesWith } from '../lib/frame-size.ts';
import { entry } from '../lib/listed-rates.ts';
import { usualLimits } from '../lib/usual-limits.ts';
import { usageEventOps } from './client-usage.ts';
import type { Loopback } from './loopback.ts';
import { loopbackFormats, loopbackLimits, nearestLoopbackFormat, producerFormat } from './loopback-format.ts';

type Fh = V4l2Fh<Loopback>;

const loopbackOf = (fh: Fh) => fh.vdev.drvdata;

function checkOnly(index: number, what: string): void {
  if (index !== 0) throw new Errno(EINVAL, `there is one ${what}`);
}

function querycap(_file: unknown, fh: Fh, cap: v4l2_capability): void {
  fillCapability(cap, loopbackOf(fh).identity);
}

function getFormat(_file: unknown, fh: Fh, f: v4l2_format): void {
  fillPix(f.fmt.pix, loopbackOf(fh).format);
}

function checkFormat(fourcc: number): void {
  if (!hasFormat(loopbackFormats, fourcc))
    throw new Errno(EINVAL, 'loopback does not have this pixel format');
}

function fillOutputParm(output: v4l2_outputparm, { interval }: Loopback): void {
  output.capability = V4L2_CAP_TIMEPERFRAME;
  output.outputmode = 0;
  fillFraction(output.timeperframe, interval);
}

function fillCaptureParm(capture: v4l2_captureparm, { interval }: Loopback): void {
  capture.capability = V4L2_CAP_TIMEPERFRAME;
  capture.capturemode = 0;
  fillFraction(capture.timeperframe, interval);
}

/** The node of the producer, who decides. */
export const outputIoctlOps = {
  ...vb2IoctlOps,
  ...usageEventOps,
  vidioc_log_status: v4l2CtrlLogStatus,
  vidioc_querycap: querycap,

  vidioc_reqbufs(file, fh, req) {
    vb2IoctlOps.vidioc_reqbufs(file, fh, req);
    if (req.count > 0) loopbackOf(fh).claim(fh);
  },

  vidioc_create_bufs(file, fh, create) {
    vb2IoctlOps.vidioc_create_bufs(file, fh, create);
    if (create.count > 0) loopbackOf(fh).claim(fh);
  },

  vidioc_qbuf(file, fh, b, caller, planes) {
    vb2IoctlOps.vidioc_qbuf(file, fh, b, caller, planes);
    const { relay } = loopbackOf(fh);
    if (b.memory === V4L2_MEMORY_USERPTR) relay.deliverFromProgram();
    else relay.deliverAfter(caller);
  },

  vidioc_dqbuf(file, fh, b, caller, planes) {
    loopbackOf(fh).relay.deliverBefore(fh.file);
    return vb2IoctlOps.vidioc_dqbuf(file, fh, b, caller, planes);
  },

  vidioc_enum_fmt_vid_out(_file, _fh, desc) {
    desc.pixelformat = entry(loopbackFormats, desc.index, 'formats').fourcc;
  },

  vidioc_g_fmt_vid_out: getFormat,

  vidioc_try_fmt_vid_out(_file, fh, f) {
    const { isKept, format } = loopbackOf(fh);
    fillPix(f.fmt.pix, isKept ? format : producerFormat(f.fmt.pix));
  },

  vidioc_s_fmt_vid_out(_file, fh, f) {
    const loopback = loopbackOf(fh);
    loopback.setProducerFormat(fh, producerFormat(f.fmt.pix));
    fillPix(f.fmt.pix, loopback.format);
  },

  vidioc_enum_framesizes(_file, _fh, frmsize) {
    checkFormat(frmsize.pixel_format);
    checkOnly(frmsize.index, 'range of sizes');
    fillSizeRange(frmsize, loopbackLimits);
  },

  vidioc_enum_frameintervals(_file, _fh, frmival) {
    checkFormat(frmival.pixel_format);
    checkOnly(frmival.index, 'range of intervals');
    const { width, height } = frmival;
    const nearest = nearestSize(frmival, loopbackLimits);
    if (nearest.width !== width || nearest.height !== height)
      throw new Errno(EINVAL, `${width}x${height} is not possible`);
    frmival.type = V4L2_FRMIVAL_TYPE_CONTINUOUS;
    fillFraction(frmival.stepwise.min, loopbackLimits.shortest);
    fillFraction(frmival.stepwise.max, loopbackLimits.longest);
    fillFraction(frmival.stepwise.step, { numerator: 1, denominator: 1 });
  },

  vidioc_g_parm(_file, fh, parm) {
    fillOutputParm(parm.parm.output, loopbackOf(fh));
  },

  vidioc_s_parm(_file, fh, parm) {
    const loopback = loopbackOf(fh);
    loopback.interval = nearestInterval(
      parm.parm.output.timeperframe,
      loopbackLimits,
      loopback.defaultInterval,
    );
    fillOutputParm(parm.parm.output, loopback);
  },

  vidioc_enum_output(_file, _fh, output) {
    checkOnly(output.index, 'output');
    output.type = V4L2_OUTPUT_TYPE_ANALOG;
    output.name = 'Loopback in';
  },

  vidioc_g_output(_file, _fh, output) {
    output.value = 0;
  },

  vidioc_s_output(_file, _fh, output) {
    checkOnly(output, 'output');
  },
} satisfies V4l2IoctlOps<Loopback>;

/** What a consumer gets that asks for `pix`: sizes are those of vivi, and the one that there is. */
function readerFormat({ format, isFixed }: Loopback, pix: v4l2_pix_format): FrameFormat {
  if (isFixed) return format;
  const { width, height, pixelformat, sizeimage } = pix;
  const isSame = width === format.width && height === format.height;
  const size = isSame ? format : nearestSize(pix, usualLimits);
  return nearestLoopbackFormat({ width: size.width, height: size.height, pixelformat, sizeimage });
}

function listedSizes({ isDecided, format }: Loopback): readonly FrameSize[] {
  return isDecided ? [format] : sizesWith(format, usualLimits);
}

function listedIntervals({ isDecided, interval }: Loopback): readonly TimePerFrame[] {
  return isDecided ? [interval] : intervalsWith(interval);
}

/**
 * The node of the consumers: it offers what it has. While a producer holds the format that is the only one;
 * until then it is as if vivi were there.
 */
const readerOps = {
  ...usageEventOps,
  vidioc_log_status: v4l2CtrlLogStatus,
  vidioc_querycap: querycap,

  vidioc_enum_fmt_vid_cap(_file, fh, desc) {
    const { isDecided, format } = loopbackOf(fh);
    const formats: readonly FormatInfo[] = isDecided ? [format.info] : loopbackFormats;
    desc.pixelformat = entry(formats, desc.index, 'formats').fourcc;
  },

  vidioc_g_fmt_vid_cap: getFormat,

  vidioc_try_fmt_vid_cap(_file, fh, f) {
    fillPix(f.fmt.pix, readerFormat(loopbackOf(fh), f.fmt.pix));
  },

  vidioc_enum_framesizes(_file, fh, frmsize) {
    const { format, isDecided } = loopbackOf(fh);
    checkFormat(frmsize.pixel_format);
    if (isDecided && frmsize.pixel_format !== format.info.fourcc)
      throw new Errno(EINVAL, 'the producer gives another format');
    const size = entry(listedSizes(loopbackOf(fh)), frmsize.index, 'frame sizes');
    frmsize.type = V4L2_FRMSIZE_TYPE_DISCRETE;
    frmsize.discrete.width = size.width;
    frmsize.discrete.height = size.height;
  },

  vidioc_enum_frameintervals(_file, fh, frmival) {
    const loopback = loopbackOf(fh);
    const { width, height } = frmival;
    checkFormat(frmival.pixel_format);
    if (!listedSizes(loopback).some((size) => size.width === width && size.height === height))
      throw new Errno(EINVAL, `${width}x${height} is not in the list of frame sizes`);
    const interval = entry(listedIntervals(loopback), frmival.index, 'frame intervals');
    frmival.type = V4L2_FRMIVAL_TYPE_DISCRETE;
    fillFraction(frmival.discrete, interval);
  },

  vidioc_g_parm(_file, fh, parm) {
    fillCaptureParm(parm.parm.capture, loopbackOf(fh));
  },

  vidioc_s_parm(_file, fh, parm) {
    const loopback = loopbackOf(fh);
    const { capture } = parm.parm;
    if (!loopback.hasProducer)
      loopback.interval = nearestInterval(capture.timeperframe, loopbackLimits, loopback.defaultInterval);
    fillCaptureParm(capture, loopback);
  },

  vidioc_enum_input(_file, _fh, input) {
    checkOnly(input.index, 'input');
    input.type = V4L2_INPUT_TYPE_CAMERA;
    input.name = 'Loopback';
  },

  vidioc_g_input(_file, _fh, input) {
    input.value = 0;
  },

  vidioc_s_input(_file, _fh, input) {
    checkOnly(input, 'input');
  },
} satisfies V4l2IoctlOps<Loopback>;

function setReaderFormat(fh: Fh, f: v4l2_format, isBusy: boolean): void {
  if (isBusy) throw new Errno(EBUSY, 'there are buffers of the old format');
  const loopback = loopbackOf(fh);
  loopback.setReaderFormat(readerFormat(loopback, f.fmt.pix));
  fillPix(f.fmt.pix, loopback.format);
}

export const captureIoctlOps = {
  ...vb2IoctlOps,
  ...readerOps,
  vidioc_qbuf(file, fh, b, caller, planes) {
    vb2IoctlOps.vidioc_qbuf(file, fh, b, caller, planes);
    loopbackOf(fh).relay.deliverAfter(caller);
  },
  vidioc_dqbuf(file, fh, b, caller, planes) {
    loopbackOf(fh).relay.deliverBefore(fh.file);
    return vb2IoctlOps.vidioc_dqbuf(file, fh, b, caller, planes);
  },
  vidioc_s_fmt_vid_cap: (_file, fh, f) => setReaderFormat(fh, f, vb2QueueOf(fh.vdev).isBusy()),
} satisfies V4l2IoctlOps<Loopback>;

/** The same where each open file has a queue of its own. */
export function captureIoctlOpsMany(queueOf: QueueOfFh) {
  const queueOps = fhQueueIoctlOps(queueOf);
  return {
    ...queueOps,
    ...readerOps,
    vidioc_qbuf(file, fh, b, caller, planes) {
      queueOps.vidioc_qbuf(file, fh, b, caller, planes);
      loopbackOf(fh).relay.deliverAfter(caller);
    },
    vidioc_dqbuf(file, fh, b, caller, planes) {
      loopbackOf(fh).relay.deliverBefore(fh.file);
      return queueOps.vidioc_dqbuf(file, fh, b, caller, planes);
    },
    vidioc_s_fmt_vid_cap: (_file, fh, f) => setReaderFormat(fh, f, queueOf(fh, f.type).isBusy()),
  } satisfies V4l2IoctlOps<Loopback>;
}
