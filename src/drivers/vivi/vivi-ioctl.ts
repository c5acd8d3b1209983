/** What only vivi answers: four inputs, and television where that is wanted. */
import { V4L2_INPUT_TYPE_CAMERA, V4L2_STD_525_60, V4L2_STD_NTSC_M } from '../../abi/index.ts';
import { EINVAL, Errno } from '../../base/errno.ts';
import type { V4l2IoctlOps } from '../../v4l2-core/index.ts';
import type { CaptureDevice } from '../lib/capture-device.ts';
import { AnalogInput, standardOps } from '../lib/standards.ts';
import type { ViviView } from './vivi-view.ts';

/** "Camera 0" to "Camera 3": each shows other bars. */
const INPUTS = 4;

/** What vivi keeps beside what every camera has. */
export interface Vivi {
  readonly view: ViviView;
  /** The standards of the inputs, where they have any. */
  readonly analog: AnalogInput | undefined;
}

type Ops = V4l2IoctlOps<CaptureDevice<Vivi>>;

/** Television with 525 lines, as the vivi of Linux 3.5 had it. @kernel vivi_template */
export function viviTelevision(): AnalogInput {
  return new AnalogInput(V4L2_STD_525_60, V4L2_STD_NTSC_M);
}

function checkInput(input: number): void {
  if (input < 0 || input >= INPUTS)
    throw new Errno(EINVAL, `vivi has ${INPUTS} inputs, none is number ${input}`);
}

const inputOps = {
  vidioc_enum_input(_file, fh, input) {
    checkInput(input.index);
    input.type = V4L2_INPUT_TYPE_CAMERA;
    input.name = `Camera ${input.index}`;
    input.std = fh.vdev.drvdata.own.analog?.possible ?? 0;
  },

  vidioc_g_input(_file, fh, input) {
    input.value = fh.vdev.drvdata.own.view.settings.input;
  },

  vidioc_s_input(_file, fh, input) {
    checkInput(input);
    fh.vdev.drvdata.own.view.change({ input });
  },
} satisfies Ops;

const televisionOps = standardOps<CaptureDevice<Vivi>>((fh) => {
  const { analog } = fh.vdev.drvdata.own;
  if (analog === undefined) throw new Errno(EINVAL, 'the input has no standard');
  return analog;
});

/** A camera without standards has no ioctl for them at all. */
export function viviOps({ analog }: Vivi): Ops {
  return analog === undefined ? inputOps : { ...inputOps, ...televisionOps };
}
