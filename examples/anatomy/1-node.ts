/**
 * A node that programs can open. A driver is a module: its name, what may be set behind it in `--camera` (nothing yet), and
 * `create`, which makes the device nodes. A node has a table of functions, one for each ioctl that it answers; what is
 * not in the table is an ioctl that it does not have, and the program hears ENOTTY. VIDIOC_QUERYCAP says who is there:
 * `identity` is what the command line gave it, or a default.
 */
import {
  type CameraIdentity,
  defineDriver,
  fillCapability,
  V4L2_CAP_VIDEO_CAPTURE,
  type V4l2IoctlOps,
  VideoDevice,
} from 'usercam';

const ioctlOps = {
  vidioc_querycap: (_file, fh, cap) => fillCapability(cap, fh.vdev.drvdata),
} satisfies V4l2IoctlOps<CameraIdentity>;

export default defineDriver({
  name: 'grey',
  help: 'A camera that shows a grey.',
  settings: {},
  create(_settings, { identity }) {
    const node = new VideoDevice<CameraIdentity>({
      name: identity.label,
      deviceCaps: V4L2_CAP_VIDEO_CAPTURE,
      ioctlOps,
      fops: {},
      drvdata: identity,
    });
    return [node as VideoDevice];
  },
});
