/** Buffers: their types, memory and flags, the order of fields in them, and the structs that they are asked for with. */
import { timeval } from './common.ts';
import { v4l2_format } from './format.ts';
import { array, over, pointer, s32, struct, u8, u32, union, type ViewOf } from './layout.ts';

// `type`.
export const V4L2_BUF_TYPE_VIDEO_CAPTURE = 1;
export const V4L2_BUF_TYPE_VIDEO_OUTPUT = 2;
export const V4L2_BUF_TYPE_VIDEO_OVERLAY = 3;
export const V4L2_BUF_TYPE_VBI_CAPTURE = 4;
export const V4L2_BUF_TYPE_VBI_OUTPUT = 5;
export const V4L2_BUF_TYPE_SLICED_VBI_CAPTURE = 6;
export const V4L2_BUF_TYPE_SLICED_VBI_OUTPUT = 7;
export const V4L2_BUF_TYPE_VIDEO_OUTPUT_OVERLAY = 8;
export const V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE = 9;
export const V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE = 10;
export const V4L2_BUF_TYPE_SDR_CAPTURE = 11;
export const V4L2_BUF_TYPE_SDR_OUTPUT = 12;
export const V4L2_BUF_TYPE_META_CAPTURE = 13;
export const V4L2_BUF_TYPE_META_OUTPUT = 14;
export const V4L2_BUF_TYPE_PRIVATE = 0x80;

// `memory`.
export const V4L2_MEMORY_MMAP = 1;
export const V4L2_MEMORY_USERPTR = 2;
export const V4L2_MEMORY_OVERLAY = 3;
export const V4L2_MEMORY_DMABUF = 4;

// `flags` of VIDIOC_REQBUFS and VIDIOC_CREATE_BUFS.
export const V4L2_MEMORY_FLAG_NON_COHERENT = 1 << 0;

// `capabilities` of VIDIOC_REQBUFS and VIDIOC_CREATE_BUFS.
export const V4L2_BUF_CAP_SUPPORTS_MMAP = 1 << 0;
export const V4L2_BUF_CAP_SUPPORTS_USERPTR = 1 << 1;
export const V4L2_BUF_CAP_SUPPORTS_DMABUF = 1 << 2;
export const V4L2_BUF_CAP_SUPPORTS_REQUESTS = 1 << 3;
export const V4L2_BUF_CAP_SUPPORTS_ORPHANED_BUFS = 1 << 4;
export const V4L2_BUF_CAP_SUPPORTS_M2M_HOLD_CAPTURE_BUF = 1 << 5;
export const V4L2_BUF_CAP_SUPPORTS_MMAP_CACHE_HINTS = 1 << 6;
export const V4L2_BUF_CAP_SUPPORTS_MAX_NUM_BUFFERS = 1 << 7;
export const V4L2_BUF_CAP_SUPPORTS_REMOVE_BUFS = 1 << 8;

// `v4l2_buffer.flags`.
export const V4L2_BUF_FLAG_MAPPED = 0x00000001;
export const V4L2_BUF_FLAG_QUEUED = 0x00000002;
export const V4L2_BUF_FLAG_DONE = 0x00000004;
export const V4L2_BUF_FLAG_KEYFRAME = 0x00000008;
export const V4L2_BUF_FLAG_PFRAME = 0x00000010;
export const V4L2_BUF_FLAG_BFRAME = 0x00000020;
export const V4L2_BUF_FLAG_ERROR = 0x00000040;
export const V4L2_BUF_FLAG_IN_REQUEST = 0x00000080;
export const V4L2_BUF_FLAG_TIMECODE = 0x00000100;
export const V4L2_BUF_FLAG_M2M_HOLD_CAPTURE_BUF = 0x00000200;
export const V4L2_BUF_FLAG_PREPARED = 0x00000400;
export const V4L2_BUF_FLAG_NO_CACHE_INVALIDATE = 0x00000800;
export const V4L2_BUF_FLAG_NO_CACHE_CLEAN = 0x00001000;
export const V4L2_BUF_FLAG_TIMESTAMP_MASK = 0x0000e000;
export const V4L2_BUF_FLAG_TIMESTAMP_UNKNOWN = 0x00000000;
export const V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC = 0x00002000;
export const V4L2_BUF_FLAG_TIMESTAMP_COPY = 0x00004000;
export const V4L2_BUF_FLAG_TSTAMP_SRC_MASK = 0x00070000;
export const V4L2_BUF_FLAG_TSTAMP_SRC_EOF = 0x00000000;
export const V4L2_BUF_FLAG_TSTAMP_SRC_SOE = 0x00010000;
export const V4L2_BUF_FLAG_LAST = 0x00100000;
export const V4L2_BUF_FLAG_REQUEST_FD = 0x00800000;

