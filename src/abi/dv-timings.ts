/** Digital video timings. */
import { v4l2_fract } from './common.ts';
import { array, over, packed, struct, u8, u32, u64, type ViewOf } from './layout.ts';

// `v4l2_dv_timings.type`.
export const V4L2_DV_BT_656_1120 = 0;

// `v4l2_bt_timings.interlaced` and `polarities`.
export const V4L2_DV_PROGRESSIVE = 0;
export const V4L2_DV_INTERLACED = 1;
export const V4L2_DV_VSYNC_POS_POL = 0x00000001;
export const V4L2_DV_HSYNC_POS_POL = 0x00000002;

// `v4l2_bt_timings.standards`.
export const V4L2_DV_BT_STD_CEA861 = 1 << 0;
export const V4L2_DV_BT_STD_DMT = 1 << 1;
export const V4L2_DV_BT_STD_CVT = 1 << 2;
export const V4L2_DV_BT_STD_GTF = 1 << 3;
export const V4L2_DV_BT_STD_SDI = 1 << 4;

// `v4l2_bt_timings.flags`.
export const V4L2_DV_FL_REDUCED_BLANKING = 1 << 0;
export const V4L2_DV_FL_CAN_REDUCE_FPS = 1 << 1;
export const V4L2_DV_FL_REDUCED_FPS = 1 << 2;
export const V4L2_DV_FL_HALF_LINE = 1 << 3;
export const V4L2_DV_FL_IS_CE_VIDEO = 1 << 4;
export const V4L2_DV_FL_FIRST_FIELD_EXTRA_LINE = 1 << 5;
export const V4L2_DV_FL_HAS_PICTURE_ASPECT = 1 << 6;
export const V4L2_DV_FL_HAS_CEA861_VIC = 1 << 7;
export const V4L2_DV_FL_HAS_HDMI_VIC = 1 << 8;
export const V4L2_DV_FL_CAN_DETECT_REDUCED_FPS = 1 << 9;

// `v4l2_bt_timings_cap.capabilities`.
export const V4L2_DV_BT_CAP_INTERLACED = 1 << 0;
export const V4L2_DV_BT_CAP_PROGRESSIVE = 1 << 1;
export const V4L2_DV_BT_CAP_REDUCED_BLANKING = 1 << 2;
export const V4L2_DV_BT_CAP_CUSTOM = 1 << 3;

export const v4l2_bt_timings = packed('v4l2_bt_timings', {
  width: u32,
  height: u32,
  interlaced: u32,
  polarities: u32,
  pixelclock: u64,
  hfrontporch: u32,
  hsync: u32,
  hbackporch: u32,
  vfrontporch: u32,
  vsync: u32,
  vbackporch: u32,
  il_vfrontporch: u32,
  il_vsync: u32,
  il_vbackporch: u32,
  standards: u32,
  flags: u32,
  picture_aspect: v4l2_fract,
  cea861_vic: u8,
  hdmi_vic: u8,
  reserved: array(u8, 46),
});
export type v4l2_bt_timings = ViewOf<typeof v4l2_bt_timings.fields>;

export const v4l2_dv_timings = packed('v4l2_dv_timings', {
  type: u32,
  bt: v4l2_bt_timings,
  reserved: over('bt', array(u32, 32)),
});
export type v4l2_dv_timings = ViewOf<typeof v4l2_dv_timings.fields>;

export const v4l2_enum_dv_timings = struct('v4l2_enum_dv_timings', {
  index: u32,
  pad: u32,
  reserved: array(u32, 2),
  timings: v4l2_dv_timings,
});
export type v4l2_enum_dv_timings = ViewOf<typeof v4l2_enum_dv_timings.fields>;

export const v4l2_bt_timings_cap = packed('v4l2_bt_timings_cap', {
  min_width: u32,
  max_width: u32,
  min_height: u32,
  max_height: u32,
  min_pixelclock: u64,
  max_pixelclock: u64,
  standards: u32,
  capabilities: u32,
  reserved: array(u32, 16),
});
export type v4l2_bt_timings_cap = ViewOf<typeof v4l2_bt_timings_cap.fields>;

export const v4l2_dv_timings_cap = struct('v4l2_dv_timings_cap', {
  type: u32,
  pad: u32,
  reserved: array(u32, 2),
  bt: v4l2_bt_timings_cap,
  raw_data: over('bt', array(u32, 32)),
});
export type v4l2_dv_timings_cap = ViewOf<typeof v4l2_dv_timings_cap.fields>;
