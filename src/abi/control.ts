/** Controls: classes, types and flags, values one by one and in sets, descriptions. */
import { array, chars, over, packed, pointer, s32, s64, struct, u16, u32, type ViewOf } from './layout.ts';

export const V4L2_CTRL_MAX_DIMS = 4;

// Classes: the upper half of a control's id.
export const V4L2_CTRL_CLASS_USER = 0x00980000;
export const V4L2_CTRL_CLASS_CODEC = 0x00990000;
export const V4L2_CTRL_CLASS_CAMERA = 0x009a0000;
export const V4L2_CTRL_CLASS_FM_TX = 0x009b0000;
export const V4L2_CTRL_CLASS_FLASH = 0x009c0000;
export const V4L2_CTRL_CLASS_JPEG = 0x009d0000;
export const V4L2_CTRL_CLASS_IMAGE_SOURCE = 0x009e0000;
export const V4L2_CTRL_CLASS_IMAGE_PROC = 0x009f0000;
export const V4L2_CTRL_CLASS_DV = 0x00a00000;
export const V4L2_CTRL_CLASS_FM_RX = 0x00a10000;
export const V4L2_CTRL_CLASS_RF_TUNER = 0x00a20000;
export const V4L2_CTRL_CLASS_DETECT = 0x00a30000;
export const V4L2_CTRL_CLASS_CODEC_STATELESS = 0x00a40000;
export const V4L2_CTRL_CLASS_COLORIMETRY = 0x00a50000;
export const V4L2_CTRL_CLASS_MPEG = V4L2_CTRL_CLASS_CODEC;

// `which` of the extended control ioctls, beside a class.
export const V4L2_CTRL_WHICH_CUR_VAL = 0;
export const V4L2_CTRL_WHICH_DEF_VAL = 0x0f000000;
export const V4L2_CTRL_WHICH_REQUEST_VAL = 0x0f010000;
export const V4L2_CTRL_WHICH_MIN_VAL = 0x0f020000;
export const V4L2_CTRL_WHICH_MAX_VAL = 0x0f030000;

// Parts of an id.
export const V4L2_CTRL_ID_MASK = 0x0fffffff;
export const V4L2_CID_MAX_CTRLS = 1024;
export const V4L2_CID_PRIVATE_BASE = 0x08000000;

// `type`. From V4L2_CTRL_COMPOUND_TYPES on a value is a payload in memory of the program.
export const V4L2_CTRL_TYPE_INTEGER = 1;
export const V4L2_CTRL_TYPE_BOOLEAN = 2;
export const V4L2_CTRL_TYPE_MENU = 3;
export const V4L2_CTRL_TYPE_BUTTON = 4;
export const V4L2_CTRL_TYPE_INTEGER64 = 5;
export const V4L2_CTRL_TYPE_CTRL_CLASS = 6;
export const V4L2_CTRL_TYPE_STRING = 7;
export const V4L2_CTRL_TYPE_BITMASK = 8;
export const V4L2_CTRL_TYPE_INTEGER_MENU = 9;
export const V4L2_CTRL_COMPOUND_TYPES = 0x0100;
export const V4L2_CTRL_TYPE_U8 = 0x0100;
export const V4L2_CTRL_TYPE_U16 = 0x0101;
export const V4L2_CTRL_TYPE_U32 = 0x0102;
export const V4L2_CTRL_TYPE_AREA = 0x0106;
export const V4L2_CTRL_TYPE_RECT = 0x0107;
export const V4L2_CTRL_TYPE_HDR10_CLL_INFO = 0x0110;
export const V4L2_CTRL_TYPE_HDR10_MASTERING_DISPLAY = 0x0111;
export const V4L2_CTRL_TYPE_H264_SPS = 0x0200;
export const V4L2_CTRL_TYPE_H264_PPS = 0x0201;
export const V4L2_CTRL_TYPE_H264_SCALING_MATRIX = 0x0202;
export const V4L2_CTRL_TYPE_H264_SLICE_PARAMS = 0x0203;
export const V4L2_CTRL_TYPE_H264_DECODE_PARAMS = 0x0204;
export const V4L2_CTRL_TYPE_H264_PRED_WEIGHTS = 0x0205;
export const V4L2_CTRL_TYPE_FWHT_PARAMS = 0x0220;
export const V4L2_CTRL_TYPE_VP8_FRAME = 0x0240;
export const V4L2_CTRL_TYPE_MPEG2_QUANTISATION = 0x0250;
export const V4L2_CTRL_TYPE_MPEG2_SEQUENCE = 0x0251;
export const V4L2_CTRL_TYPE_MPEG2_PICTURE = 0x0252;
export const V4L2_CTRL_TYPE_VP9_COMPRESSED_HDR = 0x0260;
export const V4L2_CTRL_TYPE_VP9_FRAME = 0x0261;
export const V4L2_CTRL_TYPE_HEVC_SPS = 0x0270;
export const V4L2_CTRL_TYPE_HEVC_PPS = 0x0271;
export const V4L2_CTRL_TYPE_HEVC_SLICE_PARAMS = 0x0272;
export const V4L2_CTRL_TYPE_HEVC_SCALING_MATRIX = 0x0273;
export const V4L2_CTRL_TYPE_HEVC_DECODE_PARAMS = 0x0274;
export const V4L2_CTRL_TYPE_AV1_SEQUENCE = 0x280;
export const V4L2_CTRL_TYPE_AV1_TILE_GROUP_ENTRY = 0x281;
export const V4L2_CTRL_TYPE_AV1_FRAME = 0x282;
export const V4L2_CTRL_TYPE_AV1_FILM_GRAIN = 0x283;

