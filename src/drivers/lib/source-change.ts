/** What programs are told of a camera that receives something else (V4L2_EVENT_SOURCE_CHANGE). */
import { V4L2_EVENT_SOURCE_CHANGE, V4L2_EVENT_SRC_CH_RESOLUTION, v4l2_event } from '../../abi/index.ts';
import {
  ctrlEventOps,
  type V4l2IoctlOps,
  type VideoDevice,
  v4l2EventQueue,
  v4l2SrcChangeEventSubscribe,
} from '../../v4l2-core/index.ts';

/** Events of controls, and of what comes in: to be spread into the ioctl ops. */
export const receiverEventOps = {
  ...ctrlEventOps,
  vidioc_subscribe_event(file, fh, sub) {
    if (sub.type === V4L2_EVENT_SOURCE_CHANGE) v4l2SrcChangeEventSubscribe(fh, sub);
    else ctrlEventOps.vidioc_subscribe_event(file, fh, sub);
  },
} satisfies V4l2IoctlOps;

/** One for all: who queues an event copies it. */
const event = v4l2_event.make();

/** At each of its `inputs` something else comes in. */
export function tellSourceChange<D>(vdev: VideoDevice<D>, inputs: number): void {
  event.type = V4L2_EVENT_SOURCE_CHANGE;
  event.u.src_change.changes = V4L2_EVENT_SRC_CH_RESOLUTION;
  for (let input = 0; input < inputs; input++) {
    event.id = input;
    v4l2EventQueue(vdev, event);
  }
}
