/** How new values become the present ones: a cluster at a time, asked for, compared, set, told. */
import {
  V4L2_CTRL_FLAG_EXECUTE_ON_WRITE,
  V4L2_CTRL_FLAG_GRABBED,
  V4L2_CTRL_FLAG_INACTIVE,
  V4L2_CTRL_FLAG_VOLATILE,
  V4L2_EVENT_CTRL_CH_FLAGS,
  V4L2_EVENT_CTRL_CH_VALUE,
} from '../../abi/index.ts';
import { answerFor } from '../../base/bug.ts';
import { EACCES, EBUSY, Errno } from '../../base/errno.ts';
import type { V4l2Fh } from '../v4l2-fh.ts';
import type { V4l2CtrlOps } from './config.ts';
import type { V4l2Ctrl } from './ctrl.ts';
import { sendEvent } from './events.ts';

/**
 * Calls `op` of a cluster's master, if it has it. What it throws beside an `Errno` is a bug of the driver.
 *
 * @kernel call_op
 */
export function callOp(master: V4l2Ctrl, op: V4l2CtrlOps[keyof V4l2CtrlOps], name: keyof V4l2CtrlOps): void {
  if (op === undefined) return;
  try {
    op.call(master.ops as V4l2CtrlOps, master);
  } catch (thrown) {
    throw answerFor(thrown, `${name} of the control "${master.name}"`);
  }
}

/** The control that answers for the cluster. */
export function masterOf(ctrl: V4l2Ctrl): V4l2Ctrl {
  return ctrl.cluster[0] ?? ctrl;
}

/** @kernel cur_to_new */
export function curToNew(ctrl: V4l2Ctrl): void {
  if (ctrl.isInt) {
    ctrl.pNew.val = ctrl.pCur.val;
    return;
  }
  if (ctrl.isDynArray) ctrl.newElems = ctrl.elems;
  ctrl.pNew.copyFrom(ctrl.pCur);
}

/** @kernel is_cur_manual */
export function isCurManual(master: V4l2Ctrl): boolean {
  return master.isAuto && master.pCur.val === master.manualModeValue;
}

/** @kernel is_new_manual */
function isNewManual(master: V4l2Ctrl): boolean {
  return master.isAuto && master.pNew.val === master.manualModeValue;
}

/** The driver says what the volatile controls of a cluster are now: they are in `pNew` afterwards. */
export function askVolatile(master: V4l2Ctrl): void {
  for (const ctrl of master.cluster) if (ctrl !== undefined) curToNew(ctrl);
  callOp(master, master.ops?.gVolatileCtrl, 'gVolatileCtrl');
}

/**
 * An automatic cluster is about to become manual: what it has now are the first manual values, unless they are set too. A
 * driver that cannot say leaves the last manual ones.
 *
 * @kernel update_from_auto_cluster
 */
export function updateFromAutoCluster(master: V4l2Ctrl): void {
  const { cluster } = master;
  for (let i = 1; i < cluster.length; i++) if (cluster[i] !== undefined) curToNew(cluster[i] as V4l2Ctrl);
  try {
    callOp(master, master.ops?.gVolatileCtrl, 'gVolatileCtrl');
  } catch {
    return;
  }
  for (let i = 1; i < cluster.length; i++)
    if (cluster[i] !== undefined) (cluster[i] as V4l2Ctrl).isNew = true;
}

/** Says which controls of the cluster are others than before; true if the driver has to be told. @kernel cluster_changed */
function clusterChanged(master: V4l2Ctrl): boolean {
  let changed = false;
  for (const ctrl of master.cluster) {
    if (ctrl === undefined) continue;
    const executes = (ctrl.flags & V4L2_CTRL_FLAG_EXECUTE_ON_WRITE) !== 0;
    // What a volatile control was set to says nothing about what it is: nobody is told that it changed.
    ctrl.hasChanged =
      (ctrl.flags & V4L2_CTRL_FLAG_VOLATILE) === 0 &&
      (executes || ctrl.elems !== ctrl.newElems || !ctrl.typeOps.equal(ctrl, ctrl.pCur, ctrl.pNew));
    changed ||= executes || ctrl.hasChanged;
  }
  return changed;
}

