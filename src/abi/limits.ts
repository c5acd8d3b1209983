/** Array lengths of the ABI that structs are declared with. */

export const VIDEO_MAX_FRAME = 32;
export const VIDEO_MAX_PLANES = 8;
export const V4L2_CTRL_MAX_DIMS = 4;
export const V4L2_ENC_IDX_ENTRIES = 64;
