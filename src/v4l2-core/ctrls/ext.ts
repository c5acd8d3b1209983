/** Values in lists: G_EXT_CTRLS, TRY_EXT_CTRLS, S_EXT_CTRLS. */
import {
  V4L2_CTRL_FLAG_GRABBED,
  V4L2_CTRL_FLAG_READ_ONLY,
  V4L2_CTRL_FLAG_VOLATILE,
  V4L2_CTRL_FLAG_WRITE_ONLY,
  V4L2_CTRL_ID2WHICH,
  V4L2_CTRL_TYPE_INTEGER64,
  V4L2_CTRL_WHICH_DEF_VAL,
  V4L2_CTRL_WHICH_MAX_VAL,
  V4L2_CTRL_WHICH_MIN_VAL,
  V4L2_CTRL_WHICH_REQUEST_VAL,
  type v4l2_ext_control,
  type v4l2_ext_controls,
} from '../../abi/index.ts';
import { EACCES, EBUSY, EINVAL, Errno } from '../../base/errno.ts';
import type { UserMemory } from '../../vfs/file.ts';
import type { V4l2Fh } from '../v4l2-fh.ts';
import {
  askVolatile,
  clearNew,
  isCurManual,
  refuseAutomatic,
  tryOrSetCluster,
  updateFromAutoCluster,
} from './apply.ts';
import type { V4l2Ctrl } from './ctrl.ts';
import { END, type PreparedList, prepare } from './ext-list.ts';
import type { V4l2CtrlHandler } from './handler.ts';
import { CtrlPayload } from './payload.ts';
import { defaultToUser, toUser, userToNew } from './user.ts';

/** One call: whose controls, the list as the program gave it, and its memory. */
export interface ExtCall {
  readonly hdl: V4l2CtrlHandler;
  readonly cs: v4l2_ext_controls;
  /** Empty if `cs.count` is 0. */
  readonly controls: readonly v4l2_ext_control[];
  readonly memory: UserMemory;
}

/** What asks without naming a control: is there the class? @kernel class_check */
function checkClass(hdl: V4l2CtrlHandler, which: number): void {
  if (which === 0 || which === V4L2_CTRL_WHICH_DEF_VAL) return;
  if (hdl.find(which | 1) === undefined)
    throw new Errno(EINVAL, `there is no class of controls 0x${which.toString(16)}`);
}

/** Devices without a media device have no requests. */
function refuseRequest(cs: v4l2_ext_controls): void {
  if (cs.which === V4L2_CTRL_WHICH_REQUEST_VAL) throw new Errno(EINVAL, 'there are no requests');
}

/** What goes wrong in `look` does so before anything was done: the program is told by an index past the end. */
function before(cs: v4l2_ext_controls, look: () => PreparedList): PreparedList {
  try {
    return look();
  } catch (error) {
    cs.error_idx = cs.count;
    throw error;
  }
}

/**
 * The values of all controls of the list. `cs.error_idx` is that of the last one looked at, or `cs.count` if the list itself
 * is wrong.
 *
 * @kernel v4l2_g_ext_ctrls
 */
export function v4l2GExtCtrls({ hdl, cs, controls, memory }: ExtCall): void {
  const { which } = cs;
  cs.error_idx = cs.count;
  refuseRequest(cs);
  cs.which = V4L2_CTRL_ID2WHICH(which);
  if (cs.count === 0) {
    checkClass(hdl, cs.which);
    return;
  }
  const list = before(cs, () => {
    const prepared = prepare(hdl, cs, controls, true);
    checkReadable(prepared, cs.count);
    return prepared;
  });
  for (let i = 0; i < cs.count; i++) {
    const master = list.masters[i];
    if (master === undefined) continue;
    cs.error_idx = i;
    const asksDriver = hasVolatileNow(master) && !isFixed(which);
    if (asksDriver) askVolatile(master);
    for (let at = i; at !== END; at = list.next[at] as number)
      give(which, asksDriver, controls[at] as v4l2_ext_control, list.ctrls[at] as V4l2Ctrl, memory);
  }
}

function checkReadable({ ctrls }: PreparedList, count: number): void {
  for (let i = 0; i < count; i++)
    if ((ctrls[i] as V4l2Ctrl).flags & V4L2_CTRL_FLAG_WRITE_ONLY)
      throw new Errno(EACCES, `${ctrls[i]?.name} cannot be read`);
}

const hasVolatileNow = (master: V4l2Ctrl): boolean =>
  (master.flags & V4L2_CTRL_FLAG_VOLATILE) !== 0 || (master.hasVolatiles && !isCurManual(master));

/** Values that the driver need not be asked for. */
const isFixed = (which: number): boolean =>
  which === V4L2_CTRL_WHICH_DEF_VAL || which === V4L2_CTRL_WHICH_MIN_VAL || which === V4L2_CTRL_WHICH_MAX_VAL;

