/** The events that the driver can be told to raise: one kind for each rule of queues that are full. */
import {
  EINVAL,
  EPERM,
  Errno,
  V4L2_EVENT_CTRL,
  V4L2_EVENT_EOS,
  V4L2_EVENT_FRAME_SYNC,
  V4L2_EVENT_PRIVATE_START,
  V4L2_EVENT_SOURCE_CHANGE,
  V4L2_EVENT_VSYNC,
  type V4l2Fh,
  type V4l2IoctlOps,
  type V4l2SubscribedEventOps,
  type v4l2_event_subscription,
  v4l2CtrlSubscribeEvent,
  v4l2EventSubscribe,
  v4l2EventUnsubscribe,
  v4l2SrcChangeEventSubscribe,
} from 'usercam';

/** Byte 1 counts. */
const replacing: V4l2SubscribedEventOps = {
  replace(old, newer) {
    old.u.data.set(0, newer.u.data.get(0));
    old.u.data.set(1, old.u.data.get(1) + 1);
  },
};

/** Byte 2 counts. */
const merging: V4l2SubscribedEventOps = {
  merge(older, newer) {
    newer.u.data.set(2, older.u.data.get(2) + 1);
  },
};

const refusing: V4l2SubscribedEventOps = {
  add() {
    throw new Errno(EPERM, 'as it was told');
  },
};

type Subscribe = (fh: V4l2Fh, sub: v4l2_event_subscription) => void;

const kinds: Readonly<Record<number, Subscribe>> = {
  [V4L2_EVENT_VSYNC]: (fh, sub) => v4l2EventSubscribe(fh, sub, 0),
  [V4L2_EVENT_EOS]: (fh, sub) => v4l2EventSubscribe(fh, sub, 2),
  [V4L2_EVENT_CTRL]: v4l2CtrlSubscribeEvent,
  [V4L2_EVENT_FRAME_SYNC]: (fh, sub) => v4l2EventSubscribe(fh, sub, 4),
  [V4L2_EVENT_SOURCE_CHANGE]: v4l2SrcChangeEventSubscribe,
  [V4L2_EVENT_PRIVATE_START]: (fh, sub) => v4l2EventSubscribe(fh, sub, 1, replacing),
  [V4L2_EVENT_PRIVATE_START + 1]: (fh, sub) => v4l2EventSubscribe(fh, sub, 3, merging),
  [V4L2_EVENT_PRIVATE_START + 2]: (fh, sub) => v4l2EventSubscribe(fh, sub, 1, refusing),
};

export const eventOps = {
  vidioc_subscribe_event(_file, fh, sub) {
    const subscribe = kinds[sub.type];
    if (subscribe === undefined) throw new Errno(EINVAL, `there are no events of type ${sub.type}`);
    subscribe(fh, sub);
  },
  vidioc_unsubscribe_event: (_file, fh, sub) => v4l2EventUnsubscribe(fh, sub),
} satisfies V4l2IoctlOps;
