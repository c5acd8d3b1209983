/** What a webcam answers itself. */
import {
  V4L2_BUF_TYPE_VIDEO_CAPTURE,
  V4L2_CAP_META_CAPTURE,
  V4L2_CAP_TIMEPERFRAME,
  V4L2_FMT_FLAG_COMPRESSED,
  V4L2_FRMIVAL_TYPE_DISCRETE,
  V4L2_FRMSIZE_TYPE_DISCRETE,
  V4L2_SEL_TGT_CROP_BOUNDS,
  V4L2_SEL_TGT_CROP_DEFAULT,
  type v4l2_captureparm,
} from '../../abi/index.ts';
import { EINVAL, Errno } from '../../base/errno.ts';
import { isCompressed } from '../../pixel/index.ts';
import { type V4l2Fh, type V4l2IoctlOps, v4l2CtrlLogStatus } from '../../v4l2-core/index.ts';
import type { QueueOf } from '../lib/capture-device.ts';
import { oneInputOps } from '../lib/capture-ioctl.ts';
import { fillCapability } from '../lib/driver-module.ts';
import { fillPix } from '../lib/frame-format.ts';
import { fillFraction } from '../lib/frame-interval.ts';
import { entry } from '../lib/listed-rates.ts';
import { receiverEventOps } from '../lib/source-change.ts';
import type { WebcamDevice } from './webcam-device.ts';
import { SENSOR } from './webcam-media.ts';
import type { FormatMode } from './webcam-modes.ts';
import { unitOps } from './webcam-units.ts';

type Ops = V4l2IoctlOps<WebcamDevice>;

const deviceOf = (fh: V4l2Fh<WebcamDevice>) => fh.vdev.drvdata;

function modeOf(fh: V4l2Fh<WebcamDevice>, fourcc: number): FormatMode {
  const mode = deviceOf(fh).modes.find(({ info }) => info.fourcc === fourcc);
  if (mode === undefined) throw new Errno(EINVAL, `${fh.vdev.label} does not have this pixel format`);
  return mode;
}

function fillParm(capture: v4l2_captureparm, { timeperframe }: WebcamDevice): void {
  capture.capability = V4L2_CAP_TIMEPERFRAME;
  capture.capturemode = 0;
  fillFraction(capture.timeperframe, timeperframe);
}

const rateOps = (queueOf: QueueOf) =>
  ({
    vidioc_enum_framesizes(_file, fh, frmsize) {
      const size = entry(modeOf(fh, frmsize.pixel_format).sizes, frmsize.index, 'frame sizes');
      frmsize.type = V4L2_FRMSIZE_TYPE_DISCRETE;
      frmsize.discrete.width = size.width;
      frmsize.discrete.height = size.height;
    },

    vidioc_enum_frameintervals(_file, fh, frmival) {
      const { width, height } = frmival;
      const { sizes } = modeOf(fh, frmival.pixel_format);
      const size = sizes.find((each) => each.width === width && each.height === height);
      if (size === undefined) throw new Errno(EINVAL, `${width}x${height} is not in the list of frame sizes`);
      frmival.type = V4L2_FRMIVAL_TYPE_DISCRETE;
      fillFraction(frmival.discrete, entry(size.intervals, frmival.index, 'frame intervals'));
    },

    vidioc_g_parm: (_file, fh, parm) => fillParm(parm.parm.capture, deviceOf(fh)),

    vidioc_s_parm(_file, fh, parm) {
      deviceOf(fh).setTimeperframe(parm.parm.capture.timeperframe, queueOf(fh as V4l2Fh));
      fillParm(parm.parm.capture, deviceOf(fh));
    },
  }) satisfies Ops;

/** Nothing is cropped: programs are told what there is, and no more. @kernel uvc_ioctl_g_selection */
const selectionOps = {
  vidioc_g_selection(_file, fh, { type, target, r }) {
    if (type !== V4L2_BUF_TYPE_VIDEO_CAPTURE) throw new Errno(EINVAL, `there are no frames of type ${type}`);
    if (target !== V4L2_SEL_TGT_CROP_DEFAULT && target !== V4L2_SEL_TGT_CROP_BOUNDS)
      throw new Errno(EINVAL, `there is no rectangle ${target}`);
    const { width, height } = deviceOf(fh).current();
    r.left = 0;
    r.top = 0;
    r.width = width;
    r.height = height;
  },
} satisfies Ops;

export function webcamOps(queueOf: QueueOf) {
  return {
    ...oneInputOps,
    ...rateOps(queueOf),
    ...selectionOps,
    ...receiverEventOps,
    ...unitOps,
    vidioc_log_status: v4l2CtrlLogStatus,
    vidioc_enum_input(file, fh, input) {
      oneInputOps.vidioc_enum_input(file, fh, input);
      input.name = SENSOR;
    },
    vidioc_querycap(_file, fh, cap) {
      const { identity, hasMetadata } = deviceOf(fh);
      fillCapability(cap, identity);
      if (hasMetadata) cap.capabilities |= V4L2_CAP_META_CAPTURE;
    },
    vidioc_enum_fmt_vid_cap(_file, fh, desc) {
      const { info } = entry(deviceOf(fh).modes, desc.index, 'formats');
      desc.pixelformat = info.fourcc;
      if (isCompressed(info)) desc.flags |= V4L2_FMT_FLAG_COMPRESSED;
    },
    vidioc_g_fmt_vid_cap: (_file, fh, f) => fillPix(f.fmt.pix, deviceOf(fh).current()),
    vidioc_try_fmt_vid_cap(_file, fh, { fmt: { pix } }) {
      fillPix(pix, deviceOf(fh).nearest(pix.pixelformat, pix, queueOf(fh as V4l2Fh)));
    },
    vidioc_s_fmt_vid_cap(_file, fh, { fmt: { pix } }) {
      fillPix(pix, deviceOf(fh).setNearest(pix.pixelformat, pix, queueOf(fh as V4l2Fh)));
    },
  } satisfies Ops;
}
