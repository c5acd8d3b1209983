/** What a driver changes about its controls while it works. All who listen are told. Not from within an op of the same control. */
import {
  V4L2_CTRL_COMPOUND_TYPES,
  V4L2_CTRL_FLAG_GRABBED,
  V4L2_CTRL_FLAG_INACTIVE,
  V4L2_CTRL_FLAG_VOLATILE,
  V4L2_CTRL_TYPE_INTEGER64,
  V4L2_EVENT_CTRL_CH_DIMENSIONS,
  V4L2_EVENT_CTRL_CH_FLAGS,
  V4L2_EVENT_CTRL_CH_RANGE,
  V4L2_EVENT_CTRL_CH_VALUE,
} from '../../abi/index.ts';
import { EINVAL, Errno } from '../../base/errno.ts';
import { askVolatile, curToNew, masterOf, setCtrl } from './apply.ts';
import type { CtrlNumber } from './config.ts';
import { elementsOf, type V4l2Ctrl } from './ctrl.ts';
import { sendEvent } from './events.ts';
import { presentValue } from './plain.ts';
import { checkRange, hasRange } from './range.ts';

function setFlag(ctrl: V4l2Ctrl, flag: number, on: boolean): void {
  const flags = on ? ctrl.flags | flag : ctrl.flags & ~flag;
  if (flags === ctrl.flags) return;
  ctrl.flags = flags;
  sendEvent(undefined, ctrl, V4L2_EVENT_CTRL_CH_FLAGS);
}

/** Programs cannot set it (EBUSY) until it is let go, for what must stay while frames come. @kernel v4l2_ctrl_grab */
export function v4l2CtrlGrab(ctrl: V4l2Ctrl, grabbed: boolean): void {
  setFlag(ctrl, V4L2_CTRL_FLAG_GRABBED, grabbed);
}

/** Without effect at present, which programs show by greying it out; it can be set all the same. @kernel v4l2_ctrl_activate */
export function v4l2CtrlActivate(ctrl: V4l2Ctrl, active: boolean): void {
  setFlag(ctrl, V4L2_CTRL_FLAG_INACTIVE, !active);
}

/**
 * Other limits; the value is moved into them if it has to be, and the driver's `sCtrl` is then called. Throws ERANGE for
 * limits that make no sense, and what the driver throws. Not for strings and compound types.
 *
 * @kernel v4l2_ctrl_modify_range
 */
export function v4l2CtrlModifyRange(
  ctrl: V4l2Ctrl,
  min: CtrlNumber,
  max: CtrlNumber,
  step: CtrlNumber,
  def: CtrlNumber,
): void {
  if (!hasRange(ctrl.type)) throw new Errno(EINVAL, `${ctrl.name} has no range`);
  const wrong = checkRange(ctrl.type, { min, max, step, def });
  if (wrong !== undefined) throw wrong;
  const { minimum, maximum, step: oldStep, defaultValue } = ctrl;
  ctrl.setRange(min, max, step, def);
  const isOther =
    ctrl.minimum !== minimum ||
    ctrl.maximum !== maximum ||
    ctrl.step !== oldStep ||
    ctrl.defaultValue !== defaultValue;
  curToNew(ctrl);
  moveIntoRange(ctrl);
  if (!ctrl.typeOps.equal(ctrl, ctrl.pCur, ctrl.pNew)) setCtrl(undefined, ctrl, V4L2_EVENT_CTRL_CH_RANGE);
  else if (isOther) sendEvent(undefined, ctrl, V4L2_EVENT_CTRL_CH_RANGE);
}

/** A menu item that is no more has no nearest: it becomes the default. */
function moveIntoRange(ctrl: V4l2Ctrl): void {
  try {
    ctrl.typeOps.validate(ctrl, ctrl.pNew);
  } catch {
    for (let index = 0; index < ctrl.newElems; index++) ctrl.typeOps.init(ctrl, index, ctrl.pNew);
  }
}

