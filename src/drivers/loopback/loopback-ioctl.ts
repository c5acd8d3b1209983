/** What programs ask of both nodes. */
import {
  V4L2_CAP_TIMEPERFRAME,
  V4L2_FRMIVAL_TYPE_CONTINUOUS,
  V4L2_FRMIVAL_TYPE_DISCRETE,
  V4L2_FRMSIZE_TYPE_DISCRETE,
  V4L2_FRMSIZE_TYPE_STEPWISE,
  V4L2_INPUT_TYPE_CAMERA,
  V4L2_OUTPUT_TYPE_ANALOG,
  type v4l2_capability,
  type v4l2_captureparm,
  type v4l2_format,
  type v4l2_outputparm,
  type v4l2_pix_format,
} from '../../abi/index.ts';
import { EBUSY, EINVAL, Errno } from '../../base/errno.ts';
import { fhQueueIoctlOps, type V4l2Fh, type V4l2IoctlOps, vb2IoctlOps } from '../../v4l2-core/index.ts';
import type { TimePerFrame } from '../lib/frame-schedule.ts';
import { type FrameSize, intervalsWith, nearestSize, sizesWith } from '../lib/frame-size.ts';
import type { Loopback } from './loopback.ts';
import { ownQueueOf } from './loopback-fops.ts';
import {
  fillPix,
  findFormat,
  LONGEST_INTERVAL,
  type LoopbackFormat,
  loopbackFormats,
  MAX_SIDE,
  MIN_SIDE,
  nearestFormat,
  nearestInterval,
  producerFormat,
  SHORTEST_INTERVAL,
  WIDTH_STEP,
} from './loopback-format.ts';

type Fh = V4l2Fh<Loopback>;

const loopbackOf = (fh: Fh) => fh.vdev.drvdata;

function setFraction(target: { numerator: number; denominator: number }, interval: TimePerFrame): void {
  target.numerator = interval.numerator;
  target.denominator = interval.denominator;
}

function checkOnly(index: number, what: string): void {
  if (index !== 0) throw new Errno(EINVAL, `there is one ${what}`);
}

function querycap(_file: unknown, fh: Fh, cap: v4l2_capability): void {
  const { name } = loopbackOf(fh);
  cap.driver = 'loopback';
  cap.card = `Loopback ${Number(name.slice(-3))}`;
  cap.bus_info = `platform:${name}`;
}

function getFormat(_file: unknown, fh: Fh, f: v4l2_format): void {
  fillPix(f.fmt.pix, loopbackOf(fh).format);
}

function checkFormat(fourcc: number): void {
  if (findFormat(fourcc) === undefined) throw new Errno(EINVAL, 'loopback does not have this pixel format');
}

function fillOutputParm(output: v4l2_outputparm, { interval }: Loopback): void {
  output.capability = V4L2_CAP_TIMEPERFRAME;
  output.outputmode = 0;
  setFraction(output.timeperframe, interval);
}

function fillCaptureParm(capture: v4l2_captureparm, { interval }: Loopback): void {
  capture.capability = V4L2_CAP_TIMEPERFRAME;
  capture.capturemode = 0;
  setFraction(capture.timeperframe, interval);
}

