/**
 * vivi-mplane: a camera whose frames lie in several planes, each in memory of its own, as those of many SoCs do.
 * It shows the bars of vivi and lets programs practise the multi-planar API.
 */
import { formatsNamed } from '../../pixel/index.ts';
import { MovingPattern } from '../../sources/index.ts';
import { type Pattern, viviBars } from '../../tpg/index.ts';
import type { VideoDevice } from '../../v4l2-core/index.ts';
import { captureNode } from '../lib/capture-device.ts';
import { captureMplaneOps, oneInputOps } from '../lib/capture-ioctl.ts';
import { defineDriver } from '../lib/driver-module.ts';
import { memOpsOf } from '../lib/memory-back-ends.ts';
import { formatSetting, rateSetting, sizeSetting } from '../lib/settings.ts';
import { usualLimits } from '../lib/usual-limits.ts';

const formats = formatsNamed('NV12M', 'YUV420M', 'NV16M', 'NV12');
/** The bars move to the left by so many pixels a frame. */
const SCROLL_STEP = 2;

export const viviMplaneDriver = defineDriver({
  name: 'vivi-mplane',
  help: 'A camera whose frames lie in several planes of memory, for the multi-planar API.',
  settings: {
    size: sizeSetting(usualLimits),
    fps: rateSetting(usualLimits),
    format: formatSetting(formats),
  },
  readers: ['one', 'many'],
  create({ size, fps, format }, common, { clock, pages }) {
    const node = captureNode(
      {
        ...common,
        clock,
        memOps: memOpsOf('vmalloc', pages),
        readwrite: false,
        isMultiplanar: true,
        formats,
        limits: usualLimits,
        size,
        format,
        rate: fps,
        own: undefined,
        createSource: (shape) => new MovingPattern(shape, viviBars[0] as Pattern, SCROLL_STEP),
      },
      (queueOf) => ({ ...captureMplaneOps(queueOf), ...oneInputOps }),
    );
    return [node as VideoDevice];
  },
});