/** A cluster has turned automatic or manual: the controls of which that is said. */
function updateAutoFlags(ctrl: V4l2Ctrl): void {
  const master = masterOf(ctrl);
  ctrl.flags &= ~(V4L2_CTRL_FLAG_INACTIVE | V4L2_CTRL_FLAG_VOLATILE);
  if (isCurManual(master)) return;
  ctrl.flags |= V4L2_CTRL_FLAG_INACTIVE;
  if (master.hasVolatiles) ctrl.flags |= V4L2_CTRL_FLAG_VOLATILE;
}

/** Takes the new value over and tells who listens; `fh` is who did it. @kernel new_to_cur */
function newToCur(fh: V4l2Fh | undefined, ctrl: V4l2Ctrl, changes: number): void {
  const { hasChanged } = ctrl;
  if (hasChanged) {
    if (ctrl.isDynArray) ctrl.elems = ctrl.newElems;
    if (ctrl.isInt) ctrl.pCur.val = ctrl.pNew.val;
    else ctrl.pCur.copyFrom(ctrl.pNew);
  }
  if (changes & V4L2_EVENT_CTRL_CH_FLAGS) updateAutoFlags(ctrl);
  if (!hasChanged && changes === 0) return;
  // Who has set one control does not know that another changed with it, nor that flags did.
  const knows = ctrl.isNew && (changes & V4L2_EVENT_CTRL_CH_FLAGS) === 0;
  sendEvent(knows ? fh : undefined, ctrl, changes | (hasChanged ? V4L2_EVENT_CTRL_CH_VALUE : 0));
}

/**
 * Asks the driver whether the new values of a cluster can be, and with `set` makes them the present ones. Those that are not
 * new are as they were.
 *
 * @kernel try_or_set_cluster
 */
export function tryOrSetCluster(
  fh: V4l2Fh | undefined,
  master: V4l2Ctrl,
  set: boolean,
  changes: number,
): void {
  const { cluster } = master;
  for (const ctrl of cluster) {
    if (ctrl === undefined) continue;
    if (!ctrl.isNew) curToNew(ctrl);
    else if (set && ctrl.flags & V4L2_CTRL_FLAG_GRABBED)
      throw new Errno(EBUSY, `${ctrl.name} cannot be set now`);
  }
  callOp(master, master.ops?.tryCtrl, 'tryCtrl');
  if (!set || !clusterChanged(master)) return;
  callOp(master, master.ops?.sCtrl, 'sCtrl');
  const turns = isCurManual(master) !== isNewManual(master);
  // What the volatile controls had, or were set to, is their value from now on.
  if (turns && master.hasVolatiles && isNewManual(master))
    for (let i = 1; i < cluster.length; i++)
      if (cluster[i] !== undefined) (cluster[i] as V4l2Ctrl).hasChanged = true;
  for (let i = 0; i < cluster.length; i++) {
    const ctrl = cluster[i];
    if (ctrl !== undefined) newToCur(fh, ctrl, changes | (turns && i > 0 ? V4L2_EVENT_CTRL_CH_FLAGS : 0));
  }
}

/**
 * Sets one control to what is in its `pNew`, for the program that has `fh`, or for the driver without.
 *
 * @kernel set_ctrl
 */
export function setCtrl(fh: V4l2Fh | undefined, ctrl: V4l2Ctrl, changes: number): void {
  const master = masterOf(ctrl);
  clearNew(master);
  ctrl.typeOps.validate(ctrl, ctrl.pNew);
  const turnsManual =
    master.isAuto &&
    master.hasVolatiles &&
    ctrl === master &&
    !isCurManual(master) &&
    ctrl.pNew.val === master.manualModeValue;
  if (turnsManual) updateFromAutoCluster(master);
  ctrl.isNew = true;
  tryOrSetCluster(fh, master, true, changes);
}

/**
 * For handlers that refuse what is inactive. The last value that the list has for the master counts, or else the present one.
 *
 * @kernel uvc_ctrl_is_accessible
 */
export function refuseAutomatic(
  ctrl: V4l2Ctrl,
  list: readonly { readonly id: number; readonly value: number }[],
): void {
  const master = masterOf(ctrl);
  if (!master.isAuto || ctrl === master) return;
  const asked = list.findLast(({ id }) => id === master.id);
  const isManual = asked === undefined ? isCurManual(master) : asked.value === master.manualModeValue;
  if (!isManual) throw new Errno(EACCES, `${ctrl.name} is set by the device itself, see ${master.name}`);
}

/** A call begins: nothing in the cluster is set yet. */
export function clearNew(master: V4l2Ctrl): void {
  for (const ctrl of master.cluster) if (ctrl !== undefined) ctrl.isNew = false;
}
