/** The core's part of the ioctls: what it answers itself, checks before the driver and completes after it. */
import {
  V4L2_CAP_DEVICE_CAPS,
  V4L2_CAP_EXT_PIX_FORMAT,
  V4L2_CAP_READWRITE,
  V4L2_IN_CAP_DV_TIMINGS,
  V4L2_IN_CAP_STD,
  V4L2_MODE_HIGHQUALITY,
  V4L2_OUT_CAP_DV_TIMINGS,
  V4L2_OUT_CAP_STD,
  VIDIOC_S_DV_TIMINGS,
  VIDIOC_S_STD,
  type v4l2_buffer,
  type v4l2_capability,
  v4l2_captureparm,
  v4l2_create_buffers,
  type v4l2_input,
  type v4l2_output,
  v4l2_outputparm,
  type v4l2_plane,
  v4l2_requestbuffers,
  type v4l2_streamparm,
} from '../../abi/index.ts';
import { driverBug } from '../../base/bug.ts';
import type { Caller, File } from '../../vfs/file.ts';
import { isOutput } from '../buf-types.ts';
import type { V4l2Fh } from '../v4l2-fh.ts';
import { checkFmt, markExtended, sanitizeFormat } from './format.ts';
import type { ScalarView } from './ops.ts';
import { endOf } from './row.ts';

type Planes = readonly v4l2_plane[];

/** KERNEL_VERSION(6, 1, 0): the kernel that this one behaves as. */
export const LINUX_VERSION_CODE = 0x06_01_00;

/** How many buffers read() and write() use, for programs that ask. */
const FILEIO_BUFFERS = 2;

/**
 * The core knows what the node can do. A driver may add to `capabilities` what its other nodes can; what it takes
 * away, or changes in `device_caps`, is put back.
 *
 * @kernel v4l_querycap
 */
export function v4lQuerycap(file: File, fh: V4l2Fh, cap: v4l2_capability, caller: Caller): void {
  const { deviceCaps, label } = fh.vdev;
  const least = (deviceCaps | V4L2_CAP_DEVICE_CAPS) >>> 0;
  cap.version = LINUX_VERSION_CODE;
  cap.device_caps = deviceCaps;
  cap.capabilities = least;
  fh.vdev.ioctlOps.vidioc_querycap?.(file, fh, cap, caller);
  if (cap.device_caps !== deviceCaps >>> 0)
    driverBug(`${label}: vidioc_querycap must not change device_caps`);
  if ((cap.capabilities & least) >>> 0 !== least)
    driverBug(`${label}: vidioc_querycap must not take anything away from capabilities`);
  cap.device_caps = deviceCaps | V4L2_CAP_EXT_PIX_FORMAT;
  cap.capabilities |= least | V4L2_CAP_EXT_PIX_FORMAT;
}

export function v4lGPriority(_file: File, fh: V4l2Fh, priority: ScalarView): void {
  priority.value = fh.vdev.prio.max();
}

export function v4lSPriority(_file: File, fh: V4l2Fh, priority: ScalarView): void {
  fh.prio = fh.vdev.prio.change(fh.prio, priority.value);
}

export function v4lEnumInput(file: File, fh: V4l2Fh, input: v4l2_input, caller: Caller): void {
  if (fh.vdev.isValid(VIDIOC_S_DV_TIMINGS)) input.capabilities |= V4L2_IN_CAP_DV_TIMINGS;
  if (fh.vdev.isValid(VIDIOC_S_STD)) input.capabilities |= V4L2_IN_CAP_STD;
  fh.vdev.ioctlOps.vidioc_enum_input?.(file, fh, input, caller);
}

export function v4lEnumOutput(file: File, fh: V4l2Fh, output: v4l2_output, caller: Caller): void {
  if (fh.vdev.isValid(VIDIOC_S_DV_TIMINGS)) output.capabilities |= V4L2_OUT_CAP_DV_TIMINGS;
  if (fh.vdev.isValid(VIDIOC_S_STD)) output.capabilities |= V4L2_OUT_CAP_STD;
  fh.vdev.ioctlOps.vidioc_enum_output?.(file, fh, output, caller);
}

function fileioBuffers(fh: V4l2Fh): number {
  return fh.vdev.deviceCaps & V4L2_CAP_READWRITE ? FILEIO_BUFFERS : 0;
}

export function v4lGParm(file: File, fh: V4l2Fh, parm: v4l2_streamparm, caller: Caller): void {
  checkFmt(fh, parm.type);
  parm.parm.capture.readbuffers = fileioBuffers(fh);
  fh.vdev.ioctlOps.vidioc_g_parm?.(file, fh, parm, caller);
}

export function v4lSParm(file: File, fh: V4l2Fh, parm: v4l2_streamparm, caller: Caller): void {
  checkFmt(fh, parm.type);
  if (isOutput(parm.type)) {
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

export function v4lReqbufs(file: File, fh: V4l2Fh, req: v4l2_requestbuffers, caller: Caller): void {
  checkFmt(fh, req.type);
  req.$bytes.fill(0, endOf(v4l2_requestbuffers, 'flags'));
  fh.vdev.ioctlOps.vidioc_reqbufs?.(file, fh, req, caller);
}

export function v4lCreateBufs(file: File, fh: V4l2Fh, create: v4l2_create_buffers, caller: Caller): void {
  checkFmt(fh, create.format.type);
  create.$bytes.fill(0, endOf(v4l2_create_buffers, 'flags'));
  sanitizeFormat(create.format);
  fh.vdev.ioctlOps.vidioc_create_bufs?.(file, fh, create, caller);
  markExtended(create.format);
}

export function v4lQuerybuf(file: File, fh: V4l2Fh, b: v4l2_buffer, caller: Caller, planes?: Planes): void {
  checkFmt(fh, b.type);
  fh.vdev.ioctlOps.vidioc_querybuf?.(file, fh, b, caller, planes);
}

export function v4lPrepareBuf(file: File, fh: V4l2Fh, b: v4l2_buffer, caller: Caller, planes?: Planes): void {
  checkFmt(fh, b.type);
  fh.vdev.ioctlOps.vidioc_prepare_buf?.(file, fh, b, caller, planes);
}

export function v4lQbuf(file: File, fh: V4l2Fh, b: v4l2_buffer, caller: Caller, planes?: Planes): void {
  checkFmt(fh, b.type);
  fh.vdev.ioctlOps.vidioc_qbuf?.(file, fh, b, caller, planes);
}

export function v4lDqbuf(
  file: File,
  fh: V4l2Fh,
  b: v4l2_buffer,
  caller: Caller,
  planes?: Planes,
): number | undefined {
  checkFmt(fh, b.type);
  return fh.vdev.ioctlOps.vidioc_dqbuf?.(file, fh, b, caller, planes);
}
