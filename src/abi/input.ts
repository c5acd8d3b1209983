/** Inputs, outputs and audio. */
import { array, chars, pointer, struct, u32, type ViewOf } from './layout.ts';
import { v4l2_std_id } from './standard.ts';

// `v4l2_input.type`.
export const V4L2_INPUT_TYPE_TUNER = 1;
export const V4L2_INPUT_TYPE_CAMERA = 2;
export const V4L2_INPUT_TYPE_TOUCH = 3;

// `v4l2_input.status`.
export const V4L2_IN_ST_NO_POWER = 0x00000001;
export const V4L2_IN_ST_NO_SIGNAL = 0x00000002;
export const V4L2_IN_ST_NO_COLOR = 0x00000004;
export const V4L2_IN_ST_HFLIP = 0x00000010;
export const V4L2_IN_ST_VFLIP = 0x00000020;
export const V4L2_IN_ST_NO_H_LOCK = 0x00000100;
export const V4L2_IN_ST_COLOR_KILL = 0x00000200;
export const V4L2_IN_ST_NO_V_LOCK = 0x00000400;
export const V4L2_IN_ST_NO_STD_LOCK = 0x00000800;
export const V4L2_IN_ST_NO_SYNC = 0x00010000;
export const V4L2_IN_ST_NO_EQU = 0x00020000;
export const V4L2_IN_ST_NO_CARRIER = 0x00040000;
export const V4L2_IN_ST_MACROVISION = 0x01000000;
export const V4L2_IN_ST_NO_ACCESS = 0x02000000;
export const V4L2_IN_ST_VTR = 0x04000000;

// `v4l2_input.capabilities`.
export const V4L2_IN_CAP_DV_TIMINGS = 0x00000002;
export const V4L2_IN_CAP_CUSTOM_TIMINGS = V4L2_IN_CAP_DV_TIMINGS;
export const V4L2_IN_CAP_STD = 0x00000004;
export const V4L2_IN_CAP_NATIVE_SIZE = 0x00000008;

// `v4l2_output.type`.
export const V4L2_OUTPUT_TYPE_MODULATOR = 1;
export const V4L2_OUTPUT_TYPE_ANALOG = 2;
export const V4L2_OUTPUT_TYPE_ANALOGVGAOVERLAY = 3;

// `v4l2_output.capabilities`.
export const V4L2_OUT_CAP_DV_TIMINGS = 0x00000002;
export const V4L2_OUT_CAP_CUSTOM_TIMINGS = V4L2_OUT_CAP_DV_TIMINGS;
export const V4L2_OUT_CAP_STD = 0x00000004;
export const V4L2_OUT_CAP_NATIVE_SIZE = 0x00000008;

// `v4l2_audio.capability` and `mode`.
export const V4L2_AUDCAP_STEREO = 0x00001;
export const V4L2_AUDCAP_AVL = 0x00002;
export const V4L2_AUDMODE_AVL = 0x00001;

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
  edid: pointer,
});
export type v4l2_edid = ViewOf<typeof v4l2_edid.fields>;
