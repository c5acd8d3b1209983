/** One value of 32 bits: G_CTRL and S_CTRL. Nothing is allocated here. */
import {
  V4L2_CTRL_FLAG_READ_ONLY,
  V4L2_CTRL_FLAG_VOLATILE,
  V4L2_CTRL_FLAG_WRITE_ONLY,
  type v4l2_control,
} from '../../abi/index.ts';
import { EACCES, EINVAL, Errno } from '../../base/errno.ts';
import type { V4l2Fh } from '../v4l2-fh.ts';
import { askVolatile, masterOf, refuseAutomatic, setCtrl } from './apply.ts';
import type { V4l2Ctrl } from './ctrl.ts';
import type { V4l2CtrlHandler } from './handler.ts';

/** The control with a value of 32 bits; EINVAL if there is none. */
function plainCtrl(hdl: V4l2CtrlHandler, id: number): V4l2Ctrl {
  const ctrl = hdl.find(id);
  if (ctrl === undefined) throw new Errno(EINVAL, `there is no control 0x${id.toString(16)}`);
  if (!ctrl.isInt) throw new Errno(EINVAL, `${ctrl.name} has no value of 32 bits`);
  return ctrl;
}

/** The present value; of a volatile control the driver is asked. @kernel get_ctrl */
export function presentValue(ctrl: V4l2Ctrl): number {
  if ((ctrl.flags & V4L2_CTRL_FLAG_VOLATILE) === 0) return ctrl.pCur.val;
  askVolatile(masterOf(ctrl));
  return ctrl.pNew.val;
}

/** @kernel v4l2_g_ctrl */
export function v4l2GCtrl(hdl: V4l2CtrlHandler, control: v4l2_control): void {
  const ctrl = plainCtrl(hdl, control.id);
  if (ctrl.flags & V4L2_CTRL_FLAG_WRITE_ONLY) throw new Errno(EACCES, `${ctrl.name} cannot be read`);
  control.value = presentValue(ctrl);
}

/** Tells the value that the control has got. @kernel v4l2_s_ctrl */
export function v4l2SCtrl(fh: V4l2Fh | undefined, hdl: V4l2CtrlHandler, control: v4l2_control): void {
  const ctrl = plainCtrl(hdl, control.id);
  if (ctrl.flags & V4L2_CTRL_FLAG_READ_ONLY) throw new Errno(EACCES, `${ctrl.name} cannot be set`);
  if (hdl.refusesInactive) refuseAutomatic(ctrl, []);
  ctrl.pNew.val = control.value;
  setCtrl(fh, ctrl, 0);
  control.value = ctrl.pCur.val;
}
