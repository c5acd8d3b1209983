/** Streaming parameters: how many frames a second. */
import { v4l2_fract } from './common.ts';
import { array, struct, u8, u32, union, type ViewOf } from './layout.ts';

// `v4l2_captureparm.capability` and `capturemode`.
export const V4L2_CAP_TIMEPERFRAME = 0x1000;
export const V4L2_MODE_HIGHQUALITY = 0x0001;

export const v4l2_captureparm = struct('v4l2_captureparm', {
  capability: u32,
  capturemode: u32,
  timeperframe: v4l2_fract,
  extendedmode: u32,
  readbuffers: u32,
  reserved: array(u32, 4),
});
export type v4l2_captureparm = ViewOf<typeof v4l2_captureparm.fields>;

export const v4l2_outputparm = struct('v4l2_outputparm', {
  capability: u32,
  outputmode: u32,
  timeperframe: v4l2_fract,
  extendedmode: u32,
  writebuffers: u32,
  reserved: array(u32, 4),
});
export type v4l2_outputparm = ViewOf<typeof v4l2_outputparm.fields>;

export const v4l2_streamparm_parm = union('v4l2_streamparm.parm', {
  capture: v4l2_captureparm,
  output: v4l2_outputparm,
  raw_data: array(u8, 200),
});
export type v4l2_streamparm_parm = ViewOf<typeof v4l2_streamparm_parm.fields>;

export const v4l2_streamparm = struct('v4l2_streamparm', {
  type: u32,
  parm: v4l2_streamparm_parm,
});
export type v4l2_streamparm = ViewOf<typeof v4l2_streamparm.fields>;
