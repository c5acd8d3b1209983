/** Analog standards: the core names them and keeps to what the input has, `vdev.tvnorms`. */
import {
  V4L2_STD_525_60,
  V4L2_STD_NTSC,
  V4L2_STD_NTSC_443,
  V4L2_STD_NTSC_M,
  V4L2_STD_NTSC_M_JP,
  V4L2_STD_NTSC_M_KR,
  V4L2_STD_PAL,
  V4L2_STD_PAL_60,
  V4L2_STD_PAL_BG,
  V4L2_STD_PAL_DK,
  V4L2_STD_PAL_H,
  V4L2_STD_PAL_I,
  V4L2_STD_PAL_M,
  V4L2_STD_PAL_N,
  V4L2_STD_PAL_Nc,
  V4L2_STD_SECAM,
  V4L2_STD_SECAM_B,
  V4L2_STD_SECAM_DK,
  V4L2_STD_SECAM_G,
  V4L2_STD_SECAM_H,
  V4L2_STD_SECAM_L,
  V4L2_STD_SECAM_LC,
  type v4l2_fract,
  type v4l2_standard,
} from '../../abi/index.ts';
import { EINVAL, ENODATA, Errno } from '../../base/errno.ts';
import type { Caller, File } from '../../vfs/file.ts';
import type { V4l2Fh } from '../v4l2-fh.ts';
import type { ScalarView } from './ops/index.ts';

/** In the order in which they are enumerated: each family before its members. */
const standards: readonly (readonly [id: number, name: string])[] = [
  [V4L2_STD_NTSC, 'NTSC'],
  [V4L2_STD_NTSC_M, 'NTSC-M'],
  [V4L2_STD_NTSC_M_JP, 'NTSC-M-JP'],
  [V4L2_STD_NTSC_M_KR, 'NTSC-M-KR'],
  [V4L2_STD_NTSC_443, 'NTSC-443'],
  [V4L2_STD_PAL, 'PAL'],
  [V4L2_STD_PAL_BG, 'PAL-BG'],
  [V4L2_STD_PAL_H, 'PAL-H'],
  [V4L2_STD_PAL_I, 'PAL-I'],
  [V4L2_STD_PAL_DK, 'PAL-DK'],
  [V4L2_STD_PAL_M, 'PAL-M'],
  [V4L2_STD_PAL_N, 'PAL-N'],
  [V4L2_STD_PAL_Nc, 'PAL-Nc'],
  [V4L2_STD_PAL_60, 'PAL-60'],
  [V4L2_STD_SECAM, 'SECAM'],
  [V4L2_STD_SECAM_B, 'SECAM-B'],
  [V4L2_STD_SECAM_G, 'SECAM-G'],
  [V4L2_STD_SECAM_H, 'SECAM-H'],
  [V4L2_STD_SECAM_DK, 'SECAM-DK'],
  [V4L2_STD_SECAM_L, 'SECAM-L'],
  [V4L2_STD_SECAM_LC, 'SECAM-Lc'],
];

/** Seconds per frame of a standard. @kernel v4l2_video_std_frame_period */
export function videoStdFramePeriod(id: number, period: v4l2_fract): void {
  const is525 = (id & V4L2_STD_525_60) !== 0;
  period.numerator = is525 ? 1001 : 1;
  period.denominator = is525 ? 30000 : 25;
}

/** Lines of a frame, with those that are not seen. */
const framelines = (id: number) => ((id & V4L2_STD_525_60) !== 0 ? 525 : 625);

/** ENODATA if the input that is chosen has no standards, EINVAL past the last. @kernel v4l_video_std_enumstd */
export function v4lEnumstd(_file: File, fh: V4l2Fh, standard: v4l2_standard): void {
  const { tvnorms } = fh.vdev;
  if (tvnorms === 0) throw new Errno(ENODATA, 'this input has no standards');
  const has = standards.filter(([id]) => (tvnorms & id) === id);
  const found = has[standard.index];
  if (found === undefined) throw new Errno(EINVAL, `this input has ${has.length} standards`);
  const [id, name] = found;
  standard.id = id;
  standard.name = name;
  videoStdFramePeriod(id, standard.frameperiod);
  standard.framelines = framelines(id);
}

/** The driver is asked for those only that the input has. @kernel v4l_s_std */
export function v4lSStd(file: File, fh: V4l2Fh, id: ScalarView, caller: Caller): void {
  const { tvnorms } = fh.vdev;
  // Of the 64 bits only the lower half are standards, in the program's number as in ours.
  const norm = (id.value % 2 ** 32) & tvnorms;
  if (tvnorms !== 0 && norm === 0) throw new Errno(EINVAL, 'the input has none of these standards');
  fh.vdev.ioctlOps.vidioc_s_std?.(file, fh, norm, caller);
}

/** The driver takes away from all that the input has. @kernel v4l_querystd */
export function v4lQuerystd(file: File, fh: V4l2Fh, id: ScalarView, caller: Caller): void {
  id.value = fh.vdev.tvnorms;
  fh.vdev.ioctlOps.vidioc_querystd?.(file, fh, id, caller);
}
