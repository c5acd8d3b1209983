import {
  V4L2_CAP_TIMEPERFRAME,
  V4L2_FRMIVAL_TYPE_DISCRETE,
  V4L2_FRMSIZE_TYPE_DISCRETE,
  V4L2_INPUT_TYPE_CAMERA,
  type v4l2_captureparm,
} from '../../abi/index.ts';
import { EBUSY, EINVAL, Errno } from '../../base/errno.ts';
import { type V4l2Fh, type V4l2IoctlOps, vb2IoctlOps } from '../../v4l2-core/index.ts';
import { nearestInterval, nearestSize } from '../vivi/vivi-format.ts';
import type { ViviMplane } from './vivi-mplane.ts';
import { fillPixMplane, findFormat, type MplaneFormat, mplaneFormats } from './vivi-mplane-format.ts';

const cameraOf = (fh: V4l2Fh<ViviMplane>) => fh.vdev.drvdata;

/** Entry `index` of something that is enumerated. */
function entry<T>(list: readonly T[], index: number, what: string): T {
  const item = list[index];
  if (item === undefined)
    throw new Errno(EINVAL, `there are ${list.length} ${what}, none is number ${index}`);
  return item;
}

function checkFormat(fourcc: number): void {
  if (findFormat(fourcc) === undefined)
    throw new Errno(EINVAL, 'vivi-mplane does not have this pixel format');
}

const nearestFormat = (fourcc: number) => findFormat(fourcc) ?? (mplaneFormats[0] as MplaneFormat);

function fillParm(capture: v4l2_captureparm, { timeperframe }: ViviMplane): void {
  capture.capability = V4L2_CAP_TIMEPERFRAME;
  capture.capturemode = 0;
  capture.timeperframe.numerator = timeperframe.numerator;
  capture.timeperframe.denominator = timeperframe.denominator;
}

export const viviMplaneIoctlOps = {
  ...vb2IoctlOps,

  vidioc_querycap(_file, fh, cap) {
    cap.driver = 'vivi-mplane';
    cap.card = 'vivi-mplane';
    cap.bus_info = `platform:${cameraOf(fh).name}`;
  },

  vidioc_enum_fmt_vid_cap(_file, _fh, desc) {
    desc.pixelformat = entry(mplaneFormats, desc.index, 'formats').fourcc;
  },

  vidioc_g_fmt_vid_cap_mplane(_file, fh, f) {
    fillPixMplane(f.fmt.pix_mp, cameraOf(fh).format, cameraOf(fh).size);
  },

  vidioc_try_fmt_vid_cap_mplane(_file, _fh, f) {
    const { pix_mp } = f.fmt;
    fillPixMplane(pix_mp, nearestFormat(pix_mp.pixelformat), nearestSize(pix_mp.width, pix_mp.height));
  },

  vidioc_s_fmt_vid_cap_mplane(_file, fh, f) {
    const camera = cameraOf(fh);
    if (camera.queue.isBusy()) throw new Errno(EBUSY, 'there are buffers of the old format');
    const { pix_mp } = f.fmt;
    camera.setFormat(nearestFormat(pix_mp.pixelformat), nearestSize(pix_mp.width, pix_mp.height));
    fillPixMplane(pix_mp, camera.format, camera.size);
  },

  vidioc_enum_framesizes(_file, fh, frmsize) {
    checkFormat(frmsize.pixel_format);
    const size = entry(cameraOf(fh).sizes, frmsize.index, 'frame sizes');
    frmsize.type = V4L2_FRMSIZE_TYPE_DISCRETE;
    frmsize.discrete.width = size.width;
    frmsize.discrete.height = size.height;
  },

  vidioc_enum_frameintervals(_file, fh, frmival) {
    checkFormat(frmival.pixel_format);
    const { width, height } = frmival;
    if (!cameraOf(fh).sizes.some((size) => size.width === width && size.height === height))
      throw new Errno(EINVAL, `${width}x${height} is not in the list of frame sizes`);
    const interval = entry(cameraOf(fh).intervals, frmival.index, 'frame intervals');
    frmival.type = V4L2_FRMIVAL_TYPE_DISCRETE;
    frmival.discrete.numerator = interval.numerator;
    frmival.discrete.denominator = interval.denominator;
  },

  vidioc_g_parm(_file, fh, parm) {
    fillParm(parm.parm.capture, cameraOf(fh));
  },

  vidioc_s_parm(_file, fh, parm) {
    const camera = cameraOf(fh);
    camera.timeperframe = nearestInterval(parm.parm.capture.timeperframe, camera.defaultTimeperframe);
    fillParm(parm.parm.capture, camera);
  },

  vidioc_enum_input(_file, _fh, input) {
    if (input.index > 0) throw new Errno(EINVAL, 'there is one input');
    input.type = V4L2_INPUT_TYPE_CAMERA;
    input.name = 'Camera';
  },

  vidioc_g_input(_file, _fh, input) {
    input.value = 0;
  },

  vidioc_s_input(_file, _fh, input) {
    if (input !== 0) throw new Errno(EINVAL, 'there is one input');
  },
} satisfies V4l2IoctlOps<ViviMplane>;
