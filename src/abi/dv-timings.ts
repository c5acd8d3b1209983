/** Digital video timings. */

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
