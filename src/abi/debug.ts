/** Chips, for the debug ioctls. */

export const V4L2_CHIP_MATCH_BRIDGE = 0;
export const V4L2_CHIP_MATCH_SUBDEV = 4;
export const V4L2_CHIP_MATCH_HOST = V4L2_CHIP_MATCH_BRIDGE;
export const V4L2_CHIP_MATCH_I2C_DRIVER = 1;
export const V4L2_CHIP_MATCH_I2C_ADDR = 2;
export const V4L2_CHIP_MATCH_AC97 = 3;
export const V4L2_CHIP_FL_READABLE = 1 << 0;
export const V4L2_CHIP_FL_WRITABLE = 1 << 1;
