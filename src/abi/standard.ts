/** Analog video standards: one bit each, their customary sets, and how they are enumerated. */
import { v4l2_fract } from './common.ts';
import { array, chars, struct, u32, u64, type ViewOf } from './layout.ts';

export const V4L2_STD_PAL_B = 0x00000001;
export const V4L2_STD_PAL_B1 = 0x00000002;
export const V4L2_STD_PAL_G = 0x00000004;
export const V4L2_STD_PAL_H = 0x00000008;
export const V4L2_STD_PAL_I = 0x00000010;
export const V4L2_STD_PAL_D = 0x00000020;
export const V4L2_STD_PAL_D1 = 0x00000040;
export const V4L2_STD_PAL_K = 0x00000080;
export const V4L2_STD_PAL_M = 0x00000100;
export const V4L2_STD_PAL_N = 0x00000200;
export const V4L2_STD_PAL_Nc = 0x00000400;
export const V4L2_STD_PAL_60 = 0x00000800;
export const V4L2_STD_NTSC_M = 0x00001000;
export const V4L2_STD_NTSC_M_JP = 0x00002000;
export const V4L2_STD_NTSC_443 = 0x00004000;
export const V4L2_STD_NTSC_M_KR = 0x00008000;
export const V4L2_STD_SECAM_B = 0x00010000;
export const V4L2_STD_SECAM_D = 0x00020000;
export const V4L2_STD_SECAM_G = 0x00040000;
export const V4L2_STD_SECAM_H = 0x00080000;
export const V4L2_STD_SECAM_K = 0x00100000;
export const V4L2_STD_SECAM_K1 = 0x00200000;
export const V4L2_STD_SECAM_L = 0x00400000;
export const V4L2_STD_SECAM_LC = 0x00800000;
export const V4L2_STD_ATSC_8_VSB = 0x01000000;
export const V4L2_STD_ATSC_16_VSB = 0x02000000;
export const V4L2_STD_NTSC = V4L2_STD_NTSC_M | V4L2_STD_NTSC_M_JP | V4L2_STD_NTSC_M_KR;
export const V4L2_STD_SECAM_DK = V4L2_STD_SECAM_D | V4L2_STD_SECAM_K | V4L2_STD_SECAM_K1;
export const V4L2_STD_SECAM =
  V4L2_STD_SECAM_B |
  V4L2_STD_SECAM_G |
  V4L2_STD_SECAM_H |
  V4L2_STD_SECAM_DK |
  V4L2_STD_SECAM_L |
  V4L2_STD_SECAM_LC;
export const V4L2_STD_PAL_BG = V4L2_STD_PAL_B | V4L2_STD_PAL_B1 | V4L2_STD_PAL_G;
export const V4L2_STD_PAL_DK = V4L2_STD_PAL_D | V4L2_STD_PAL_D1 | V4L2_STD_PAL_K;
export const V4L2_STD_PAL = V4L2_STD_PAL_BG | V4L2_STD_PAL_DK | V4L2_STD_PAL_H | V4L2_STD_PAL_I;
export const V4L2_STD_B = V4L2_STD_PAL_B | V4L2_STD_PAL_B1 | V4L2_STD_SECAM_B;
export const V4L2_STD_G = V4L2_STD_PAL_G | V4L2_STD_SECAM_G;
export const V4L2_STD_H = V4L2_STD_PAL_H | V4L2_STD_SECAM_H;
export const V4L2_STD_L = V4L2_STD_SECAM_L | V4L2_STD_SECAM_LC;
export const V4L2_STD_GH = V4L2_STD_G | V4L2_STD_H;
export const V4L2_STD_DK = V4L2_STD_PAL_DK | V4L2_STD_SECAM_DK;
export const V4L2_STD_BG = V4L2_STD_B | V4L2_STD_G;
export const V4L2_STD_MN = V4L2_STD_PAL_M | V4L2_STD_PAL_N | V4L2_STD_PAL_Nc | V4L2_STD_NTSC;
export const V4L2_STD_MTS = V4L2_STD_NTSC_M | V4L2_STD_PAL_M | V4L2_STD_PAL_N | V4L2_STD_PAL_Nc;
export const V4L2_STD_525_60 = V4L2_STD_PAL_M | V4L2_STD_PAL_60 | V4L2_STD_NTSC | V4L2_STD_NTSC_443;
export const V4L2_STD_625_50 = V4L2_STD_PAL | V4L2_STD_PAL_N | V4L2_STD_PAL_Nc | V4L2_STD_SECAM;
export const V4L2_STD_ATSC = V4L2_STD_ATSC_8_VSB | V4L2_STD_ATSC_16_VSB;
export const V4L2_STD_UNKNOWN = 0;
export const V4L2_STD_ALL = V4L2_STD_525_60 | V4L2_STD_625_50;

/** A set of `V4L2_STD_*` bits. The upper half of the 64 bits is not used by any standard. */
export const v4l2_std_id = u64;
export type v4l2_std_id = number;

export const v4l2_standard = struct('v4l2_standard', {
  index: u32,
  id: v4l2_std_id,
  name: chars(24),
  frameperiod: v4l2_fract,
  framelines: u32,
  reserved: array(u32, 4),
});
export type v4l2_standard = ViewOf<typeof v4l2_standard.fields>;
