/** Inputs and outputs: the core knows from the ioctls of the node whether they have standards or timings. */
import {
  V4L2_IN_CAP_DV_TIMINGS,
  V4L2_IN_CAP_STD,
  V4L2_OUT_CAP_DV_TIMINGS,
  V4L2_OUT_CAP_STD,
  VIDIOC_S_DV_TIMINGS,
  VIDIOC_S_STD,
  type v4l2_input,
  type v4l2_output,
} from '../../abi/index.ts';
import type { Caller, File } from '../../vfs/file.ts';
import type { V4l2Fh } from '../v4l2-fh.ts';

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
