/** Events: who is told of what, from the driver that raises one to the program that dequeues it. */
import { V4L2_EVENT_ALL, V4L2_EVENT_SOURCE_CHANGE, type v4l2_event } from '../../abi/index.ts';
import { EINVAL, ENOENT, Errno } from '../../base/errno.ts';
import type { Caller, File, WOULD_BLOCK } from '../../vfs/file.ts';
import type { V4l2Fh } from '../v4l2-fh.ts';
import type { VideoDevice } from '../video-device.ts';
import { V4l2FhEvents } from './fh-events.ts';
import { type EventSubscription, V4l2SubscribedEvent, type V4l2SubscribedEventOps } from './subscription.ts';

function eventsOf(fh: V4l2Fh): V4l2FhEvents {
  if (fh.events !== undefined) return fh.events;
  // Somebody may wait for events alone from now on.
  fh.file.awaitsEvents = true;
  fh.file.pollWait.changed();
  fh.events = new V4l2FhEvents();
  return fh.events;
}

/**
 * From now on the open file is told of events of `sub.type` and `sub.id`, and there is room for `elems` (at least one) that
 * wait. If it is told already, everything stays as it is, its flags too. For the driver's `vidioc_subscribe_event`, which
 * has said which types and ids there are. EINVAL for V4L2_EVENT_ALL; what `ops.add` throws.
 *
 * @kernel v4l2_event_subscribe
 */
export function v4l2EventSubscribe(
  fh: V4l2Fh,
  sub: EventSubscription,
  elems = 1,
  ops?: V4l2SubscribedEventOps,
): void {
  if (sub.type === V4L2_EVENT_ALL) throw new Errno(EINVAL, 'events are subscribed one type at a time');
  const events = eventsOf(fh);
  if (events.find(sub.type, sub.id) !== undefined) return;
  const sev = new V4l2SubscribedEvent(fh, sub, Math.max(1, elems), ops);
  events.add(sev);
  try {
    ops?.add?.(sev, sev.elems);
  } catch (thrown) {
    events.remove(sev);
    throw thrown;
  }
}

/**
 * It is told no longer, and what waits of that kind is gone; V4L2_EVENT_ALL ends all. For `vidioc_unsubscribe_event`.
 *
 * @kernel v4l2_event_unsubscribe
 */
export function v4l2EventUnsubscribe(fh: V4l2Fh, sub: EventSubscription): void {
  const { events } = fh;
  if (events === undefined) return;
  if (sub.type === V4L2_EVENT_ALL) events.removeAll();
  else {
    const sev = events.find(sub.type, sub.id);
    if (sev !== undefined) events.remove(sev);
  }
  fh.file.pollWait.changed();
}

/**
 * Raises `event` (its type, id and payload) for one open file, if that is told of such. The struct is the driver's again
 * afterwards.
 *
 * @kernel v4l2_event_queue_fh
 */
export function v4l2EventQueueFh(fh: V4l2Fh, event: v4l2_event): void {
  const sev = fh.events?.find(event.type, event.id);
  if (sev === undefined) return;
  fh.events?.queue(sev, event, fh.vdev.now());
  fh.file.pollWait.wakeUp();
}

/** The same for every open file of a device. @kernel v4l2_event_queue */
export function v4l2EventQueue<D>(vdev: VideoDevice<D>, event: v4l2_event): void {
  for (const fh of vdev.fhs) v4l2EventQueueFh(fh as V4l2Fh, event);
}

/** VIDIOC_DQEVENT. Unlike DQBUF it says ENOENT to who will not wait. @kernel v4l2_event_dequeue */
export function v4lDqevent(
  file: File,
  fh: V4l2Fh,
  event: v4l2_event,
  caller: Caller,
): typeof WOULD_BLOCK | undefined {
  const events = eventsOf(fh);
  if (events.dequeue(event)) {
    file.pollWait.changed();
    return undefined;
  }
  // O_NONBLOCK counts when a call begins: who slept and was too late for an event sleeps on.
  if (file.nonblock() && !events.sleepers.has(caller)) throw new Errno(ENOENT, 'no event waits');
  events.sleepers.add(caller);
  return caller.sleep(events.wait, () => void events.sleepers.delete(caller));
}

/** The answer of the last VIDIOC_DQEVENT did not reach the program: true if the event waits again. */
export function v4lUndqevent({ events, file }: V4l2Fh): boolean {
  if (events?.undqevent() !== true) return false;
  events.wait.wakeUp();
  file.pollWait.wakeUp();
  return true;
}

/** Of several changes of a source that nobody has asked about, the program is told once, of all. */
const sourceChangeOps: V4l2SubscribedEventOps = {
  replace(old, newer) {
    old.u.src_change.changes |= newer.u.src_change.changes;
  },
  merge(older, newer) {
    newer.u.src_change.changes |= older.u.src_change.changes;
  },
};

/** `vidioc_subscribe_event` of a device with no other event than this. @kernel v4l2_src_change_event_subscribe */
export function v4l2SrcChangeEventSubscribe(fh: V4l2Fh, sub: EventSubscription): void {
  if (sub.type !== V4L2_EVENT_SOURCE_CHANGE)
    throw new Errno(EINVAL, `${fh.vdev.label} has no events of type ${sub.type}`);
  v4l2EventSubscribe(fh, sub, 1, sourceChangeOps);
}
