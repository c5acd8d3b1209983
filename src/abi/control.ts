/** Controls: their values, one by one and in sets, and their descriptions. */
import { array, chars, over, packed, s32, s64, struct, u32, u64, type ViewOf } from './layout.ts';
import { V4L2_CTRL_MAX_DIMS } from './limits.ts';

export const v4l2_control = struct('v4l2_control', {
  id: u32,
  value: s32,
});
export type v4l2_control = ViewOf<typeof v4l2_control.fields>;

/** A pointer to the control's payload: all members of this kind lie over `value`. */
const payload = over('value', u64);

export const v4l2_ext_control = packed('v4l2_ext_control', {
  id: u32,
  size: u32,
  reserved2: array(u32, 1),
  value: s32,
  value64: over('value', s64),
  string: payload,
  p_u8: payload,
  p_u16: payload,
  p_u32: payload,
  p_s32: payload,
  p_s64: payload,
  p_area: payload,
  p_rect: payload,
  p_h264_sps: payload,
  p_h264_pps: payload,
  p_h264_scaling_matrix: payload,
  p_h264_pred_weights: payload,
  p_h264_slice_params: payload,
  p_h264_decode_params: payload,
  p_fwht_params: payload,
  p_vp8_frame: payload,
  p_mpeg2_sequence: payload,
  p_mpeg2_picture: payload,
  p_mpeg2_quantisation: payload,
  p_vp9_compressed_hdr_probs: payload,
  p_vp9_frame: payload,
  p_hevc_sps: payload,
  p_hevc_pps: payload,
  p_hevc_slice_params: payload,
  p_hevc_scaling_matrix: payload,
  p_hevc_decode_params: payload,
  p_av1_sequence: payload,
  p_av1_tile_group_entry: payload,
  p_av1_frame: payload,
  p_av1_film_grain: payload,
  p_hdr10_cll_info: payload,
  p_hdr10_mastering_display: payload,
  ptr: payload,
});
export type v4l2_ext_control = ViewOf<typeof v4l2_ext_control.fields>;

/** `controls` points to the program's array of `count` controls. */
export const v4l2_ext_controls = struct('v4l2_ext_controls', {
  ctrl_class: u32,
  which: over('ctrl_class', u32),
  count: u32,
  error_idx: u32,
  request_fd: s32,
  reserved: array(u32, 1),
  controls: u64,
});
export type v4l2_ext_controls = ViewOf<typeof v4l2_ext_controls.fields>;

export const v4l2_queryctrl = struct('v4l2_queryctrl', {
  id: u32,
  type: u32,
  name: chars(32),
  minimum: s32,
  maximum: s32,
  step: s32,
  default_value: s32,
  flags: u32,
  reserved: array(u32, 2),
});
export type v4l2_queryctrl = ViewOf<typeof v4l2_queryctrl.fields>;

/** `step` is unsigned in C, but never beyond the signed range: all four limits are bigints alike. */
export const v4l2_query_ext_ctrl = struct('v4l2_query_ext_ctrl', {
  id: u32,
  type: u32,
  name: chars(32),
  minimum: s64,
  maximum: s64,
  step: s64,
  default_value: s64,
  flags: u32,
  elem_size: u32,
  elems: u32,
  nr_of_dims: u32,
  dims: array(u32, V4L2_CTRL_MAX_DIMS),
  reserved: array(u32, 32),
});
export type v4l2_query_ext_ctrl = ViewOf<typeof v4l2_query_ext_ctrl.fields>;

export const v4l2_querymenu = packed('v4l2_querymenu', {
  id: u32,
  index: u32,
  name: chars(32),
  value: over('name', s64),
  reserved: u32,
});
export type v4l2_querymenu = ViewOf<typeof v4l2_querymenu.fields>;
