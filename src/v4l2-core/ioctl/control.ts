/** The ioctls of controls: the handler of the open file answers, or that of the device, or else the driver's op. */
import {
  V4L2_CTRL_ID2WHICH,
  V4L2_CTRL_WHICH_DEF_VAL,
  V4L2_CTRL_WHICH_REQUEST_VAL,
  type v4l2_control,
  type v4l2_ext_control,
  type v4l2_ext_controls,
  type v4l2_query_ext_ctrl,
  type v4l2_queryctrl,
  type v4l2_querymenu,
} from '../../abi/index.ts';
import { EINVAL, Errno } from '../../base/errno.ts';
import type { Caller, File } from '../../vfs/file.ts';
import {
  ctrlHandlerOf,
  v4l2GCtrl,
  v4l2GExtCtrls,
  v4l2Queryctrl,
  v4l2QueryExtCtrl,
  v4l2Querymenu,
  v4l2SCtrl,
  v4l2SExtCtrls,
  v4l2TryExtCtrls,
} from '../ctrls/index.ts';
import type { V4l2Fh } from '../v4l2-fh.ts';
import type { ControlOps } from './ops/index.ts';

type Controls = readonly v4l2_ext_control[];

const opsOf = (fh: V4l2Fh): ControlOps<unknown, unknown> => fh.vdev.ioctlOps;

export function v4lQueryctrl(file: File, fh: V4l2Fh, query: v4l2_queryctrl, caller: Caller): void {
  const hdl = ctrlHandlerOf(fh);
  if (hdl !== undefined) v4l2Queryctrl(hdl, query);
  else opsOf(fh).vidioc_queryctrl?.(file, fh, query, caller);
}

export function v4lQueryExtCtrl(file: File, fh: V4l2Fh, query: v4l2_query_ext_ctrl, caller: Caller): void {
  const hdl = ctrlHandlerOf(fh);
  if (hdl !== undefined) v4l2QueryExtCtrl(hdl, query);
  else opsOf(fh).vidioc_query_ext_ctrl?.(file, fh, query, caller);
}

export function v4lQuerymenu(file: File, fh: V4l2Fh, menu: v4l2_querymenu, caller: Caller): void {
  const hdl = ctrlHandlerOf(fh);
  if (hdl !== undefined) v4l2Querymenu(hdl, menu);
  else opsOf(fh).vidioc_querymenu?.(file, fh, menu, caller);
}

export function v4lGCtrl(file: File, fh: V4l2Fh, control: v4l2_control, caller: Caller): void {
  const hdl = ctrlHandlerOf(fh);
  if (hdl !== undefined) v4l2GCtrl(hdl, control);
  else opsOf(fh).vidioc_g_ctrl?.(file, fh, control, caller);
}

export function v4lSCtrl(file: File, fh: V4l2Fh, control: v4l2_control, caller: Caller): void {
  const hdl = ctrlHandlerOf(fh);
  if (hdl !== undefined) v4l2SCtrl(fh, hdl, control);
  else opsOf(fh).vidioc_s_ctrl?.(file, fh, control, caller);
}

const NONE: Controls = [];

export function v4lGExtCtrls(
  file: File,
  fh: V4l2Fh,
  cs: v4l2_ext_controls,
  caller: Caller,
  array?: Controls,
): void {
  const hdl = ctrlHandlerOf(fh);
  if (hdl !== undefined) {
    v4l2GExtCtrls({ hdl, cs, controls: array ?? NONE, memory: caller.memory });
    return;
  }
  checkExtCtrls(cs, array ?? NONE, 'get');
  opsOf(fh).vidioc_g_ext_ctrls?.(file, fh, cs, caller, array);
}

export function v4lSExtCtrls(
  file: File,
  fh: V4l2Fh,
  cs: v4l2_ext_controls,
  caller: Caller,
  array?: Controls,
): void {
  const hdl = ctrlHandlerOf(fh);
  if (hdl !== undefined) {
    v4l2SExtCtrls(fh, { hdl, cs, controls: array ?? NONE, memory: caller.memory });
    return;
  }
  checkExtCtrls(cs, array ?? NONE, 'set');
  opsOf(fh).vidioc_s_ext_ctrls?.(file, fh, cs, caller, array);
}

export function v4lTryExtCtrls(
  file: File,
  fh: V4l2Fh,
  cs: v4l2_ext_controls,
  caller: Caller,
  array?: Controls,
): void {
  const hdl = ctrlHandlerOf(fh);
  if (hdl !== undefined) {
    v4l2TryExtCtrls({ hdl, cs, controls: array ?? NONE, memory: caller.memory });
    return;
  }
  checkExtCtrls(cs, array ?? NONE, 'try');
  opsOf(fh).vidioc_try_ext_ctrls?.(file, fh, cs, caller, array);
}

/**
 * What the core checks for a driver that answers by ops: all controls are of the class, and only what is there can be
 * asked for.
 *
 * @kernel check_ext_ctrls
 */
function checkExtCtrls(cs: v4l2_ext_controls, controls: Controls, verb: 'get' | 'set' | 'try'): void {
  cs.error_idx = cs.count;
  cs.reserved.set(0, 0);
  for (const control of controls) control.reserved2.set(0, 0);
  if (cs.which === V4L2_CTRL_WHICH_REQUEST_VAL) throw new Errno(EINVAL, 'there are no requests');
  if (cs.which === V4L2_CTRL_WHICH_DEF_VAL) {
    if (verb !== 'get') throw new Errno(EINVAL, 'defaults cannot be set');
    return;
  }
  if (cs.which === 0) return;
  const other = controls.findIndex(({ id }) => V4L2_CTRL_ID2WHICH(id) !== cs.which);
  if (other < 0) return;
  if (verb === 'try') cs.error_idx = other;
  throw new Errno(EINVAL, `control ${other} is not of class 0x${cs.which.toString(16)}`);
}
