/** How the numbers of a picture are to be read as colors, and what the DEFAULT values of that stand for. */

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

export function V4L2_MAP_COLORSPACE_DEFAULT(isSdtv: boolean, isHdtv: boolean): number {
  if (isSdtv) return V4L2_COLORSPACE_SMPTE170M;
  return isHdtv ? V4L2_COLORSPACE_REC709 : V4L2_COLORSPACE_SRGB;
}

export function V4L2_MAP_XFER_FUNC_DEFAULT(colorspace: number): number {
  switch (colorspace) {
    case V4L2_COLORSPACE_OPRGB:
      return V4L2_XFER_FUNC_OPRGB;
    case V4L2_COLORSPACE_SMPTE240M:
      return V4L2_XFER_FUNC_SMPTE240M;
    case V4L2_COLORSPACE_DCI_P3:
      return V4L2_XFER_FUNC_DCI_P3;
    case V4L2_COLORSPACE_RAW:
      return V4L2_XFER_FUNC_NONE;
    case V4L2_COLORSPACE_SRGB:
    case V4L2_COLORSPACE_JPEG:
      return V4L2_XFER_FUNC_SRGB;
    default:
      return V4L2_XFER_FUNC_709;
  }
}

export function V4L2_MAP_YCBCR_ENC_DEFAULT(colorspace: number): number {
  switch (colorspace) {
    case V4L2_COLORSPACE_REC709:
    case V4L2_COLORSPACE_DCI_P3:
      return V4L2_YCBCR_ENC_709;
    case V4L2_COLORSPACE_BT2020:
      return V4L2_YCBCR_ENC_BT2020;
    case V4L2_COLORSPACE_SMPTE240M:
      return V4L2_YCBCR_ENC_SMPTE240M;
    default:
      return V4L2_YCBCR_ENC_601;
  }
}

/** The encoding plays no part any more; C keeps it as a parameter. */
export function V4L2_MAP_QUANTIZATION_DEFAULT(
  isRgbOrHsv: boolean,
  colorspace: number,
  _ycbcrEnc: number,
): number {
  return isRgbOrHsv || colorspace === V4L2_COLORSPACE_JPEG
    ? V4L2_QUANTIZATION_FULL_RANGE
    : V4L2_QUANTIZATION_LIM_RANGE;
}
