/**
 * A picture of some format. `GREY` comes from the one table of pixel formats, and with it how many bytes a line and a frame
 * take. This camera has one format and one size, so to get it, to try it and to set it are the same: a program that asks for
 * something else is told what it gets. A mistake of a program is an `Errno`, and reaches that program alone. A camera has
 * an input as well, which is what `v4l2-ctl` and others look for.
 *
 * The state of the device has got an object of its own: each function finds it as `fh.vdev.drvdata`.
 */
import {
  type CameraIdentity,
  defineDriver,
  EINVAL,
  Errno,
  type FormatInfo,
  fillCapability,
  fillPix,
  formatsNamed,
  frameFormat,
  oneInputOps,
  V4L2_CAP_VIDEO_CAPTURE,
  type V4l2IoctlOps,
  VideoDevice,
} from 'usercam';

const [GREY] = formatsNamed('GREY') as [FormatInfo];
const FORMAT = frameFormat(GREY, { width: 320, height: 240 });

class Camera {
  readonly identity: CameraIdentity;

  constructor(identity: CameraIdentity) {
    this.identity = identity;
  }
}

const ioctlOps = {
  ...oneInputOps,
  vidioc_querycap: (_file, fh, cap) => fillCapability(cap, fh.vdev.drvdata.identity),
  vidioc_enum_fmt_vid_cap(_file, _fh, desc) {
    if (desc.index > 0) throw new Errno(EINVAL, 'there is one format');
    desc.pixelformat = GREY.fourcc;
  },
  vidioc_g_fmt_vid_cap: (_file, _fh, f) => fillPix(f.fmt.pix, FORMAT),
  vidioc_try_fmt_vid_cap: (_file, _fh, f) => fillPix(f.fmt.pix, FORMAT),
  vidioc_s_fmt_vid_cap: (_file, _fh, f) => fillPix(f.fmt.pix, FORMAT),
} satisfies V4l2IoctlOps<Camera>;

export default defineDriver({
  name: 'grey',
  help: 'A camera that shows a grey.',
  settings: {},
  create(_settings, { identity }) {
    const node = new VideoDevice<Camera>({
      name: identity.label,
      deviceCaps: V4L2_CAP_VIDEO_CAPTURE,
      ioctlOps,
      fops: {},
      drvdata: new Camera(identity),
    });
    return [node as VideoDevice];
  },
});
