import { V4L2_INPUT_TYPE_CAMERA } from '../../abi/index.ts';
import { EINVAL, Errno } from '../../base/errno.ts';
import type { V4l2IoctlOps } from '../../v4l2-core/index.ts';
import type { ViviView } from './vivi-picture.ts';

/** "Camera 0" to "Camera 3": each shows other bars. */
const INPUTS = 4;

function checkInput(input: number): void {
  if (input < 0 || input >= INPUTS)
    throw new Errno(EINVAL, `vivi has ${INPUTS} inputs, none is number ${input}`);
}

export const viviInputOps = {
  vidioc_enum_input(_file, _fh, input) {
    checkInput(input.index);
    input.type = V4L2_INPUT_TYPE_CAMERA;
    input.name = `Camera ${input.index}`;
  },

  vidioc_g_input(_file, fh, input) {
    input.value = fh.vdev.drvdata.own.input;
  },

  vidioc_s_input(_file, fh, input) {
    checkInput(input);
    fh.vdev.drvdata.own.input = input;
  },
} satisfies V4l2IoctlOps<{ readonly own: ViviView }>;
