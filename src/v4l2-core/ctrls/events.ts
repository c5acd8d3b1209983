/** What programs are told of changes of controls (V4L2_EVENT_CTRL). */
import {
  V4L2_CTRL_FLAG_WRITE_ONLY,
  V4L2_CTRL_TYPE_CTRL_CLASS,
  V4L2_EVENT_CTRL,
  V4L2_EVENT_CTRL_CH_FLAGS,
  V4L2_EVENT_CTRL_CH_VALUE,
  V4L2_EVENT_SUB_FL_ALLOW_FEEDBACK,
  V4L2_EVENT_SUB_FL_SEND_INITIAL,
  v4l2_event,
  type v4l2_event_subscription,
} from '../../abi/index.ts';
import { EINVAL, Errno } from '../../base/errno.ts';
import {
  type V4l2SubscribedEvent,
  type V4l2SubscribedEventOps,
  v4l2EventQueueFh,
  v4l2EventSubscribe,
} from '../events/index.ts';
import type { V4l2Fh } from '../v4l2-fh.ts';
import type { CtrlNumber } from './config.ts';
import type { V4l2Ctrl } from './ctrl.ts';
import { ctrlHandlerOf } from './find.ts';

/** The event has 32 bits for limits, of which a program of an INTEGER64 sees the lower ones. */
const low32 = (limit: CtrlNumber): number =>
  typeof limit === 'number' ? limit | 0 : Number(BigInt.asIntN(32, limit));

/** One for all: who queues an event copies it. */
const event = v4l2_event.make();

/** @kernel fill_event */
function fillEvent(ctrl: V4l2Ctrl, changes: number): v4l2_event {
  event.type = V4L2_EVENT_CTRL;
  event.id = ctrl.id;
  const told = event.u.ctrl;
  told.changes = changes;
  told.type = ctrl.type;
  told.value64 = 0n;
  if (ctrl.isInt) told.value = ctrl.pCur.val;
  else if (!ctrl.isPtr) told.value64 = ctrl.pCur.val64;
  told.flags = ctrl.userFlags;
  told.minimum = low32(ctrl.minimum);
  told.maximum = low32(ctrl.maximum);
  told.step = ctrl.isMenu ? 1 : low32(ctrl.step);
  told.default_value = low32(ctrl.defaultValue);
  return event;
}

/**
 * Tells all who listen but `fh`, who did it and knows, unless it asked for feedback.
 *
 * @kernel send_event
 */
export function sendEvent(fh: V4l2Fh | undefined, ctrl: V4l2Ctrl, changes: number): void {
  if (ctrl.evSubs.size === 0) return;
  fillEvent(ctrl, changes);
  for (const sev of ctrl.evSubs)
    if (sev.fh !== fh || sev.flags & V4L2_EVENT_SUB_FL_ALLOW_FEEDBACK) v4l2EventQueueFh(sev.fh, event);
}

/** @kernel send_initial_event */
function sendInitial({ fh }: V4l2SubscribedEvent, ctrl: V4l2Ctrl): void {
  const readable = (ctrl.flags & V4L2_CTRL_FLAG_WRITE_ONLY) === 0;
  const changes = V4L2_EVENT_CTRL_CH_FLAGS | (readable ? V4L2_EVENT_CTRL_CH_VALUE : 0);
  v4l2EventQueueFh(fh, fillEvent(ctrl, changes));
}

/**
 * One event waits for each control: a newer one takes its place, and says what both have changed.
 *
 * @kernel v4l2_ctrl_replace
 */
export function v4l2CtrlReplace(old: v4l2_event, newer: v4l2_event): void {
  const { changes } = old.u.ctrl;
  old.u.ctrl.$bytes.set(newer.u.ctrl.$bytes);
  old.u.ctrl.changes |= changes;
}

/** @kernel v4l2_ctrl_merge */
export function v4l2CtrlMerge(older: v4l2_event, newer: v4l2_event): void {
  newer.u.ctrl.changes |= older.u.ctrl.changes;
}

/**
 * A subscription of changes of `ctrl`. It remembers which control that is: when it ends, the open file may have its handler
 * no more.
 *
 * @kernel v4l2_ctrl_sub_ev_ops v4l2_ctrl_add_event v4l2_ctrl_del_event
 */
function subscriptionOps(ctrl: V4l2Ctrl): V4l2SubscribedEventOps {
  return {
    add(sev) {
      ctrl.evSubs.add(sev);
      const isTold = (sev.flags & V4L2_EVENT_SUB_FL_SEND_INITIAL) !== 0;
      if (isTold && ctrl.type !== V4L2_CTRL_TYPE_CTRL_CLASS) sendInitial(sev, ctrl);
    },
    del: (sev) => void ctrl.evSubs.delete(sev),
    replace: v4l2CtrlReplace,
    merge: v4l2CtrlMerge,
  };
}

/**
 * Subscribes an open file to the changes of a control; EINVAL for other events, and for a control that is not there. For a
 * driver's `vidioc_subscribe_event`, after the events of its own.
 *
 * @kernel v4l2_ctrl_subscribe_event
 */
export function v4l2CtrlSubscribeEvent(fh: V4l2Fh, sub: v4l2_event_subscription): void {
  if (sub.type !== V4L2_EVENT_CTRL) throw new Errno(EINVAL, `there are no events of type ${sub.type}`);
  const ctrl = ctrlHandlerOf(fh)?.find(sub.id);
  if (ctrl === undefined) throw new Errno(EINVAL, `there is no control 0x${sub.id.toString(16)}`);
  v4l2EventSubscribe(fh, sub, 1, subscriptionOps(ctrl));
}
