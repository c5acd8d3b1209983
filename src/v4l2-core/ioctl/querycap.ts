/** VIDIOC_QUERYCAP. */
import { V4L2_CAP_DEVICE_CAPS, V4L2_CAP_EXT_PIX_FORMAT, type v4l2_capability } from '../../abi/index.ts';
import { driverBug } from '../../base/bug.ts';
import { LINUX_VERSION_CODE } from '../../base/linux-version.ts';
import type { Caller, File } from '../../vfs/file.ts';
import type { V4l2Fh } from '../v4l2-fh.ts';

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
