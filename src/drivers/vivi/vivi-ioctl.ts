/** What only vivi answers: four inputs, and television where that is wanted. */
import { V4L2_INPUT_TYPE_CAMERA, V4L2_STD_525_60, V4L2_STD_NTSC_M } from '../../abi/index.ts';
import { EINVAL, Errno } from '../../base/errno.ts';
import { type V4l2IoctlOps, v4l2CtrlLogStatus } from '../../v4l2-core/index.ts';
import type { CaptureDevice } from '../lib/capture-device.ts';
import { receiverEventOps } from '../lib/source-change.ts';
import type { ViviView } from './vivi-view.ts';

/** "Camera 0" to "Camera 3": each shows other bars. */
export const INPUTS = 4;

/** The standards of inputs that are television, as in Linux 3.5. @kernel vivi_template */
export const viviStandards = V4L2_STD_525_60;
/** The one that they receive. */
export const receivedStandard = V4L2_STD_NTSC_M;

/** What vivi keeps beside what every camera has. */
export interface Vivi {
  readonly view: ViviView;
  /** The standard that is set at all inputs, where they have any. */
  standard: number;
}

type Ops = V4l2IoctlOps<CaptureDevice<Vivi>>;

function checkInput(input: number): void {
  if (input < 0 || input >= INPUTS)
    throw new Errno(EINVAL, `vivi has ${INPUTS} inputs, none is number ${input}`);
}

/** The inputs, of every vivi. */
export const viviInputOps = {
  vidioc_enum_input(_file, fh, input) {
    checkInput(input.index);
    input.type = V4L2_INPUT_TYPE_CAMERA;
    input.name = `Camera ${input.index}`;
    input.std = fh.vdev.tvnorms;
  },

  vidioc_g_input(_file, fh, input) {
    input.value = fh.vdev.drvdata.own.view.settings.input;
  },

  vidioc_s_input(_file, fh, input) {
    checkInput(input);
    fh.vdev.drvdata.own.view.change({ input });
  },
} satisfies V4l2IoctlOps<{ readonly own: { readonly view: ViviView } }>;

export const viviOps = {
  ...receiverEventOps,
  ...viviInputOps,
  vidioc_log_status: v4l2CtrlLogStatus,
} satisfies Ops;

/** A camera has none of these: without standards there are no ioctls for them. */
export const viviTelevisionOps = {
  vidioc_g_std(_file, fh, id) {
    id.value = fh.vdev.drvdata.own.standard;
  },

  vidioc_s_std(_file, fh, id) {
    fh.vdev.drvdata.own.standard = id;
  },

  vidioc_querystd(_file, _fh, id) {
    id.value = receivedStandard;
  },
} satisfies Ops;
