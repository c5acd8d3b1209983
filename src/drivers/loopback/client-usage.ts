/**
 * What producers are told of who reads, as by v4l2loopback: one that works on demand (a relay of a camera that is dear to run)
 * begins when the first reader streams, and ends with the last.
 */
import {
  struct,
  u32,
  V4L2_EVENT_PRIVATE_START,
  V4L2_EVENT_SUB_FL_SEND_INITIAL,
  v4l2_event,
} from '../../abi/index.ts';
import {
  ctrlEventOps,
  type V4l2IoctlOps,
  type V4l2SubscribedEventOps,
  type VideoDevice,
  v4l2EventQueue,
  v4l2EventQueueFh,
  v4l2EventSubscribe,
} from '../../v4l2-core/index.ts';
import type { Loopback } from './loopback.ts';

/** @kernel V4L2_EVENT_PRI_CLIENT_USAGE */
const V4L2_EVENT_PRI_CLIENT_USAGE = V4L2_EVENT_PRIVATE_START + 0x08e0_0000 + 1;

const v4l2_event_client_usage = struct('v4l2_event_client_usage', { count: u32 });

/** One for all: who queues an event copies it. */
const event = v4l2_event.make();
const usage = v4l2_event_client_usage.at(event.u.$bytes);

function usageOf(readers: number): v4l2_event {
  event.type = V4L2_EVENT_PRI_CLIENT_USAGE;
  usage.count = readers;
  return event;
}

/** So many readers stream now. */
export function tellClientUsage(vdev: VideoDevice<Loopback>, readers: number): void {
  if (vdev.isRegistered) v4l2EventQueue(vdev, usageOf(readers));
}

const usageOps: V4l2SubscribedEventOps = {
  add({ fh, flags }) {
    const { relay } = fh.vdev.drvdata as Loopback;
    if ((flags & V4L2_EVENT_SUB_FL_SEND_INITIAL) !== 0) v4l2EventQueueFh(fh, usageOf(relay.readers));
  },
};

/** Events of controls, and of who reads: to be spread into the ioctl ops. */
export const usageEventOps = {
  ...ctrlEventOps,
  vidioc_subscribe_event(file, fh, sub) {
    if (sub.type === V4L2_EVENT_PRI_CLIENT_USAGE) v4l2EventSubscribe(fh, sub, 1, usageOps);
    else ctrlEventOps.vidioc_subscribe_event(file, fh, sub);
  },
} satisfies V4l2IoctlOps;
