/** Pixel formats that a program computes with: RGB, grey, YUV, HSV. */
import { fourcc, fourccBe } from './fourcc.ts';

// RGB: the letters name the bits of the little-endian word or the order of the bytes, as each family has it.
export const V4L2_PIX_FMT_RGB332 = fourcc('RGB1');
export const V4L2_PIX_FMT_RGB444 = fourcc('R444');
export const V4L2_PIX_FMT_ARGB444 = fourcc('AR12');
export const V4L2_PIX_FMT_XRGB444 = fourcc('XR12');
export const V4L2_PIX_FMT_RGBA444 = fourcc('RA12');
export const V4L2_PIX_FMT_RGBX444 = fourcc('RX12');
export const V4L2_PIX_FMT_ABGR444 = fourcc('AB12');
export const V4L2_PIX_FMT_XBGR444 = fourcc('XB12');
export const V4L2_PIX_FMT_BGRA444 = fourcc('GA12');
export const V4L2_PIX_FMT_BGRX444 = fourcc('BX12');
export const V4L2_PIX_FMT_RGB555 = fourcc('RGBO');
export const V4L2_PIX_FMT_ARGB555 = fourcc('AR15');
export const V4L2_PIX_FMT_XRGB555 = fourcc('XR15');
export const V4L2_PIX_FMT_RGBA555 = fourcc('RA15');
export const V4L2_PIX_FMT_RGBX555 = fourcc('RX15');
export const V4L2_PIX_FMT_ABGR555 = fourcc('AB15');
export const V4L2_PIX_FMT_XBGR555 = fourcc('XB15');
export const V4L2_PIX_FMT_BGRA555 = fourcc('BA15');
export const V4L2_PIX_FMT_BGRX555 = fourcc('BX15');
export const V4L2_PIX_FMT_RGB565 = fourcc('RGBP');
export const V4L2_PIX_FMT_RGB555X = fourcc('RGBQ');
export const V4L2_PIX_FMT_ARGB555X = fourccBe('AR15');
export const V4L2_PIX_FMT_XRGB555X = fourccBe('XR15');
export const V4L2_PIX_FMT_RGB565X = fourcc('RGBR');
export const V4L2_PIX_FMT_BGR666 = fourcc('BGRH');
export const V4L2_PIX_FMT_BGR24 = fourcc('BGR3');
export const V4L2_PIX_FMT_RGB24 = fourcc('RGB3');
export const V4L2_PIX_FMT_BGR32 = fourcc('BGR4');
export const V4L2_PIX_FMT_ABGR32 = fourcc('AR24');
export const V4L2_PIX_FMT_XBGR32 = fourcc('XR24');
export const V4L2_PIX_FMT_BGRA32 = fourcc('RA24');
export const V4L2_PIX_FMT_BGRX32 = fourcc('RX24');
export const V4L2_PIX_FMT_RGB32 = fourcc('RGB4');
export const V4L2_PIX_FMT_RGBA32 = fourcc('AB24');
export const V4L2_PIX_FMT_RGBX32 = fourcc('XB24');
export const V4L2_PIX_FMT_ARGB32 = fourcc('BA24');
export const V4L2_PIX_FMT_XRGB32 = fourcc('BX24');
export const V4L2_PIX_FMT_RGBX1010102 = fourcc('RX30');
export const V4L2_PIX_FMT_RGBA1010102 = fourcc('RA30');
export const V4L2_PIX_FMT_ARGB2101010 = fourcc('AR30');
export const V4L2_PIX_FMT_BGR48_12 = fourcc('B312');
export const V4L2_PIX_FMT_BGR48 = fourcc('BGR6');
export const V4L2_PIX_FMT_RGB48 = fourcc('RGB6');
export const V4L2_PIX_FMT_ABGR64_12 = fourcc('B412');

// Grey, palette and chrominance alone.
export const V4L2_PIX_FMT_GREY = fourcc('GREY');
export const V4L2_PIX_FMT_Y4 = fourcc('Y04 ');
export const V4L2_PIX_FMT_Y6 = fourcc('Y06 ');
export const V4L2_PIX_FMT_Y10 = fourcc('Y10 ');
export const V4L2_PIX_FMT_Y12 = fourcc('Y12 ');
export const V4L2_PIX_FMT_Y012 = fourcc('Y012');
export const V4L2_PIX_FMT_Y14 = fourcc('Y14 ');
export const V4L2_PIX_FMT_Y16 = fourcc('Y16 ');
export const V4L2_PIX_FMT_Y16_BE = fourccBe('Y16 ');
export const V4L2_PIX_FMT_Y10BPACK = fourcc('Y10B');
export const V4L2_PIX_FMT_Y10P = fourcc('Y10P');
export const V4L2_PIX_FMT_IPU3_Y10 = fourcc('ip3y');
export const V4L2_PIX_FMT_Y12P = fourcc('Y12P');
export const V4L2_PIX_FMT_Y14P = fourcc('Y14P');
export const V4L2_PIX_FMT_PAL8 = fourcc('PAL8');
export const V4L2_PIX_FMT_UV8 = fourcc('UV8 ');

