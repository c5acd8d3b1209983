/** The structs that buffers are asked for, queued and exported with. */

import { timeval } from './common.ts';
import { v4l2_format } from './format.ts';
import { array, over, s32, struct, u8, u32, u64, union, type ViewOf } from './layout.ts';

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
  userptr: u64,
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
  userptr: u64,
  planes: u64,
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
