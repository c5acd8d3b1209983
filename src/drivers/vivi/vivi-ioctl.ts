import { V4L2_INPUT_TYPE_CAMERA } from '../../abi/index.ts';
import { EBUSY, EINVAL, Errno } from '../../base/errno.ts';
import { type TpgFormat, tpgFormats } from '../../tpg/index.ts';
import { type V4l2Fh, type V4l2IoctlOps, vb2IoctlOps } from '../../v4l2-core/index.ts';
import { fillPix, findFormat, nearestSize } from '../lib/frame-size.ts';
import { entry, listedRatesOps } from '../lib/listed-rates.ts';
import type { Vivi } from './vivi.ts';

/** "Camera 0" to "Camera 3": each shows other bars. */
const INPUTS = 4;

const vivi = (fh: V4l2Fh<Vivi>) => fh.vdev.drvdata;

function checkInput(input: number): void {
  if (input < 0 || input >= INPUTS)
    throw new Errno(EINVAL, `vivi has ${INPUTS} inputs, none is number ${input}`);
}

/** What a program gets that asks for this format: an unknown one becomes the first that vivi has. */
const nearestFormat = (fourcc: number): TpgFormat => findFormat(fourcc) ?? (tpgFormats[0] as TpgFormat);

export const viviIoctlOps = {
  ...vb2IoctlOps,
  ...listedRatesOps,

  vidioc_querycap(_file, fh, cap) {
    cap.driver = 'vivi';
    cap.card = 'vivi';
    cap.bus_info = `platform:${vivi(fh).name}`;
  },

  vidioc_enum_fmt_vid_cap(_file, _fh, desc) {
    desc.pixelformat = entry(tpgFormats, desc.index, 'formats').fourcc;
  },

  vidioc_g_fmt_vid_cap(_file, fh, f) {
    fillPix(f.fmt.pix, vivi(fh).format, vivi(fh).size);
  },

  vidioc_try_fmt_vid_cap(_file, _fh, f) {
    const { pix } = f.fmt;
    fillPix(pix, nearestFormat(pix.pixelformat), nearestSize(pix.width, pix.height));
  },

  vidioc_s_fmt_vid_cap(_file, fh, f) {
    const device = vivi(fh);
    const { pix } = f.fmt;
    const format = nearestFormat(pix.pixelformat);
    const size = nearestSize(pix.width, pix.height);
    if (device.queue.isBusy()) throw new Errno(EBUSY, 'there are buffers of the old format');
    device.setFormat(format, size);
    fillPix(pix, format, size);
  },

  vidioc_enum_input(_file, _fh, input) {
    checkInput(input.index);
    input.type = V4L2_INPUT_TYPE_CAMERA;
    input.name = `Camera ${input.index}`;
  },

  vidioc_g_input(_file, fh, input) {
    input.value = vivi(fh).input;
  },

  vidioc_s_input(_file, fh, input) {
    checkInput(input);
    vivi(fh).setInput(input);
  },
} satisfies V4l2IoctlOps<Vivi>;