// `flags`. The last two are or'ed to the id of a query and ask for the next control.
export const V4L2_CTRL_FLAG_DISABLED = 0x0001;
export const V4L2_CTRL_FLAG_GRABBED = 0x0002;
export const V4L2_CTRL_FLAG_READ_ONLY = 0x0004;
export const V4L2_CTRL_FLAG_UPDATE = 0x0008;
export const V4L2_CTRL_FLAG_INACTIVE = 0x0010;
export const V4L2_CTRL_FLAG_SLIDER = 0x0020;
export const V4L2_CTRL_FLAG_WRITE_ONLY = 0x0040;
export const V4L2_CTRL_FLAG_VOLATILE = 0x0080;
export const V4L2_CTRL_FLAG_HAS_PAYLOAD = 0x0100;
export const V4L2_CTRL_FLAG_EXECUTE_ON_WRITE = 0x0200;
export const V4L2_CTRL_FLAG_MODIFY_LAYOUT = 0x0400;
export const V4L2_CTRL_FLAG_DYNAMIC_ARRAY = 0x0800;
export const V4L2_CTRL_FLAG_HAS_WHICH_MIN_MAX = 0x1000;
export const V4L2_CTRL_FLAG_NEXT_CTRL = 0x80000000;
export const V4L2_CTRL_FLAG_NEXT_COMPOUND = 0x40000000;

export const v4l2_control = struct('v4l2_control', {
  id: u32,
  value: s32,
});
export type v4l2_control = ViewOf<typeof v4l2_control.fields>;

/** A pointer to the control's payload: all members of this kind lie over `value`. */
const payload = over('value', pointer);

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
  controls: pointer,
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

/** Payload of HDR10_CLL_INFO: candela per square metre. */
export const v4l2_ctrl_hdr10_cll_info = struct('v4l2_ctrl_hdr10_cll_info', {
  max_content_light_level: u16,
  max_pic_average_light_level: u16,
});
export type v4l2_ctrl_hdr10_cll_info = ViewOf<typeof v4l2_ctrl_hdr10_cll_info.fields>;

/** Payload of HDR10_MASTERING_DISPLAY: 0.00002 of a coordinate, 0.0001 candela per square metre. */
export const v4l2_ctrl_hdr10_mastering_display = struct('v4l2_ctrl_hdr10_mastering_display', {
  display_primaries_x: array(u16, 3),
  display_primaries_y: array(u16, 3),
  white_point_x: u16,
  white_point_y: u16,
  max_display_mastering_luminance: u32,
  min_display_mastering_luminance: u32,
});
export type v4l2_ctrl_hdr10_mastering_display = ViewOf<typeof v4l2_ctrl_hdr10_mastering_display.fields>;

const CLASS_MASK = 0x0fff0000;

/** The class of a control id. */
export function V4L2_CTRL_ID2CLASS(id: number): number {
  return id & CLASS_MASK;
}

/** The same, as a value of `v4l2_ext_controls.which`. */
export function V4L2_CTRL_ID2WHICH(id: number): number {
  return id & CLASS_MASK;
}

/** Ids from 0x1000 of each class on belong to single drivers, which may use the same one differently. */
export function V4L2_CTRL_DRIVER_PRIV(id: number): boolean {
  return (id & 0xffff) >= 0x1000;
}
