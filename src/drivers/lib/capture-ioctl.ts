/** What every camera answers that makes its own frames. */
import { V4L2_INPUT_TYPE_CAMERA } from '../../abi/index.ts';
import { EINVAL, Errno } from '../../base/errno.ts';
import type { V4l2Fh, V4l2IoctlOps } from '../../v4l2-core/index.ts';
import type { CaptureDevice, QueueOf } from './capture-device.ts';
import { fillCapability } from './driver-module.ts';
import { fillPix, fillPixMplane } from './frame-format.ts';
import { entry, listedRatesOps } from './listed-rates.ts';

type Ops = V4l2IoctlOps<CaptureDevice>;

const deviceOf = (fh: V4l2Fh<CaptureDevice>) => fh.vdev.drvdata;

/** What it is, and what formats and rates there are. */
const commonOps = {
  ...listedRatesOps,
  vidioc_querycap: (_file, fh, cap) => fillCapability(cap, deviceOf(fh).identity),
  vidioc_enum_fmt_vid_cap(_file, fh, desc) {
    desc.pixelformat = entry(deviceOf(fh).formats, desc.index, 'formats').fourcc;
  },
} satisfies Ops;

/** The format, for frames in one plane of memory. */
export function captureOps(queueOf: QueueOf) {
  return {
    ...commonOps,
    vidioc_g_fmt_vid_cap: (_file, fh, f) => fillPix(f.fmt.pix, deviceOf(fh).current()),
    vidioc_try_fmt_vid_cap(_file, fh, f) {
      const { pix } = f.fmt;
      fillPix(pix, deviceOf(fh).nearest(pix.pixelformat, pix, queueOf(fh as V4l2Fh)));
    },
    vidioc_s_fmt_vid_cap(_file, fh, f) {
      const { pix } = f.fmt;
      fillPix(pix, deviceOf(fh).setNearest(pix.pixelformat, pix, queueOf(fh as V4l2Fh)));
    },
  } satisfies Ops;
}

/** The format, for frames in several planes of memory. */
export function captureMplaneOps(queueOf: QueueOf) {
  return {
    ...commonOps,
    vidioc_g_fmt_vid_cap_mplane: (_file, fh, f) => fillPixMplane(f.fmt.pix_mp, deviceOf(fh).current()),
    vidioc_try_fmt_vid_cap_mplane(_file, fh, f) {
      const { pix_mp } = f.fmt;
      fillPixMplane(pix_mp, deviceOf(fh).nearest(pix_mp.pixelformat, pix_mp, queueOf(fh as V4l2Fh)));
    },
    vidioc_s_fmt_vid_cap_mplane(_file, fh, f) {
      const { pix_mp } = f.fmt;
      fillPixMplane(pix_mp, deviceOf(fh).setNearest(pix_mp.pixelformat, pix_mp, queueOf(fh as V4l2Fh)));
    },
  } satisfies Ops;
}

/** The one input of a camera that has no more. */
export const oneInputOps = {
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
} satisfies V4l2IoctlOps;
