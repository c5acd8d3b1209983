/** Selection rectangles. */

// `target`.
export const V4L2_SEL_TGT_CROP = 0x0000;
export const V4L2_SEL_TGT_CROP_DEFAULT = 0x0001;
export const V4L2_SEL_TGT_CROP_BOUNDS = 0x0002;
export const V4L2_SEL_TGT_NATIVE_SIZE = 0x0003;
export const V4L2_SEL_TGT_COMPOSE = 0x0100;
export const V4L2_SEL_TGT_COMPOSE_DEFAULT = 0x0101;
export const V4L2_SEL_TGT_COMPOSE_BOUNDS = 0x0102;
export const V4L2_SEL_TGT_COMPOSE_PADDED = 0x0103;
export const V4L2_SEL_TGT_CROP_ACTIVE = V4L2_SEL_TGT_CROP;
export const V4L2_SEL_TGT_COMPOSE_ACTIVE = V4L2_SEL_TGT_COMPOSE;

// `flags`.
export const V4L2_SEL_FLAG_GE = 1 << 0;
export const V4L2_SEL_FLAG_LE = 1 << 1;
export const V4L2_SEL_FLAG_KEEP_CONFIG = 1 << 2;
