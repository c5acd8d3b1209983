/** Events: a message of 64 bytes per type, and the subscription to it. */
import { timespec } from './common.ts';
import { array, over, packed, s32, s64, struct, u8, u32, union, type ViewOf } from './layout.ts';

// `type`.
export const V4L2_EVENT_ALL = 0;
export const V4L2_EVENT_VSYNC = 1;
export const V4L2_EVENT_EOS = 2;
export const V4L2_EVENT_CTRL = 3;
export const V4L2_EVENT_FRAME_SYNC = 4;
export const V4L2_EVENT_SOURCE_CHANGE = 5;
export const V4L2_EVENT_MOTION_DET = 6;
export const V4L2_EVENT_PRIVATE_START = 0x08000000;

// `v4l2_event_subscription.flags`.
export const V4L2_EVENT_SUB_FL_SEND_INITIAL = 1 << 0;
export const V4L2_EVENT_SUB_FL_ALLOW_FEEDBACK = 1 << 1;

// `v4l2_event_ctrl.changes`.
export const V4L2_EVENT_CTRL_CH_VALUE = 1 << 0;
export const V4L2_EVENT_CTRL_CH_FLAGS = 1 << 1;
export const V4L2_EVENT_CTRL_CH_RANGE = 1 << 2;
export const V4L2_EVENT_CTRL_CH_DIMENSIONS = 1 << 3;

// `v4l2_event_src_change.changes`.
export const V4L2_EVENT_SRC_CH_RESOLUTION = 1 << 0;

// `v4l2_event_motion_det.flags`.
export const V4L2_EVENT_MD_FL_HAVE_FRAME_SEQ = 1 << 0;

export const v4l2_event_vsync = packed('v4l2_event_vsync', {
  field: u8,
});
export type v4l2_event_vsync = ViewOf<typeof v4l2_event_vsync.fields>;

export const v4l2_event_ctrl = struct('v4l2_event_ctrl', {
  changes: u32,
  type: u32,
  value: s32,
  value64: over('value', s64),
  flags: u32,
  minimum: s32,
  maximum: s32,
  step: s32,
  default_value: s32,
});
export type v4l2_event_ctrl = ViewOf<typeof v4l2_event_ctrl.fields>;

export const v4l2_event_frame_sync = struct('v4l2_event_frame_sync', {
  frame_sequence: u32,
});
export type v4l2_event_frame_sync = ViewOf<typeof v4l2_event_frame_sync.fields>;

export const v4l2_event_src_change = struct('v4l2_event_src_change', {
  changes: u32,
});
export type v4l2_event_src_change = ViewOf<typeof v4l2_event_src_change.fields>;

export const v4l2_event_motion_det = struct('v4l2_event_motion_det', {
  flags: u32,
  frame_sequence: u32,
  region_mask: u32,
});
export type v4l2_event_motion_det = ViewOf<typeof v4l2_event_motion_det.fields>;

/** Which member counts depends on the event's `type`. */
export const v4l2_event_u = union('v4l2_event.u', {
  vsync: v4l2_event_vsync,
  ctrl: v4l2_event_ctrl,
  frame_sync: v4l2_event_frame_sync,
  src_change: v4l2_event_src_change,
  motion_det: v4l2_event_motion_det,
  data: array(u8, 64),
});
export type v4l2_event_u = ViewOf<typeof v4l2_event_u.fields>;

export const v4l2_event = struct('v4l2_event', {
  type: u32,
  u: v4l2_event_u,
  pending: u32,
  sequence: u32,
  timestamp: timespec,
  id: u32,
  reserved: array(u32, 8),
});
export type v4l2_event = ViewOf<typeof v4l2_event.fields>;

export const v4l2_event_subscription = struct('v4l2_event_subscription', {
  type: u32,
  id: u32,
  flags: u32,
  reserved: array(u32, 5),
});
export type v4l2_event_subscription = ViewOf<typeof v4l2_event_subscription.fields>;