// `v4l2_buffer.field`.
export const V4L2_FIELD_ANY = 0;
export const V4L2_FIELD_NONE = 1;
export const V4L2_FIELD_TOP = 2;
export const V4L2_FIELD_BOTTOM = 3;
export const V4L2_FIELD_INTERLACED = 4;
export const V4L2_FIELD_SEQ_TB = 5;
export const V4L2_FIELD_SEQ_BT = 6;
export const V4L2_FIELD_ALTERNATE = 7;
export const V4L2_FIELD_INTERLACED_TB = 8;
export const V4L2_FIELD_INTERLACED_BT = 9;

// `v4l2_timecode`.
export const V4L2_TC_TYPE_24FPS = 1;
export const V4L2_TC_TYPE_25FPS = 2;
export const V4L2_TC_TYPE_30FPS = 3;
export const V4L2_TC_TYPE_50FPS = 4;
export const V4L2_TC_TYPE_60FPS = 5;
export const V4L2_TC_FLAG_DROPFRAME = 0x0001;
export const V4L2_TC_FLAG_COLORFRAME = 0x0002;
export const V4L2_TC_USERBITS_field = 0x000c;
export const V4L2_TC_USERBITS_USERDEFINED = 0x0000;
export const V4L2_TC_USERBITS_8BITCHARS = 0x0008;

export const v4l2_timecode = struct('v4l2_timecode', {
  type: u32,
  flags: u32,
  frames: u8,
  seconds: u8,
  minutes: u8,
  hours: u8,
  userbits: array(u8, 4),
});
export type v4l2_timecode = ViewOf<typeof v4l2_timecode.fields>;

export const v4l2_requestbuffers = struct('v4l2_requestbuffers', {
  count: u32,
  type: u32,
  memory: u32,
  capabilities: u32,
  flags: u8,
  reserved: array(u8, 3),
});
export type v4l2_requestbuffers = ViewOf<typeof v4l2_requestbuffers.fields>;

/** Where a plane's memory is: which member counts depends on the buffer's `memory`. */
export const v4l2_plane_m = union('v4l2_plane.m', {
  mem_offset: u32,
  userptr: pointer,
  fd: s32,
});
export type v4l2_plane_m = ViewOf<typeof v4l2_plane_m.fields>;

export const v4l2_plane = struct('v4l2_plane', {
  bytesused: u32,
  length: u32,
  m: v4l2_plane_m,
  data_offset: u32,
  reserved: array(u32, 11),
});
export type v4l2_plane = ViewOf<typeof v4l2_plane.fields>;

/** Where a buffer's memory is; for a multi-planar type, where the program keeps its array of planes. */
export const v4l2_buffer_m = union('v4l2_buffer.m', {
  offset: u32,
  userptr: pointer,
  planes: pointer,
  fd: s32,
});
export type v4l2_buffer_m = ViewOf<typeof v4l2_buffer_m.fields>;

export const v4l2_buffer = struct('v4l2_buffer', {
  index: u32,
  type: u32,
  bytesused: u32,
  flags: u32,
  field: u32,
  timestamp: timeval,
  timecode: v4l2_timecode,
  sequence: u32,
  memory: u32,
  m: v4l2_buffer_m,
  length: u32,
  reserved2: u32,
  request_fd: s32,
  reserved: over('request_fd', u32),
});
export type v4l2_buffer = ViewOf<typeof v4l2_buffer.fields>;

