import { V4L2_INPUT_TYPE_CAMERA } from '../../abi/index.ts';
import { EBUSY, EINVAL, Errno } from '../../base/errno.ts';
import { type V4l2Fh, type V4l2IoctlOps, vb2IoctlOps } from '../../v4l2-core/index.ts';
import { nearestSize } from '../lib/frame-size.ts';
import { entry, listedRatesOps } from '../lib/listed-rates.ts';
import type { ViviMplane } from './vivi-mplane.ts';
import { fillPixMplane, findFormat, type MplaneFormat, mplaneFormats } from './vivi-mplane-format.ts';

const cameraOf = (fh: V4l2Fh<ViviMplane>) => fh.vdev.drvdata;

const nearestFormat = (fourcc: number) => findFormat(fourcc) ?? (mplaneFormats[0] as MplaneFormat);

export const viviMplaneIoctlOps = {
  ...vb2IoctlOps,
  ...listedRatesOps,

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
