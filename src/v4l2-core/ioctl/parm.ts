/** Streaming parameters. */
import {
  V4L2_CAP_READWRITE,
  V4L2_MODE_HIGHQUALITY,
  V4L2_TYPE_IS_OUTPUT,
  v4l2_captureparm,
  v4l2_outputparm,
  type v4l2_streamparm,
} from '../../abi/index.ts';
import { EINVAL, Errno } from '../../base/errno.ts';
import type { Caller, File } from '../../vfs/file.ts';
import type { V4l2Fh } from '../v4l2-fh.ts';
import { checkFmt } from './format.ts';
import { videoStdFramePeriod } from './std.ts';

const std = { value: 0 };

/** How many buffers read() and write() use, for programs that ask. */
const FILEIO_BUFFERS = 2;

function fileioBuffers(fh: V4l2Fh): number {
  return fh.vdev.deviceCaps & V4L2_CAP_READWRITE ? FILEIO_BUFFERS : 0;
}

export function v4lGParm(file: File, fh: V4l2Fh, parm: v4l2_streamparm, caller: Caller): void {
  checkFmt(fh, parm.type);
  parm.parm.capture.readbuffers = fileioBuffers(fh);
  const { vidioc_g_parm, vidioc_g_std } = fh.vdev.ioctlOps;
  if (vidioc_g_parm !== undefined) vidioc_g_parm.call(fh.vdev.ioctlOps, file, fh, parm, caller);
  else {
    if (V4L2_TYPE_IS_OUTPUT(parm.type)) throw new Errno(EINVAL, 'a standard is of what is captured');
    // What the standard says is all that is known.
    std.value = fh.vdev.tvnorms;
    vidioc_g_std?.call(fh.vdev.ioctlOps, file, fh, std, caller);
    videoStdFramePeriod(std.value, parm.parm.capture.timeperframe);
  }
}

export function v4lSParm(file: File, fh: V4l2Fh, parm: v4l2_streamparm, caller: Caller): void {
  checkFmt(fh, parm.type);
  if (V4L2_TYPE_IS_OUTPUT(parm.type)) {
    const output = parm.parm.output;
    output.$bytes.fill(0, v4l2_outputparm.offsets.reserved);
    output.extendedmode = 0;
    output.outputmode &= V4L2_MODE_HIGHQUALITY;
    output.writebuffers = fileioBuffers(fh);
  } else {
    const capture = parm.parm.capture;
    capture.$bytes.fill(0, v4l2_captureparm.offsets.reserved);
    capture.extendedmode = 0;
    capture.capturemode &= V4L2_MODE_HIGHQUALITY;
    capture.readbuffers = fileioBuffers(fh);
  }
  fh.vdev.ioctlOps.vidioc_s_parm?.(file, fh, parm, caller);
}
