/** Values on their way between a program and a control. A payload is read from and written to the program's memory. */
import { V4L2_CTRL_TYPE_INTEGER64, type v4l2_ext_control } from '../../abi/index.ts';
import { ENOSPC, ERANGE, Errno } from '../../base/errno.ts';
import type { UserMemory } from '../../vfs/file.ts';
import type { V4l2Ctrl } from './ctrl.ts';
import type { CtrlPayload } from './payload.ts';

/** The program's value becomes the new one; ERANGE for a text that is none or too long, EFAULT. @kernel user_to_new */
export function userToNew(memory: UserMemory, control: v4l2_ext_control, ctrl: V4l2Ctrl): void {
  ctrl.isNew = false;
  if (ctrl.isString) textToNew(memory, control, ctrl);
  else if (ctrl.isPtr) elementsToNew(memory, control, ctrl);
  else if (ctrl.type === V4L2_CTRL_TYPE_INTEGER64) ctrl.pNew.val64 = control.value64;
  else ctrl.pNew.val = control.value;
  ctrl.isNew = true;
}

function elementsToNew(memory: UserMemory, control: v4l2_ext_control, ctrl: V4l2Ctrl): void {
  const { size } = control;
  if (ctrl.isDynArray) for (const payload of [ctrl.pCur, ctrl.pNew]) payload.grow(size);
  memory.read(control.ptr, ctrl.pNew.bytes.subarray(0, size));
  if (ctrl.isDynArray) ctrl.newElems = size / ctrl.elemSize;
}

function textToNew(memory: UserMemory, control: v4l2_ext_control, ctrl: V4l2Ctrl): void {
  const longest = ctrl.maximum as number;
  const size = Math.min(control.size, longest + 1);
  if (size === 0) throw new Errno(ERANGE, `${ctrl.name} needs a text, if only an empty one with its NUL`);
  const { bytes } = ctrl.pNew;
  memory.read(control.string, bytes.subarray(0, size));
  const last = bytes[size - 1];
  bytes[size - 1] = 0;
  // A NUL was expected where the text went on.
  if (last !== 0 && ctrl.pNew.string.length === longest)
    throw new Errno(ERANGE, `${ctrl.name} has at most ${longest} characters`);
}

/**
 * A value goes to the program. ENOSPC, with `size` at what the longest takes, for a text that has too little room.
 *
 * @kernel ptr_to_user
 */
export function toUser(
  memory: UserMemory,
  control: v4l2_ext_control,
  ctrl: V4l2Ctrl,
  payload: CtrlPayload,
): void {
  if (ctrl.isString) textToUser(memory, control, ctrl, payload);
  else if (ctrl.isPtr) memory.write(control.ptr, payload.bytes.subarray(0, control.size));
  else if (ctrl.type === V4L2_CTRL_TYPE_INTEGER64) control.value64 = payload.val64;
  else control.value = payload.val;
}

function textToUser(
  memory: UserMemory,
  control: v4l2_ext_control,
  ctrl: V4l2Ctrl,
  payload: CtrlPayload,
): void {
  const length = payload.string.length + 1;
  if (control.size < length) {
    control.size = ctrl.elemSize;
    throw new Errno(ENOSPC, `${ctrl.name} takes ${ctrl.elemSize} bytes`);
  }
  memory.write(control.string, payload.bytes.subarray(0, length));
}

/** The default goes to the program. @kernel def_to_user */
export function defaultToUser(memory: UserMemory, control: v4l2_ext_control, ctrl: V4l2Ctrl): void {
  for (let index = 0; index < ctrl.elems; index++) ctrl.typeOps.init(ctrl, index, ctrl.pNew);
  toUser(memory, control, ctrl, ctrl.pNew);
}
