/** Analog television, for cameras whose inputs have it. */
import * as abi from '../../abi/index.ts';
import { EINVAL, Errno } from '../../base/errno.ts';
import type { V4l2Fh, V4l2IoctlOps } from '../../v4l2-core/index.ts';
import { entry } from './listed-rates.ts';

/** Every standard that has a name, groups before what is in them, as programs find them. */
const standards: readonly (readonly [id: number, name: string])[] = [
  [abi.V4L2_STD_NTSC, 'NTSC'],
  [abi.V4L2_STD_NTSC_M, 'NTSC-M'],
  [abi.V4L2_STD_NTSC_M_JP, 'NTSC-M-JP'],
  [abi.V4L2_STD_NTSC_M_KR, 'NTSC-M-KR'],
  [abi.V4L2_STD_NTSC_443, 'NTSC-443'],
  [abi.V4L2_STD_PAL, 'PAL'],
  [abi.V4L2_STD_PAL_BG, 'PAL-BG'],
  [abi.V4L2_STD_PAL_H, 'PAL-H'],
  [abi.V4L2_STD_PAL_I, 'PAL-I'],
  [abi.V4L2_STD_PAL_DK, 'PAL-DK'],
  [abi.V4L2_STD_PAL_M, 'PAL-M'],
  [abi.V4L2_STD_PAL_N, 'PAL-N'],
  [abi.V4L2_STD_PAL_Nc, 'PAL-Nc'],
  [abi.V4L2_STD_PAL_60, 'PAL-60'],
  [abi.V4L2_STD_SECAM, 'SECAM'],
  [abi.V4L2_STD_SECAM_B, 'SECAM-B'],
  [abi.V4L2_STD_SECAM_G, 'SECAM-G'],
  [abi.V4L2_STD_SECAM_H, 'SECAM-H'],
  [abi.V4L2_STD_SECAM_DK, 'SECAM-DK'],
  [abi.V4L2_STD_SECAM_L, 'SECAM-L'],
  [abi.V4L2_STD_SECAM_LC, 'SECAM-Lc'],
];

/** What is set at the inputs, V4L2_STD_* bits: what is possible, what arrives, and what is chosen. */
export class AnalogInput {
  readonly possible: number;
  readonly received: number;
  chosen: number;

  constructor(possible: number, received: number) {
    this.possible = possible;
    this.received = received;
    this.chosen = received;
  }

  /** Those of the named standards that are possible as a whole. */
  get named(): typeof standards {
    return standards.filter(([id]) => (id & this.possible) === id);
  }
}

/** The ioctls of such a camera, which says where it has the state of its inputs. @kernel v4l_video_std_enumstd, v4l_s_std */
export function standardOps<D>(inputOf: (fh: V4l2Fh<D>) => AnalogInput) {
  return {
    vidioc_enumstd(_file, fh, standard) {
      const [id, name] = entry(inputOf(fh).named, standard.index, 'standards');
      const has525 = (id & abi.V4L2_STD_525_60) !== 0;
      standard.id = id;
      standard.name = name;
      standard.frameperiod.numerator = has525 ? 1001 : 1;
      standard.frameperiod.denominator = has525 ? 30_000 : 25;
      standard.framelines = has525 ? 525 : 625;
    },

    vidioc_g_std(_file, fh, id) {
      id.value = inputOf(fh).chosen;
    },

    vidioc_s_std(_file, fh, id) {
      const input = inputOf(fh);
      const possible = id & input.possible;
      if (possible === 0) throw new Errno(EINVAL, 'the input has none of these standards');
      input.chosen = possible;
    },

    vidioc_querystd(_file, fh, id) {
      id.value = inputOf(fh).received;
    },
  } satisfies V4l2IoctlOps<D>;
}