/**
 * Other dimensions of an array that is not dynamic: as many as it had, none of them 0. All elements are defaults then.
 *
 * @kernel v4l2_ctrl_modify_dimensions
 */
export function v4l2CtrlModifyDimensions(ctrl: V4l2Ctrl, dims: readonly number[]): void {
  if (!ctrl.isArray || ctrl.isDynArray) throw new Errno(EINVAL, `${ctrl.name} has no dimensions to change`);
  if (dims.length !== ctrl.dims.length || elementsOf(dims) === 0)
    throw new Errno(EINVAL, `${ctrl.name} has ${ctrl.dims.length} dimensions, each of them 1 or more`);
  ctrl.dims = dims;
  ctrl.elems = ctrl.newElems = elementsOf(dims);
  for (const payload of [ctrl.pCur, ctrl.pNew]) {
    payload.grow(ctrl.elems * ctrl.elemSize);
    for (let index = 0; index < ctrl.elems; index++) ctrl.typeOps.init(ctrl, index, payload);
  }
  sendEvent(undefined, ctrl, V4L2_EVENT_CTRL_CH_VALUE | V4L2_EVENT_CTRL_CH_DIMENSIONS);
}

/** The value with 32 bits, as a program would read it. @kernel v4l2_ctrl_g_ctrl */
export function v4l2CtrlGCtrl(ctrl: V4l2Ctrl): number {
  expect(ctrl, ctrl.isInt, '32 bits');
  return presentValue(ctrl);
}

/** @kernel v4l2_ctrl_g_ctrl_int64 */
export function v4l2CtrlGCtrlInt64(ctrl: V4l2Ctrl): bigint {
  expect(ctrl, ctrl.type === V4L2_CTRL_TYPE_INTEGER64 && !ctrl.isPtr, '64 bits');
  if ((ctrl.flags & V4L2_CTRL_FLAG_VOLATILE) === 0) return ctrl.pCur.val64;
  askVolatile(masterOf(ctrl));
  return ctrl.pNew.val64;
}

/** Sets a value as a program would, by `tryCtrl` and `sCtrl`; throws what they throw. @kernel v4l2_ctrl_s_ctrl */
export function v4l2CtrlSCtrl(ctrl: V4l2Ctrl, value: number): void {
  expect(ctrl, ctrl.isInt, '32 bits');
  ctrl.pNew.val = value;
  setCtrl(undefined, ctrl, 0);
}

/** @kernel v4l2_ctrl_s_ctrl_int64 */
export function v4l2CtrlSCtrlInt64(ctrl: V4l2Ctrl, value: bigint): void {
  expect(ctrl, ctrl.type === V4L2_CTRL_TYPE_INTEGER64 && !ctrl.isPtr, '64 bits');
  ctrl.pNew.val64 = value;
  setCtrl(undefined, ctrl, 0);
}

/** A text that is too long is cut. @kernel v4l2_ctrl_s_ctrl_string */
export function v4l2CtrlSCtrlString(ctrl: V4l2Ctrl, text: string): void {
  expect(ctrl, ctrl.isString, 'a text');
  ctrl.pNew.setStringAt(0, text, ctrl.elemSize);
  setCtrl(undefined, ctrl, 0);
}

/** The bytes of all elements of a compound control or an array that is not dynamic. @kernel v4l2_ctrl_s_ctrl_compound */
export function v4l2CtrlSCtrlCompound(ctrl: V4l2Ctrl, bytes: Uint8Array): void {
  const isCompound = ctrl.isArray || ctrl.type >= V4L2_CTRL_COMPOUND_TYPES;
  const total = ctrl.elems * ctrl.elemSize;
  expect(
    ctrl,
    isCompound && !ctrl.isDynArray && bytes.length === total,
    `a payload of ${bytes.length} bytes`,
  );
  ctrl.pNew.bytes.set(bytes);
  setCtrl(undefined, ctrl, 0);
}

function expect({ name }: V4l2Ctrl, holds: boolean, what: string): void {
  if (!holds) throw new TypeError(`the control "${name}" has no value of ${what}`);
}
