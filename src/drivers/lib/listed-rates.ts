/** Answers that cameras with lists of sizes and intervals have in common: a driver spreads them into its ioctl ops. */
import {
  V4L2_CAP_TIMEPERFRAME,
  V4L2_FRMIVAL_TYPE_DISCRETE,
  V4L2_FRMSIZE_TYPE_DISCRETE,
  type v4l2_captureparm,
} from '../../abi/index.ts';
import { EINVAL, Errno } from '../../base/errno.ts';
import type { FormatInfo } from '../../pixel/index.ts';
import type { V4l2Fh, V4l2IoctlOps } from '../../v4l2-core/index.ts';
import { hasFormat } from './frame-format.ts';
import { fillFraction, type IntervalLimits, nearestInterval, type TimePerFrame } from './frame-interval.ts';
import type { FrameSize } from './frame-size.ts';

/** What such a camera has. */
export interface ListedRates {
  readonly formats: readonly FormatInfo[];
  readonly sizes: readonly FrameSize[];
  readonly intervals: readonly TimePerFrame[];
  readonly limits: IntervalLimits;
  readonly defaultTimeperframe: TimePerFrame;
  readonly timeperframe: TimePerFrame;
  /** A stream may be running. */
  setTimeperframe(interval: TimePerFrame): void;
}

/** Entry `index` of something that is enumerated. */
export function entry<T>(list: readonly T[], index: number, what: string): T {
  const item = list[index];
  if (item === undefined)
    throw new Errno(EINVAL, `there are ${list.length} ${what}, none is number ${index}`);
  return item;
}

function camera(fh: V4l2Fh): ListedRates {
  return fh.vdev.drvdata as ListedRates;
}

function checkFormat(fh: V4l2Fh, fourcc: number): void {
  if (!hasFormat(camera(fh).formats, fourcc))
    throw new Errno(EINVAL, `${fh.vdev.label} does not have this pixel format`);
}

function fillParm(capture: v4l2_captureparm, { timeperframe }: ListedRates): void {
  capture.capability = V4L2_CAP_TIMEPERFRAME;
  capture.capturemode = 0;
  fillFraction(capture.timeperframe, timeperframe);
}

export const listedRatesOps = {
  vidioc_enum_framesizes(_file, fh, frmsize) {
    checkFormat(fh, frmsize.pixel_format);
    const size = entry(camera(fh).sizes, frmsize.index, 'frame sizes');
    frmsize.type = V4L2_FRMSIZE_TYPE_DISCRETE;
    frmsize.discrete.width = size.width;
    frmsize.discrete.height = size.height;
  },

  vidioc_enum_frameintervals(_file, fh, frmival) {
    checkFormat(fh, frmival.pixel_format);
    const { width, height } = frmival;
    if (!camera(fh).sizes.some((size) => size.width === width && size.height === height))
      throw new Errno(EINVAL, `${width}x${height} is not in the list of frame sizes`);
    const interval = entry(camera(fh).intervals, frmival.index, 'frame intervals');
    frmival.type = V4L2_FRMIVAL_TYPE_DISCRETE;
    fillFraction(frmival.discrete, interval);
  },

  vidioc_g_parm(_file, fh, parm) {
    fillParm(parm.parm.capture, camera(fh));
  },

  vidioc_s_parm(_file, fh, parm) {
    const device = camera(fh);
    const { capture } = parm.parm;
    device.setTimeperframe(nearestInterval(capture.timeperframe, device.limits, device.defaultTimeperframe));
    fillParm(capture, device);
  },
} satisfies V4l2IoctlOps;