// YUV, packed into one plane.
export const V4L2_PIX_FMT_YUYV = fourcc('YUYV');
export const V4L2_PIX_FMT_YYUV = fourcc('YYUV');
export const V4L2_PIX_FMT_YVYU = fourcc('YVYU');
export const V4L2_PIX_FMT_UYVY = fourcc('UYVY');
export const V4L2_PIX_FMT_VYUY = fourcc('VYUY');
export const V4L2_PIX_FMT_Y41P = fourcc('Y41P');
export const V4L2_PIX_FMT_YUV444 = fourcc('Y444');
export const V4L2_PIX_FMT_YUV555 = fourcc('YUVO');
export const V4L2_PIX_FMT_YUV565 = fourcc('YUVP');
export const V4L2_PIX_FMT_YUV24 = fourcc('YUV3');
export const V4L2_PIX_FMT_YUV32 = fourcc('YUV4');
export const V4L2_PIX_FMT_AYUV32 = fourcc('AYUV');
export const V4L2_PIX_FMT_XYUV32 = fourcc('XYUV');
export const V4L2_PIX_FMT_VUYA32 = fourcc('VUYA');
export const V4L2_PIX_FMT_VUYX32 = fourcc('VUYX');
export const V4L2_PIX_FMT_YUVA32 = fourcc('YUVA');
export const V4L2_PIX_FMT_YUVX32 = fourcc('YUVX');
export const V4L2_PIX_FMT_M420 = fourcc('M420');
export const V4L2_PIX_FMT_YUV48_12 = fourcc('Y312');
export const V4L2_PIX_FMT_Y210 = fourcc('Y210');
export const V4L2_PIX_FMT_Y212 = fourcc('Y212');
export const V4L2_PIX_FMT_Y216 = fourcc('Y216');

// Two planes in one buffer: Y, then Cb and Cr in turn.
export const V4L2_PIX_FMT_NV12 = fourcc('NV12');
export const V4L2_PIX_FMT_NV21 = fourcc('NV21');
export const V4L2_PIX_FMT_NV15 = fourcc('NV15');
export const V4L2_PIX_FMT_NV16 = fourcc('NV16');
export const V4L2_PIX_FMT_NV61 = fourcc('NV61');
export const V4L2_PIX_FMT_NV20 = fourcc('NV20');
export const V4L2_PIX_FMT_NV24 = fourcc('NV24');
export const V4L2_PIX_FMT_NV42 = fourcc('NV42');
export const V4L2_PIX_FMT_P010 = fourcc('P010');
export const V4L2_PIX_FMT_P012 = fourcc('P012');

// Two planes in memory of their own.
export const V4L2_PIX_FMT_NV12M = fourcc('NM12');
export const V4L2_PIX_FMT_NV21M = fourcc('NM21');
export const V4L2_PIX_FMT_NV16M = fourcc('NM16');
export const V4L2_PIX_FMT_NV61M = fourcc('NM61');
export const V4L2_PIX_FMT_P012M = fourcc('PM12');

// Three planes in one buffer.
export const V4L2_PIX_FMT_YUV410 = fourcc('YUV9');
export const V4L2_PIX_FMT_YVU410 = fourcc('YVU9');
export const V4L2_PIX_FMT_YUV411P = fourcc('411P');
export const V4L2_PIX_FMT_YUV420 = fourcc('YU12');
export const V4L2_PIX_FMT_YVU420 = fourcc('YV12');
export const V4L2_PIX_FMT_YUV422P = fourcc('422P');

// Three planes in memory of their own.
export const V4L2_PIX_FMT_YUV420M = fourcc('YM12');
export const V4L2_PIX_FMT_YVU420M = fourcc('YM21');
export const V4L2_PIX_FMT_YUV422M = fourcc('YM16');
export const V4L2_PIX_FMT_YVU422M = fourcc('YM61');
export const V4L2_PIX_FMT_YUV444M = fourcc('YM24');
export const V4L2_PIX_FMT_YVU444M = fourcc('YM42');

// Tiled.
export const V4L2_PIX_FMT_NV12_4L4 = fourcc('VT12');
export const V4L2_PIX_FMT_NV12_16L16 = fourcc('HM12');
export const V4L2_PIX_FMT_NV12_32L32 = fourcc('ST12');
export const V4L2_PIX_FMT_NV15_4L4 = fourcc('VT15');
export const V4L2_PIX_FMT_P010_4L4 = fourcc('T010');
export const V4L2_PIX_FMT_NV12_8L128 = fourcc('AT12');
export const V4L2_PIX_FMT_NV12_10BE_8L128 = fourccBe('AX12');
export const V4L2_PIX_FMT_NV12MT = fourcc('TM12');
export const V4L2_PIX_FMT_NV12MT_16X16 = fourcc('VM12');
export const V4L2_PIX_FMT_NV12M_8L128 = fourcc('NA12');
export const V4L2_PIX_FMT_NV12M_10BE_8L128 = fourccBe('NT12');

// HSV.
export const V4L2_PIX_FMT_HSV24 = fourcc('HSV3');
export const V4L2_PIX_FMT_HSV32 = fourcc('HSV4');
