/** Streaming parameters, cropping and selection, JPEG and stream commands of codecs. */

import { v4l2_fract, v4l2_rect } from './common.ts';
import { array, over, s32, struct, u8, u32, u64, union, type ViewOf } from './layout.ts';
import { V4L2_ENC_IDX_ENTRIES } from './limits.ts';

export const v4l2_jpegcompression = struct('v4l2_jpegcompression', {
  quality: s32,
  APPn: s32,
  APP_len: s32,
  APP_data: array(u8, 60),
  COM_len: s32,
  COM_data: array(u8, 60),
  jpeg_markers: u32,
});
export type v4l2_jpegcompression = ViewOf<typeof v4l2_jpegcompression.fields>;

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

export const v4l2_cropcap = struct('v4l2_cropcap', {
  type: u32,
  bounds: v4l2_rect,
  defrect: v4l2_rect,
  pixelaspect: v4l2_fract,
});
export type v4l2_cropcap = ViewOf<typeof v4l2_cropcap.fields>;

export const v4l2_crop = struct('v4l2_crop', {
  type: u32,
  c: v4l2_rect,
});
export type v4l2_crop = ViewOf<typeof v4l2_crop.fields>;

export const v4l2_selection = struct('v4l2_selection', {
  type: u32,
  target: u32,
  flags: u32,
  r: v4l2_rect,
  reserved: array(u32, 9),
});
export type v4l2_selection = ViewOf<typeof v4l2_selection.fields>;

export const v4l2_enc_idx_entry = struct('v4l2_enc_idx_entry', {
  offset: u64,
  pts: u64,
  length: u32,
  flags: u32,
  reserved: array(u32, 2),
});
export type v4l2_enc_idx_entry = ViewOf<typeof v4l2_enc_idx_entry.fields>;

export const v4l2_enc_idx = struct('v4l2_enc_idx', {
  entries: u32,
  entries_cap: u32,
  reserved: array(u32, 4),
  entry: array(v4l2_enc_idx_entry, V4L2_ENC_IDX_ENTRIES),
});
export type v4l2_enc_idx = ViewOf<typeof v4l2_enc_idx.fields>;

export const v4l2_encoder_cmd_raw = struct('v4l2_encoder_cmd.raw', {
  data: array(u32, 8),
});
export type v4l2_encoder_cmd_raw = ViewOf<typeof v4l2_encoder_cmd_raw.fields>;

export const v4l2_encoder_cmd = struct('v4l2_encoder_cmd', {
  cmd: u32,
  flags: u32,
  raw: v4l2_encoder_cmd_raw,
});
export type v4l2_encoder_cmd = ViewOf<typeof v4l2_encoder_cmd.fields>;

export const v4l2_decoder_cmd_stop = struct('v4l2_decoder_cmd.stop', {
  pts: u64,
});
export type v4l2_decoder_cmd_stop = ViewOf<typeof v4l2_decoder_cmd_stop.fields>;

export const v4l2_decoder_cmd_start = struct('v4l2_decoder_cmd.start', {
  speed: s32,
  format: u32,
});
export type v4l2_decoder_cmd_start = ViewOf<typeof v4l2_decoder_cmd_start.fields>;

export const v4l2_decoder_cmd_raw = struct('v4l2_decoder_cmd.raw', {
  data: array(u32, 16),
});
export type v4l2_decoder_cmd_raw = ViewOf<typeof v4l2_decoder_cmd_raw.fields>;

export const v4l2_decoder_cmd = struct('v4l2_decoder_cmd', {
  cmd: u32,
  flags: u32,
  stop: v4l2_decoder_cmd_stop,
  start: over('stop', v4l2_decoder_cmd_start),
  raw: over('stop', v4l2_decoder_cmd_raw),
});
export type v4l2_decoder_cmd = ViewOf<typeof v4l2_decoder_cmd.fields>;