function give(
  which: number,
  isVolatile: boolean,
  control: v4l2_ext_control,
  ctrl: V4l2Ctrl,
  memory: UserMemory,
): void {
  if (which === V4L2_CTRL_WHICH_DEF_VAL) defaultToUser(memory, control, ctrl);
  else if (which === V4L2_CTRL_WHICH_MIN_VAL) giveLimit(control, ctrl.pMin, memory);
  else if (which === V4L2_CTRL_WHICH_MAX_VAL) giveLimit(control, ctrl.pMax, memory);
  else toUser(memory, control, ctrl, isVolatile ? ctrl.pNew : ctrl.pCur);
}

function giveLimit(control: v4l2_ext_control, limit: Uint8Array | undefined, memory: UserMemory): void {
  if (limit !== undefined) memory.write(control.ptr, limit.subarray(0, control.size));
}

/** @kernel v4l2_try_ext_ctrls */
export function v4l2TryExtCtrls(call: ExtCall): void {
  tryOrSet(undefined, call, false);
}

/** @kernel v4l2_s_ext_ctrls */
export function v4l2SExtCtrls(fh: V4l2Fh | undefined, call: ExtCall): void {
  tryOrSet(fh, call, true);
}

/**
 * The whole list is looked at first, then it is done cluster by cluster: those before one that fails stay set.
 *
 * @kernel try_set_ext_ctrls_common
 */
function tryOrSet(fh: V4l2Fh | undefined, call: ExtCall, set: boolean): void {
  const { hdl, cs, controls, memory } = call;
  cs.error_idx = cs.count;
  refuseRequest(cs);
  if (cs.which === V4L2_CTRL_WHICH_DEF_VAL) throw new Errno(EINVAL, 'defaults cannot be set');
  cs.which = V4L2_CTRL_ID2WHICH(cs.which);
  if (cs.count === 0) {
    checkClass(hdl, cs.which);
    return;
  }
  const look = (): PreparedList => {
    const prepared = prepare(hdl, cs, controls, false);
    checkSettable(prepared, call, set);
    return prepared;
  };
  // Who only tries is told which control it was.
  const list = set ? before(cs, look) : look();
  for (let i = 0; i < cs.count; i++) {
    const master = list.masters[i];
    if (master === undefined) continue;
    cs.error_idx = i;
    clearNew(master);
    if (turnsManual(master, list, controls, i)) updateFromAutoCluster(master);
    takeNew(list, controls, i, memory);
    tryOrSetCluster(fh, master, set, 0);
    for (let at = i; at !== END; at = list.next[at] as number) {
      const ctrl = list.ctrls[at] as V4l2Ctrl;
      toUser(memory, controls[at] as v4l2_ext_control, ctrl, ctrl.pNew);
    }
  }
}

/** A number of the program's while it is looked at: where it is written back to says which half counts. */
const number = new CtrlPayload(8);

/** Numbers are clamped in the list itself; payloads are looked at when they are copied in. @kernel validate_ctrls */
function checkSettable({ ctrls }: PreparedList, { hdl, cs, controls }: ExtCall, set: boolean): void {
  for (let i = 0; i < cs.count; i++) {
    const ctrl = ctrls[i] as V4l2Ctrl;
    const control = controls[i] as v4l2_ext_control;
    cs.error_idx = i;
    if (ctrl.flags & V4L2_CTRL_FLAG_READ_ONLY) throw new Errno(EACCES, `${ctrl.name} cannot be set`);
    if (set && ctrl.flags & V4L2_CTRL_FLAG_GRABBED) throw new Errno(EBUSY, `${ctrl.name} cannot be set now`);
    if (set && hdl.refusesInactive) refuseAutomatic(ctrl, controls);
    if (ctrl.isPtr) continue;
    if (ctrl.type === V4L2_CTRL_TYPE_INTEGER64) {
      number.val64 = control.value64;
      ctrl.typeOps.validate(ctrl, number);
      control.value64 = number.val64;
    } else {
      number.val = control.value;
      ctrl.typeOps.validate(ctrl, number);
      control.value = number.val;
    }
  }
}

/** The list sets the master of an automatic cluster, whose values the driver has to be asked for, to manual. */
function turnsManual(
  master: V4l2Ctrl,
  list: PreparedList,
  controls: readonly v4l2_ext_control[],
  first: number,
): boolean {
  if (!master.isAuto || !master.hasVolatiles || isCurManual(master)) return false;
  let isManual = false;
  for (let at = first; at !== END; at = list.next[at] as number)
    if (list.ctrls[at] === master) isManual = controls[at]?.value === master.manualModeValue;
  return isManual;
}

function takeNew(
  list: PreparedList,
  controls: readonly v4l2_ext_control[],
  first: number,
  memory: UserMemory,
): void {
  for (let at = first; at !== END; at = list.next[at] as number) {
    const ctrl = list.ctrls[at] as V4l2Ctrl;
    userToNew(memory, controls[at] as v4l2_ext_control, ctrl);
    if (ctrl.isPtr) ctrl.typeOps.validate(ctrl, ctrl.pNew);
  }
}