export const v4l2_exportbuffer = struct('v4l2_exportbuffer', {
  type: u32,
  index: u32,
  plane: u32,
  flags: u32,
  fd: s32,
  reserved: array(u32, 11),
});
export type v4l2_exportbuffer = ViewOf<typeof v4l2_exportbuffer.fields>;

/** With `max_num_buffers` of Linux 6.8, which was reserved before. */
export const v4l2_create_buffers = struct('v4l2_create_buffers', {
  index: u32,
  count: u32,
  memory: u32,
  format: v4l2_format,
  capabilities: u32,
  flags: u32,
  max_num_buffers: u32,
  reserved: array(u32, 5),
});
export type v4l2_create_buffers = ViewOf<typeof v4l2_create_buffers.fields>;

/** Linux 6.10. */
export const v4l2_remove_buffers = struct('v4l2_remove_buffers', {
  index: u32,
  count: u32,
  type: u32,
  reserved: array(u32, 13),
});
export type v4l2_remove_buffers = ViewOf<typeof v4l2_remove_buffers.fields>;

export function V4L2_TYPE_IS_VALID(type: number): boolean {
  return type >= V4L2_BUF_TYPE_VIDEO_CAPTURE && type <= V4L2_BUF_TYPE_META_OUTPUT;
}

export function V4L2_TYPE_IS_MULTIPLANAR(type: number): boolean {
  return type === V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE || type === V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE;
}

/** True for types whose data goes to the device. With VIDEO_OVERLAY, which headers after Linux 6.1 took off this list. */
export function V4L2_TYPE_IS_OUTPUT(type: number): boolean {
  switch (type) {
    case V4L2_BUF_TYPE_VIDEO_OUTPUT:
    case V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE:
    case V4L2_BUF_TYPE_VIDEO_OVERLAY:
    case V4L2_BUF_TYPE_VIDEO_OUTPUT_OVERLAY:
    case V4L2_BUF_TYPE_VBI_OUTPUT:
    case V4L2_BUF_TYPE_SLICED_VBI_OUTPUT:
    case V4L2_BUF_TYPE_SDR_OUTPUT:
    case V4L2_BUF_TYPE_META_OUTPUT:
      return true;
    default:
      return false;
  }
}

export function V4L2_TYPE_IS_CAPTURE(type: number): boolean {
  return V4L2_TYPE_IS_VALID(type) && !V4L2_TYPE_IS_OUTPUT(type);
}

/** Two fields that follow each other in one buffer. */
export function V4L2_FIELD_IS_SEQUENTIAL(field: number): boolean {
  return field === V4L2_FIELD_SEQ_TB || field === V4L2_FIELD_SEQ_BT;
}

/** Two fields whose lines alternate in one buffer. */
export function V4L2_FIELD_IS_INTERLACED(field: number): boolean {
  return (
    field === V4L2_FIELD_INTERLACED ||
    field === V4L2_FIELD_INTERLACED_TB ||
    field === V4L2_FIELD_INTERLACED_BT
  );
}

/** Both fields are in one buffer. */
export function V4L2_FIELD_HAS_BOTH(field: number): boolean {
  return V4L2_FIELD_IS_INTERLACED(field) || V4L2_FIELD_IS_SEQUENTIAL(field);
}

export function V4L2_FIELD_HAS_TOP(field: number): boolean {
  return field === V4L2_FIELD_TOP || V4L2_FIELD_HAS_BOTH(field);
}

export function V4L2_FIELD_HAS_BOTTOM(field: number): boolean {
  return field === V4L2_FIELD_BOTTOM || V4L2_FIELD_HAS_BOTH(field);
}

/** Each buffer holds a single field. */
export function V4L2_FIELD_HAS_T_OR_B(field: number): boolean {
  return field === V4L2_FIELD_TOP || field === V4L2_FIELD_BOTTOM || field === V4L2_FIELD_ALTERNATE;
}
