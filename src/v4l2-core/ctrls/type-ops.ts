import { V4L2_CTRL_TYPE_STRING } from '../../abi/index.ts';
import { ERANGE, Errno } from '../../base/errno.ts';
import type { V4l2CtrlTypeOps } from './config.ts';
import type { V4l2Ctrl } from './ctrl.ts';
import { type ElementType, elementType, opaque } from './element-types.ts';
import type { CtrlPayload } from './payload.ts';

const typeOf = (ctrl: V4l2Ctrl): ElementType => elementType(ctrl.type) ?? opaque(ctrl.elemSize);

function equal(ctrl: V4l2Ctrl, a: CtrlPayload, b: CtrlPayload): boolean {
  if (ctrl.isInt) return a.val === b.val;
  if (ctrl.type === V4L2_CTRL_TYPE_STRING) return isSameText(ctrl, a, b);
  const length = ctrl.elems * ctrl.elemSize;
  for (let i = 0; i < length; i++) if (a.bytes[i] !== b.bytes[i]) return false;
  return true;
}

/** What lies behind the NUL of a text does not count. */
function isSameText(ctrl: V4l2Ctrl, a: CtrlPayload, b: CtrlPayload): boolean {
  for (let index = 0; index < ctrl.elems; index++) {
    const at = index * ctrl.elemSize;
    if (a.stringAt(at) !== b.stringAt(at)) return false;
  }
  return true;
}

function init(ctrl: V4l2Ctrl, index: number, payload: CtrlPayload): void {
  const at = index * ctrl.elemSize;
  if (ctrl.type === V4L2_CTRL_TYPE_STRING)
    payload.setStringAt(at, ' '.repeat(ctrl.minimum as number), ctrl.elemSize);
  else typeOf(ctrl).init(ctrl, payload.view, at);
}

function validate(ctrl: V4l2Ctrl, payload: CtrlPayload): void {
  if (ctrl.type === V4L2_CTRL_TYPE_STRING) {
    for (let index = 0; index < ctrl.newElems; index++)
      checkLength(ctrl, payload.stringAt(index * ctrl.elemSize).length);
    return;
  }
  const type = typeOf(ctrl);
  for (let index = 0; index < ctrl.newElems; index++)
    type.validate(ctrl, payload.view, index * ctrl.elemSize);
}

function checkLength({ name, minimum, maximum, step }: V4l2Ctrl, length: number): void {
  const least = minimum as number;
  if (length < least || (length - least) % (step as number) !== 0)
    throw new Errno(
      ERANGE,
      `${name} has ${least} to ${maximum} characters in steps of ${step}, not ${length}`,
    );
}

function log(ctrl: V4l2Ctrl): string {
  if (ctrl.type === V4L2_CTRL_TYPE_STRING) return ctrl.cur.string;
  const type = typeOf(ctrl);
  const first = type.text(ctrl, ctrl.cur.view, 0);
  return ctrl.isArray ? `${ctrl.dims.map((dim) => `[${dim}]`).join('')} ${first}, …` : first;
}

/** What holds for every type that the framework knows. For a driver's own: `{ ...v4l2CtrlTypeOps, validate }`. */
export const v4l2CtrlTypeOps: V4l2CtrlTypeOps = { equal, init, log, validate };

/** Bytes of an element; a string has its NUL on top of the greatest length. */
export function elementSize(type: number, max: number, given: number | undefined): number {
  if (type === V4L2_CTRL_TYPE_STRING) return max + 1;
  return elementType(type)?.size ?? given ?? 0;
}
