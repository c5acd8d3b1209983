import type {
  v4l2_control,
  v4l2_event_subscription,
  v4l2_ext_control,
  v4l2_ext_controls,
  v4l2_query_ext_ctrl,
  v4l2_queryctrl,
  v4l2_querymenu,
} from '../../../abi/index.ts';
import type { ArrayIoctlOp, IoctlOp } from './op.ts';

/**
 * Controls: brightness and its like. A driver gives a handler (`ctrlHandler` of the device or of the open file), which is
 * asked instead of these; the ops are for who does it by hand.
 */
export interface ControlOps<D, F> {
  /**
   * Describes control `id` (name, type, range, default), or with V4L2_CTRL_FLAG_NEXT_CTRL the next one after it;
   * EINVAL if there is none.
   *
   * @kernel vidioc_queryctrl
   */
  vidioc_queryctrl?: IoctlOp<D, F, v4l2_queryctrl>;

  /**
   * The same with 64 bits, dimensions, and compound controls too (V4L2_CTRL_FLAG_NEXT_COMPOUND).
   *
   * @kernel vidioc_query_ext_ctrl
   */
  vidioc_query_ext_ctrl?: IoctlOp<D, F, v4l2_query_ext_ctrl>;

  /**
   * Names entry `index` of menu control `id`; EINVAL for one that is not there or that is left out.
   *
   * @kernel vidioc_querymenu
   */
  vidioc_querymenu?: IoctlOp<D, F, v4l2_querymenu>;

  /**
   * The value of control `id`; EINVAL if it is not there or has no 32-bit value, EACCES if it is write-only.
   *
   * @kernel vidioc_g_ctrl
   */
  vidioc_g_ctrl?: IoctlOp<D, F, v4l2_control>;

  /**
   * Sets a control and tells the value it has got: a number out of range is taken to its end. ERANGE for a menu
   * entry that is not there, EACCES if it is read-only, EBUSY if not now, EINVAL as `vidioc_g_ctrl`.
   *
   * @kernel vidioc_s_ctrl
   */
  vidioc_s_ctrl?: IoctlOp<D, F, v4l2_control>;

  /**
   * The values of all controls in the array, of one `which`. On failure `error_idx` says at which, or `count` if
   * none was looked at; it goes to the program all the same. ENOSPC, with `size` at what it takes, for a value with
   * too little room.
   *
   * @kernel vidioc_g_ext_ctrls
   */
  vidioc_g_ext_ctrls?: ArrayIoctlOp<D, F, v4l2_ext_controls, v4l2_ext_control>;

  /**
   * Sets all of them or none, as far as that can be known before; errors as `vidioc_s_ctrl` and
   * `vidioc_g_ext_ctrls`.
   *
   * @kernel vidioc_s_ext_ctrls
   */
  vidioc_s_ext_ctrls?: ArrayIoctlOp<D, F, v4l2_ext_controls, v4l2_ext_control>;

  /** Says whether they could be set and to what values, and sets none. @kernel vidioc_try_ext_ctrls */
  vidioc_try_ext_ctrls?: ArrayIoctlOp<D, F, v4l2_ext_controls, v4l2_ext_control>;

  /**
   * Events of `type` (for `id`) reach this open file from now on; nothing happens if they do already. EINVAL for what the
   * device does not tell; for the rest a driver calls `v4l2EventSubscribe`. With this op there is VIDIOC_DQEVENT too, which
   * the core answers.
   *
   * @kernel vidioc_subscribe_event
   */
  vidioc_subscribe_event?: IoctlOp<D, F, v4l2_event_subscription>;

  /** They no longer do, and those that wait are gone; V4L2_EVENT_ALL ends all. @kernel vidioc_unsubscribe_event */
  vidioc_unsubscribe_event?: IoctlOp<D, F, v4l2_event_subscription>;
}
