/** Image formats, their enumeration, and `v4l2_format`, which holds one format of any buffer type. */
import { VIDEO_MAX_PLANES, v4l2_fract } from './common.ts';
import { array, chars, over, packed, struct, u8, u16, u32, union, type ViewOf } from './layout.ts';
import { v4l2_window } from './overlay.ts';
import { v4l2_sliced_vbi_format, v4l2_vbi_format } from './vbi.ts';

// `v4l2_fmtdesc.flags`.
export const V4L2_FMT_FLAG_COMPRESSED = 0x0001;
export const V4L2_FMT_FLAG_EMULATED = 0x0002;
export const V4L2_FMT_FLAG_CONTINUOUS_BYTESTREAM = 0x0004;
export const V4L2_FMT_FLAG_DYN_RESOLUTION = 0x0008;
export const V4L2_FMT_FLAG_ENC_CAP_FRAME_INTERVAL = 0x0010;
export const V4L2_FMT_FLAG_CSC_COLORSPACE = 0x0020;
export const V4L2_FMT_FLAG_CSC_XFER_FUNC = 0x0040;
export const V4L2_FMT_FLAG_CSC_YCBCR_ENC = 0x0080;
export const V4L2_FMT_FLAG_CSC_HSV_ENC = V4L2_FMT_FLAG_CSC_YCBCR_ENC;
export const V4L2_FMT_FLAG_CSC_QUANTIZATION = 0x0100;
export const V4L2_FMT_FLAG_META_LINE_BASED = 0x0200;

// Or'ed to `v4l2_fmtdesc.index`: asks for the formats of all media bus codes.
export const V4L2_FMTDESC_FLAG_ENUM_ALL = 0x80000000;

// `v4l2_pix_format.priv`, and the `flags` that it vouches for.
export const V4L2_PIX_FMT_PRIV_MAGIC = 0xfeedcafe;
export const V4L2_PIX_FMT_FLAG_PREMUL_ALPHA = 0x00000001;
export const V4L2_PIX_FMT_FLAG_SET_CSC = 0x00000002;

// `v4l2_frmsizeenum.type`.
export const V4L2_FRMSIZE_TYPE_DISCRETE = 1;
export const V4L2_FRMSIZE_TYPE_CONTINUOUS = 2;
export const V4L2_FRMSIZE_TYPE_STEPWISE = 3;

// `v4l2_frmivalenum.type`.
export const V4L2_FRMIVAL_TYPE_DISCRETE = 1;
export const V4L2_FRMIVAL_TYPE_CONTINUOUS = 2;
export const V4L2_FRMIVAL_TYPE_STEPWISE = 3;

export const v4l2_pix_format = struct('v4l2_pix_format', {
  width: u32,
  height: u32,
  pixelformat: u32,
  field: u32,
  bytesperline: u32,
  sizeimage: u32,
  colorspace: u32,
  priv: u32,
  flags: u32,
  ycbcr_enc: u32,
  hsv_enc: over('ycbcr_enc', u32),
  quantization: u32,
  xfer_func: u32,
});
export type v4l2_pix_format = ViewOf<typeof v4l2_pix_format.fields>;

export const v4l2_fmtdesc = struct('v4l2_fmtdesc', {
  index: u32,
  type: u32,
  flags: u32,
  description: chars(32),
  pixelformat: u32,
  mbus_code: u32,
  reserved: array(u32, 3),
});
export type v4l2_fmtdesc = ViewOf<typeof v4l2_fmtdesc.fields>;

export const v4l2_frmsize_discrete = struct('v4l2_frmsize_discrete', {
  width: u32,
  height: u32,
});
export type v4l2_frmsize_discrete = ViewOf<typeof v4l2_frmsize_discrete.fields>;

export const v4l2_frmsize_stepwise = struct('v4l2_frmsize_stepwise', {
  min_width: u32,
  max_width: u32,
  step_width: u32,
  min_height: u32,
  max_height: u32,
  step_height: u32,
});
export type v4l2_frmsize_stepwise = ViewOf<typeof v4l2_frmsize_stepwise.fields>;

export const v4l2_frmsizeenum = struct('v4l2_frmsizeenum', {
  index: u32,
  pixel_format: u32,
  type: u32,
  discrete: v4l2_frmsize_discrete,
  stepwise: over('discrete', v4l2_frmsize_stepwise),
  reserved: array(u32, 2),
});
export type v4l2_frmsizeenum = ViewOf<typeof v4l2_frmsizeenum.fields>;

export const v4l2_frmival_stepwise = struct('v4l2_frmival_stepwise', {
  min: v4l2_fract,
  max: v4l2_fract,
  step: v4l2_fract,
});
export type v4l2_frmival_stepwise = ViewOf<typeof v4l2_frmival_stepwise.fields>;

export const v4l2_frmivalenum = struct('v4l2_frmivalenum', {
  index: u32,
  pixel_format: u32,
  width: u32,
  height: u32,
  type: u32,
  discrete: v4l2_fract,
  stepwise: over('discrete', v4l2_frmival_stepwise),
  reserved: array(u32, 2),
});
export type v4l2_frmivalenum = ViewOf<typeof v4l2_frmivalenum.fields>;

export const v4l2_plane_pix_format = packed('v4l2_plane_pix_format', {
  sizeimage: u32,
  bytesperline: u32,
  reserved: array(u16, 6),
});
export type v4l2_plane_pix_format = ViewOf<typeof v4l2_plane_pix_format.fields>;

export const v4l2_pix_format_mplane = packed('v4l2_pix_format_mplane', {
  width: u32,
  height: u32,
  pixelformat: u32,
  field: u32,
  colorspace: u32,
  plane_fmt: array(v4l2_plane_pix_format, VIDEO_MAX_PLANES),
  num_planes: u8,
  flags: u8,
  ycbcr_enc: u8,
  hsv_enc: over('ycbcr_enc', u8),
  quantization: u8,
  xfer_func: u8,
  reserved: array(u8, 7),
});
export type v4l2_pix_format_mplane = ViewOf<typeof v4l2_pix_format_mplane.fields>;

export const v4l2_sdr_format = packed('v4l2_sdr_format', {
  pixelformat: u32,
  buffersize: u32,
  reserved: array(u8, 24),
});
export type v4l2_sdr_format = ViewOf<typeof v4l2_sdr_format.fields>;

/** With `width`, `height` and `bytesperline` of Linux 6.10, for line based metadata. */
export const v4l2_meta_format = packed('v4l2_meta_format', {
  dataformat: u32,
  buffersize: u32,
  width: u32,
  height: u32,
  bytesperline: u32,
});
export type v4l2_meta_format = ViewOf<typeof v4l2_meta_format.fields>;

export const v4l2_format_fmt = union('v4l2_format.fmt', {
  pix: v4l2_pix_format,
  pix_mp: v4l2_pix_format_mplane,
  win: v4l2_window,
  vbi: v4l2_vbi_format,
  sliced: v4l2_sliced_vbi_format,
  sdr: v4l2_sdr_format,
  meta: v4l2_meta_format,
  raw_data: array(u8, 200),
});
export type v4l2_format_fmt = ViewOf<typeof v4l2_format_fmt.fields>;

export const v4l2_format = struct('v4l2_format', {
  type: u32,
  fmt: v4l2_format_fmt,
});
export type v4l2_format = ViewOf<typeof v4l2_format.fields>;
