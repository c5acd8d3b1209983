/** Events and their details. */

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
