import type { ControlOps } from './ioctl/ops/index.ts';

/**
 * What answers the control ioctls in place of a driver's ops: made once for a device, or for each open file. With one,
 * all of these ioctls are there. The contract of each is that of the op of the same name.
 *
 * @kernel v4l2_ctrl_handler
 */
export type V4l2CtrlHandler = Required<
  Pick<
    ControlOps<unknown, unknown>,
    | 'vidioc_queryctrl'
    | 'vidioc_query_ext_ctrl'
    | 'vidioc_querymenu'
    | 'vidioc_g_ctrl'
    | 'vidioc_s_ctrl'
    | 'vidioc_g_ext_ctrls'
    | 'vidioc_s_ext_ctrls'
    | 'vidioc_try_ext_ctrls'
  >
>;
