/** A list of controls as it is worked on: which control each entry means, and which entries belong to one cluster. */
import {
  V4L2_CID_MAX_CTRLS,
  V4L2_CID_PRIVATE_BASE,
  V4L2_CTRL_FLAG_DISABLED,
  V4L2_CTRL_FLAG_HAS_WHICH_MIN_MAX,
  V4L2_CTRL_ID_MASK,
  V4L2_CTRL_ID2WHICH,
  V4L2_CTRL_WHICH_DEF_VAL,
  V4L2_CTRL_WHICH_MAX_VAL,
  V4L2_CTRL_WHICH_MIN_VAL,
  type v4l2_ext_control,
  type v4l2_ext_controls,
} from '../../abi/index.ts';
import { EFAULT, EINVAL, ENOSPC, Errno } from '../../base/errno.ts';
import { masterOf } from './apply.ts';
import type { V4l2Ctrl } from './ctrl.ts';
import type { V4l2CtrlHandler } from './handler.ts';

/** No further entry of the same cluster. */
export const END = -1;

export interface PreparedList {
  readonly ctrls: readonly (V4l2Ctrl | undefined)[];
  /** The master, at the first entry of each cluster; nothing at those that follow. */
  readonly masters: readonly (V4l2Ctrl | undefined)[];
  /** The next entry of the same cluster, or {@link END}. */
  readonly next: Int32Array;
}

// One list is worked on at a time: each call runs to its end, and ops of drivers make no calls of programs.
const ctrls: (V4l2Ctrl | undefined)[] = new Array(V4L2_CID_MAX_CTRLS).fill(undefined);
const masters: (V4l2Ctrl | undefined)[] = new Array(V4L2_CID_MAX_CTRLS).fill(undefined);
const next = new Int32Array(V4L2_CID_MAX_CTRLS);
const list: PreparedList = { ctrls, masters, next };

/**
 * Finds the controls and checks the room for their payloads; `cs.error_idx` is the entry that is looked at. The answer holds
 * until the next call.
 *
 * @kernel prepare_ext_ctrls
 */
export function prepare(
  hdl: V4l2CtrlHandler,
  cs: v4l2_ext_controls,
  controls: readonly v4l2_ext_control[],
  isGet: boolean,
): PreparedList {
  let hasClusters = false;
  for (let i = 0; i < cs.count; i++) {
    const control = controls[i] as v4l2_ext_control;
    cs.error_idx = i;
    const ctrl = listed(hdl, cs.which, control.id & V4L2_CTRL_ID_MASK, isGet);
    checkRoom(ctrl, control, isGet);
    ctrls[i] = ctrl;
    masters[i] = masterOf(ctrl);
    next[i] = END;
    hasClusters ||= masterOf(ctrl).cluster.length > 1;
  }
  // As in the kernel a control that is there twice is set twice, unless the list has a cluster.
  if (hasClusters) chain(cs.count);
  return list;
}

function listed(hdl: V4l2CtrlHandler, which: number, id: number, isGet: boolean): V4l2Ctrl {
  // Linux 6.12 knows no limits by `which`, and refuses them as classes that are not there; later ones tell those of controls
  // that have the flag. Ours that have it do.
  const isLimit = isGet && (which === V4L2_CTRL_WHICH_MIN_VAL || which === V4L2_CTRL_WHICH_MAX_VAL);
  const isAnyClass = which === 0 || which === V4L2_CTRL_WHICH_DEF_VAL || isLimit;
  if (!isAnyClass && V4L2_CTRL_ID2WHICH(id) !== which)
    throw new Errno(EINVAL, `control 0x${id.toString(16)} is not of class 0x${which.toString(16)}`);
  const ctrl = id < V4L2_CID_PRIVATE_BASE ? hdl.find(id) : undefined;
  if (ctrl === undefined) throw new Errno(EINVAL, `there is no control 0x${id.toString(16)}`);
  if (ctrl.flags & V4L2_CTRL_FLAG_DISABLED) throw new Errno(EINVAL, `${ctrl.name} is disabled`);
  if (isLimit && !(ctrl.flags & V4L2_CTRL_FLAG_HAS_WHICH_MIN_MAX))
    throw new Errno(EINVAL, `${ctrl.name} tells no limits`);
  return ctrl;
}

/** Payloads other than texts: `size` becomes what is moved. */
function checkRoom(ctrl: V4l2Ctrl, control: v4l2_ext_control, isGet: boolean): void {
  if (!ctrl.isPtr || ctrl.isString) return;
  const total = ctrl.elems * ctrl.elemSize;
  if (ctrl.isDynArray) {
    control.size -= control.size % ctrl.elemSize;
    if (!isGet) {
      checkDynamic(ctrl, control);
      return;
    }
  }
  if (control.size < total) {
    if (!isGet) throw new Errno(EFAULT, `${ctrl.name} takes ${total} bytes, not ${control.size}`);
    control.size = total;
    throw new Errno(ENOSPC, `${ctrl.name} has ${total} bytes`);
  }
  control.size = total;
}

function checkDynamic(ctrl: V4l2Ctrl, control: v4l2_ext_control): void {
  const most = (ctrl.dims[0] ?? 0) * ctrl.elemSize;
  if (control.size > most) {
    control.size = most;
    throw new Errno(ENOSPC, `${ctrl.name} has at most ${ctrl.dims[0]} elements`);
  }
  if (control.size === 0) throw new Errno(EFAULT, `${ctrl.name} has at least one element`);
}

/** Ties the entries of each cluster together, in the order of the list. */
function chain(count: number): void {
  for (let i = 0; i < count; i++) (masters[i] as V4l2Ctrl).lastInList = END;
  for (let i = 0; i < count; i++) {
    const master = masters[i] as V4l2Ctrl;
    if (master.lastInList !== END) {
      next[master.lastInList] = i;
      masters[i] = undefined;
    }
    master.lastInList = i;
  }
}
