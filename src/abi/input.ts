/** Inputs and outputs, analog standards, audio. */

import { v4l2_fract } from './common.ts';
import { array, chars, struct, u32, u64, type ViewOf } from './layout.ts';

/** A set of `V4L2_STD_*` bits. The upper half of the 64 bits is not used by any standard. */
export const v4l2_std_id = u64;
export type v4l2_std_id = number;

export const v4l2_standard = struct('v4l2_standard', {
  index: u32,
  id: v4l2_std_id,
  name: chars(24),
  frameperiod: v4l2_fract,
  framelines: u32,
  reserved: array(u32, 4),
});
export type v4l2_standard = ViewOf<typeof v4l2_standard.fields>;

export const v4l2_input = struct('v4l2_input', {
  index: u32,
  name: chars(32),
  type: u32,
  audioset: u32,
  tuner: u32,
  std: v4l2_std_id,
  status: u32,
  capabilities: u32,
  reserved: array(u32, 3),
});
export type v4l2_input = ViewOf<typeof v4l2_input.fields>;

export const v4l2_output = struct('v4l2_output', {
  index: u32,
  name: chars(32),
  type: u32,
  audioset: u32,
  modulator: u32,
  std: v4l2_std_id,
  capabilities: u32,
  reserved: array(u32, 3),
});
export type v4l2_output = ViewOf<typeof v4l2_output.fields>;

export const v4l2_audio = struct('v4l2_audio', {
  index: u32,
  name: chars(32),
  capability: u32,
  mode: u32,
  reserved: array(u32, 2),
});
export type v4l2_audio = ViewOf<typeof v4l2_audio.fields>;

export const v4l2_audioout = struct('v4l2_audioout', {
  index: u32,
  name: chars(32),
  capability: u32,
  mode: u32,
  reserved: array(u32, 2),
});
export type v4l2_audioout = ViewOf<typeof v4l2_audioout.fields>;

/** Declared in linux/v4l2-common.h. `edid` points to `blocks` blocks of 128 bytes. */
export const v4l2_edid = struct('v4l2_edid', {
  pad: u32,
  start_block: u32,
  blocks: u32,
  reserved: array(u32, 5),
  edid: u64,
});
export type v4l2_edid = ViewOf<typeof v4l2_edid.fields>;
