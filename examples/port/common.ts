/** What the three steps have in common, and no step changes: one format, and what is asked about it. */
import {
  EINVAL,
  Errno,
  type FormatInfo,
  fillPix,
  formatsNamed,
  frameFormat,
  V4L2_INPUT_TYPE_CAMERA,
  type V4l2IoctlOps,
} from 'usercam';

const [GREY] = formatsNamed('GREY') as [FormatInfo];
export const FORMAT = frameFormat(GREY, { width: 320, height: 240 });
export const FRAME_BYTES = 320 * 240;
/** Ten frames a second. */
export const INTERVAL = 100_000_000;

export const grey = (bytes: Uint8Array, number: number) => bytes.fill(number % 256, 0, FRAME_BYTES);

export const formatOps = {
  vidioc_enum_fmt_vid_cap(_file, _fh, desc) {
    if (desc.index > 0) throw new Errno(EINVAL, 'there is one format');
    desc.pixelformat = GREY.fourcc;
  },
  vidioc_g_fmt_vid_cap: (_file, _fh, f) => fillPix(f.fmt.pix, FORMAT),
  vidioc_try_fmt_vid_cap: (_file, _fh, f) => fillPix(f.fmt.pix, FORMAT),
  vidioc_s_fmt_vid_cap: (_file, _fh, f) => fillPix(f.fmt.pix, FORMAT),
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
