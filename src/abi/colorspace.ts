/** How the numbers of a picture are to be read as colors. */

// `colorspace`.
export const V4L2_COLORSPACE_DEFAULT = 0;
export const V4L2_COLORSPACE_SMPTE170M = 1;
export const V4L2_COLORSPACE_SMPTE240M = 2;
export const V4L2_COLORSPACE_REC709 = 3;
export const V4L2_COLORSPACE_BT878 = 4;
export const V4L2_COLORSPACE_470_SYSTEM_M = 5;
export const V4L2_COLORSPACE_470_SYSTEM_BG = 6;
export const V4L2_COLORSPACE_JPEG = 7;
export const V4L2_COLORSPACE_SRGB = 8;
export const V4L2_COLORSPACE_OPRGB = 9;
export const V4L2_COLORSPACE_BT2020 = 10;
export const V4L2_COLORSPACE_RAW = 11;
export const V4L2_COLORSPACE_DCI_P3 = 12;
export const V4L2_COLORSPACE_ADOBERGB = V4L2_COLORSPACE_OPRGB;

// `xfer_func`.
export const V4L2_XFER_FUNC_DEFAULT = 0;
export const V4L2_XFER_FUNC_709 = 1;
export const V4L2_XFER_FUNC_SRGB = 2;
export const V4L2_XFER_FUNC_OPRGB = 3;
export const V4L2_XFER_FUNC_SMPTE240M = 4;
export const V4L2_XFER_FUNC_NONE = 5;
export const V4L2_XFER_FUNC_DCI_P3 = 6;
export const V4L2_XFER_FUNC_SMPTE2084 = 7;
export const V4L2_XFER_FUNC_ADOBERGB = V4L2_XFER_FUNC_OPRGB;

// `ycbcr_enc`.
export const V4L2_YCBCR_ENC_DEFAULT = 0;
export const V4L2_YCBCR_ENC_601 = 1;
export const V4L2_YCBCR_ENC_709 = 2;
export const V4L2_YCBCR_ENC_XV601 = 3;
export const V4L2_YCBCR_ENC_XV709 = 4;
export const V4L2_YCBCR_ENC_SYCC = 5;
export const V4L2_YCBCR_ENC_BT2020 = 6;
export const V4L2_YCBCR_ENC_BT2020_CONST_LUM = 7;
export const V4L2_YCBCR_ENC_SMPTE240M = 8;

// `hsv_enc`.
export const V4L2_HSV_ENC_180 = 128;
export const V4L2_HSV_ENC_256 = 129;

// `quantization`.
export const V4L2_QUANTIZATION_DEFAULT = 0;
export const V4L2_QUANTIZATION_FULL_RANGE = 1;
export const V4L2_QUANTIZATION_LIM_RANGE = 2;
