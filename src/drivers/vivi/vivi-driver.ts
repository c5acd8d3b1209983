/**
 * vivi, the virtual camera of the 3.x kernels: colour bars that scroll, with the time on them. What it shows is in
 * vivi-picture.ts, what can be set in vivi-ctrls.ts, what only vivi answers in vivi-ioctl.ts, and what it has in common
 * with other cameras in lib/. docs/vivi.md compares it with the old driver, function by function.
 *
 * It differs from the old driver where that fails v4l2-compliance or modern programs: discrete frame sizes
 * and intervals, exact pacing, monotonic timestamps, each sequence number once, progressive frames.
 */
import { formatsNamed } from '../../pixel/index.ts';
import type { VideoDevice } from '../../v4l2-core/index.ts';
import { captureNode } from '../lib/capture-device.ts';
import { captureOps } from '../lib/capture-ioctl.ts';
import { captureSteering } from '../lib/capture-steering.ts';
import { defineDriver } from '../lib/driver-module.ts';
import { memOpsOf, memoryBackEnds } from '../lib/memory-back-ends.ts';
import { packedFormats } from '../lib/packed-formats.ts';
import { bytesSetting, choiceSetting, formatSetting, rateSetting, sizeSetting } from '../lib/settings.ts';
import { usualLimits } from '../lib/usual-limits.ts';
import { viviControls } from './vivi-ctrls.ts';
import {
  INPUTS,
  receivedStandard,
  type Vivi,
  viviOps,
  viviStandards,
  viviTelevisionOps,
} from './vivi-ioctl.ts';
import { ViviPicture } from './vivi-picture.ts';
import { ViviView } from './vivi-view.ts';

/** The twelve of the old driver in its order, and behind them what programs of today ask for. */
export const viviFormats = [
  ...packedFormats,
  ...formatsNamed('NV12', 'NV21', 'YUV420', 'YVU420', 'GREY', 'ARGB32', 'ABGR32'),
];

export const viviDriver = defineDriver({
  name: 'vivi',
  help: 'A camera that shows colour bars which scroll, with the time on them.',
  settings: {
    size: sizeSetting(usualLimits),
    fps: rateSetting(usualLimits, { unpaced: true }),
    format: formatSetting(viviFormats),
    memory: choiceSetting(memoryBackEnds, 'Where frames lie, as if the camera had such hardware.'),
    read: choiceSetting(['yes', 'no'], 'Whether there is read(), which most cameras do not have.'),
    std: choiceSetting(['none', 'ntsc'], 'Whether the inputs are television (NTSC), which has standards.'),
    limit: bytesSetting(
      'How much memory one request for buffers may take; the program gets fewer buffers then.',
    ),
  },
  readers: ['one', 'many'],
  create({ size, fps, format, memory, read, std, limit }, common, { clock, pages }) {
    const view = new ViviView(clock);
    const isTelevision = std === 'ntsc';
    const node = captureNode<Vivi>(
      {
        ...common,
        clock,
        memOps: memOpsOf(memory, pages),
        readwrite: read === 'yes',
        isMultiplanar: false,
        formats: viviFormats,
        limits: usualLimits,
        size,
        format,
        rate: fps,
        ...(limit === undefined ? {} : { memoryLimit: limit }),
        ...(isTelevision ? { tvnorms: viviStandards } : {}),
        ctrlHandler: viviControls(view),
        own: { view, standard: receivedStandard },
        createSource: (shape) => new ViviPicture(shape, view),
      },
      (queueOf) => ({ ...captureOps(queueOf), ...viviOps, ...(isTelevision ? viviTelevisionOps : {}) }),
    );
    const devices = [node as VideoDevice];
    const mode = { size: sizeSetting(usualLimits), fps: rateSetting(usualLimits) };
    return { devices, steering: captureSteering(node, INPUTS, mode) };
  },
});
