/** Registers and chips, for the debug ioctls. */
import { array, chars, over, packed, u32, u64, type ViewOf } from './layout.ts';

export const V4L2_CHIP_MATCH_BRIDGE = 0;
export const V4L2_CHIP_MATCH_SUBDEV = 4;
export const V4L2_CHIP_MATCH_HOST = V4L2_CHIP_MATCH_BRIDGE;
export const V4L2_CHIP_MATCH_I2C_DRIVER = 1;
export const V4L2_CHIP_MATCH_I2C_ADDR = 2;
export const V4L2_CHIP_MATCH_AC97 = 3;
export const V4L2_CHIP_FL_READABLE = 1 << 0;
export const V4L2_CHIP_FL_WRITABLE = 1 << 1;

export const v4l2_dbg_match = packed('v4l2_dbg_match', {
  type: u32,
  addr: u32,
  name: over('addr', chars(32)),
});
export type v4l2_dbg_match = ViewOf<typeof v4l2_dbg_match.fields>;

export const v4l2_dbg_register = packed('v4l2_dbg_register', {
  match: v4l2_dbg_match,
  size: u32,
  reg: u64,
  val: u64,
});
export type v4l2_dbg_register = ViewOf<typeof v4l2_dbg_register.fields>;

export const v4l2_dbg_chip_info = packed('v4l2_dbg_chip_info', {
  match: v4l2_dbg_match,
  name: chars(32),
  flags: u32,
  reserved: array(u32, 32),
});
export type v4l2_dbg_chip_info = ViewOf<typeof v4l2_dbg_chip_info.fields>;
