/** Commands and index of stream encoders and decoders. */
import { array, over, s32, struct, u32, u64, type ViewOf } from './layout.ts';

export const V4L2_ENC_IDX_ENTRIES = 64;

// `v4l2_enc_idx_entry.flags`.
export const V4L2_ENC_IDX_FRAME_I = 0;
export const V4L2_ENC_IDX_FRAME_P = 1;
export const V4L2_ENC_IDX_FRAME_B = 2;
export const V4L2_ENC_IDX_FRAME_MASK = 0xf;

// `v4l2_encoder_cmd`.
export const V4L2_ENC_CMD_START = 0;
export const V4L2_ENC_CMD_STOP = 1;
export const V4L2_ENC_CMD_PAUSE = 2;
export const V4L2_ENC_CMD_RESUME = 3;
export const V4L2_ENC_CMD_STOP_AT_GOP_END = 1 << 0;

// `v4l2_decoder_cmd`.
export const V4L2_DEC_CMD_START = 0;
export const V4L2_DEC_CMD_STOP = 1;
export const V4L2_DEC_CMD_PAUSE = 2;
export const V4L2_DEC_CMD_RESUME = 3;
export const V4L2_DEC_CMD_FLUSH = 4;
export const V4L2_DEC_CMD_START_MUTE_AUDIO = 1 << 0;
export const V4L2_DEC_CMD_PAUSE_TO_BLACK = 1 << 0;
export const V4L2_DEC_CMD_STOP_TO_BLACK = 1 << 0;
export const V4L2_DEC_CMD_STOP_IMMEDIATELY = 1 << 1;
export const V4L2_DEC_START_FMT_NONE = 0;
export const V4L2_DEC_START_FMT_GOP = 1;

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
