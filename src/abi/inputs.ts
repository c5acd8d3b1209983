/** Inputs, outputs and audio. */

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
