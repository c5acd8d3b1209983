/** The m2m driver: its settings, and how its node is made. */
import { V4L2_CAP_STREAMING, V4L2_CAP_VIDEO_M2M } from '../../abi/index.ts';
import { type V4l2FileOperations, VideoDevice, v4l2M2mFops } from '../../v4l2-core/index.ts';
import { defineDriver } from '../lib/driver-module.ts';
import { choiceSetting, numberSetting } from '../lib/settings.ts';
import { contextOf, M2m, M2mContext } from './m2m.ts';
import { MAX_TIME } from './m2m-controls.ts';
import { m2mIoctlOps } from './m2m-ioctl.ts';
import { m2mOps } from './transform.ts';

const fops = {
  ...v4l2M2mFops,
  open(fh) {
    new M2mContext(fh.vdev.drvdata as M2m, fh);
  },
  release(fh) {
    const { ctx, controls } = contextOf(fh);
    ctx.release();
    controls.handler.free();
  },
} satisfies V4l2FileOperations;

export const m2mDriver = defineDriver({
  name: 'm2m',
  help: 'A device that takes frames and gives them back transformed.',
  settings: {
    op: choiceSetting(
      m2mOps,
      'What is done to frames: nothing, upside down, left is right (until a program turns them), or every bit the other.',
    ),
    time: numberSetting(
      { default: 0, min: 0, max: MAX_TIME, unit: 'milliseconds', example: 40 },
      'How long the device works on a frame, until a program sets that.',
    ),
  },
  // Every open file is a context of its own, whoever has opened the others.
  readers: ['many'],
  card: ({ op }) => `m2m ${op}`,
  create({ op, time }, { identity }, { clock, pages }) {
    const device = new M2m({ identity, clock, pages, op, time });
    const node = new VideoDevice<M2m>({
      name: identity.label,
      deviceCaps: V4L2_CAP_VIDEO_M2M | V4L2_CAP_STREAMING,
      ioctlOps: m2mIoctlOps,
      fops,
      drvdata: device,
    });
    return [node as VideoDevice];
  },
});