/** The node of the producer, who decides. */
export const outputIoctlOps = {
  ...vb2IoctlOps,
  vidioc_querycap: querycap,

  vidioc_reqbufs(file, fh, req) {
    vb2IoctlOps.vidioc_reqbufs(file, fh as V4l2Fh, req);
    if (req.count > 0) loopbackOf(fh).claim(fh as V4l2Fh);
  },

  vidioc_create_bufs(file, fh, create) {
    vb2IoctlOps.vidioc_create_bufs(file, fh as V4l2Fh, create);
    if (create.count > 0) loopbackOf(fh).claim(fh as V4l2Fh);
  },

  vidioc_qbuf(file, fh, b, caller, planes) {
    vb2IoctlOps.vidioc_qbuf(file, fh as V4l2Fh, b, caller, planes);
    loopbackOf(fh).relay.deliver();
  },

  vidioc_enum_fmt_vid_out(_file, _fh, desc) {
    desc.pixelformat = entry(loopbackFormats, desc.index, 'formats').fourcc;
  },

  vidioc_g_fmt_vid_out: getFormat,

  vidioc_try_fmt_vid_out(_file, _fh, f) {
    fillPix(f.fmt.pix, producerFormat(f.fmt.pix));
  },

  vidioc_s_fmt_vid_out(_file, fh, f) {
    const loopback = loopbackOf(fh);
    loopback.setProducerFormat(fh as V4l2Fh, producerFormat(f.fmt.pix));
    fillPix(f.fmt.pix, loopback.format);
  },

  vidioc_enum_framesizes(_file, _fh, frmsize) {
    checkFormat(frmsize.pixel_format);
    checkOnly(frmsize.index, 'range of sizes');
    frmsize.type = V4L2_FRMSIZE_TYPE_STEPWISE;
    frmsize.stepwise.min_width = MIN_SIDE;
    frmsize.stepwise.max_width = MAX_SIDE;
    frmsize.stepwise.step_width = WIDTH_STEP;
    frmsize.stepwise.min_height = MIN_SIDE;
    frmsize.stepwise.max_height = MAX_SIDE;
    frmsize.stepwise.step_height = 1;
  },

  vidioc_enum_frameintervals(_file, _fh, frmival) {
    checkFormat(frmival.pixel_format);
    checkOnly(frmival.index, 'range of intervals');
    const { width, height } = frmival;
    const nearest = nearestFormat({ width, height, pixelformat: frmival.pixel_format, sizeimage: 0 });
    if (nearest.width !== width || nearest.height !== height)
      throw new Errno(EINVAL, `${width}x${height} is not possible`);
    frmival.type = V4L2_FRMIVAL_TYPE_CONTINUOUS;
    setFraction(frmival.stepwise.min, SHORTEST_INTERVAL);
    setFraction(frmival.stepwise.max, LONGEST_INTERVAL);
    setFraction(frmival.stepwise.step, { numerator: 1, denominator: 1 });
  },

  vidioc_g_parm(_file, fh, parm) {
    fillOutputParm(parm.parm.output, loopbackOf(fh));
  },

  vidioc_s_parm(_file, fh, parm) {
    const loopback = loopbackOf(fh);
    loopback.interval = nearestInterval(parm.parm.output.timeperframe, loopback.defaultInterval);
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
function readerFormat({ format, isFixed }: Loopback, pix: v4l2_pix_format): LoopbackFormat {
  if (isFixed) return format;
  const { width, height, pixelformat, sizeimage } = pix;
  const size = width === format.width && height === format.height ? format : nearestSize(width, height);
  return nearestFormat({ width: size.width, height: size.height, pixelformat, sizeimage });
}

function listedSizes({ hasProducer, format }: Loopback): readonly FrameSize[] {
  return hasProducer ? [format] : sizesWith(format);
}

function listedIntervals({ hasProducer, interval }: Loopback): readonly TimePerFrame[] {
  return hasProducer ? [interval] : intervalsWith(interval);
}

/** Entry `index` of something that is enumerated. */
function entry<T>(list: readonly T[], index: number, what: string): T {
  const item = list[index];
  if (item === undefined)
    throw new Errno(EINVAL, `there are ${list.length} ${what}, none is number ${index}`);
  return item;
}

/**
 * The node of the consumers: it offers what it has. While a producer holds the format that is the only one;
 * until then it is as if vivi were there.
 */
const readerOps = {
  vidioc_querycap: querycap,

  vidioc_enum_fmt_vid_cap(_file, fh, desc) {
    const { hasProducer, format } = loopbackOf(fh);
    const formats = hasProducer ? [format.pixel] : loopbackFormats;
    desc.pixelformat = entry(formats, desc.index, 'formats').fourcc;
  },

  vidioc_g_fmt_vid_cap: getFormat,

  vidioc_try_fmt_vid_cap(_file, fh, f) {
    fillPix(f.fmt.pix, readerFormat(loopbackOf(fh), f.fmt.pix));
  },

  vidioc_enum_framesizes(_file, fh, frmsize) {
    const { format, hasProducer } = loopbackOf(fh);
    checkFormat(frmsize.pixel_format);
    if (hasProducer && frmsize.pixel_format !== format.pixel.fourcc)
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
    setFraction(frmival.discrete, interval);
  },

  vidioc_g_parm(_file, fh, parm) {
    fillCaptureParm(parm.parm.capture, loopbackOf(fh));
  },

  vidioc_s_parm(_file, fh, parm) {
    const loopback = loopbackOf(fh);
    const { capture } = parm.parm;
    if (!loopback.hasProducer)
      loopback.interval = nearestInterval(capture.timeperframe, loopback.defaultInterval);
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
    vb2IoctlOps.vidioc_qbuf(file, fh as V4l2Fh, b, caller, planes);
    loopbackOf(fh).relay.deliver();
  },
  vidioc_s_fmt_vid_cap: (_file, fh, f) => setReaderFormat(fh, f, fh.vdev.queue?.isBusy() ?? false),
} satisfies V4l2IoctlOps<Loopback>;

const ownQueueIoctlOps = fhQueueIoctlOps(ownQueueOf);

export const captureIoctlOpsMany = {
  ...ownQueueIoctlOps,
  ...readerOps,
  vidioc_qbuf(file, fh, b, caller, planes) {
    ownQueueIoctlOps.vidioc_qbuf(file, fh as V4l2Fh, b, caller, planes);
    loopbackOf(fh).relay.deliver();
  },
  vidioc_s_fmt_vid_cap: (_file, fh, f) => setReaderFormat(fh, f, ownQueueOf(fh as V4l2Fh).isBusy()),
} satisfies V4l2IoctlOps<Loopback>;
