/** What the DEFAULT values of the colorimetry fields stand for. */
import * as c from './colorspace.ts';

export function V4L2_MAP_COLORSPACE_DEFAULT(isSdtv: boolean, isHdtv: boolean): number {
  if (isSdtv) return c.V4L2_COLORSPACE_SMPTE170M;
  return isHdtv ? c.V4L2_COLORSPACE_REC709 : c.V4L2_COLORSPACE_SRGB;
}

export function V4L2_MAP_XFER_FUNC_DEFAULT(colorspace: number): number {
  switch (colorspace) {
    case c.V4L2_COLORSPACE_OPRGB:
      return c.V4L2_XFER_FUNC_OPRGB;
    case c.V4L2_COLORSPACE_SMPTE240M:
      return c.V4L2_XFER_FUNC_SMPTE240M;
    case c.V4L2_COLORSPACE_DCI_P3:
      return c.V4L2_XFER_FUNC_DCI_P3;
    case c.V4L2_COLORSPACE_RAW:
      return c.V4L2_XFER_FUNC_NONE;
    case c.V4L2_COLORSPACE_SRGB:
    case c.V4L2_COLORSPACE_JPEG:
      return c.V4L2_XFER_FUNC_SRGB;
    default:
      return c.V4L2_XFER_FUNC_709;
  }
}

export function V4L2_MAP_YCBCR_ENC_DEFAULT(colorspace: number): number {
  switch (colorspace) {
    case c.V4L2_COLORSPACE_REC709:
    case c.V4L2_COLORSPACE_DCI_P3:
      return c.V4L2_YCBCR_ENC_709;
    case c.V4L2_COLORSPACE_BT2020:
      return c.V4L2_YCBCR_ENC_BT2020;
    case c.V4L2_COLORSPACE_SMPTE240M:
      return c.V4L2_YCBCR_ENC_SMPTE240M;
    default:
      return c.V4L2_YCBCR_ENC_601;
  }
}

/** The encoding plays no part any more; C keeps it as a parameter. */
export function V4L2_MAP_QUANTIZATION_DEFAULT(
  isRgbOrHsv: boolean,
  colorspace: number,
  _ycbcrEnc: number,
): number {
  return isRgbOrHsv || colorspace === c.V4L2_COLORSPACE_JPEG
    ? c.V4L2_QUANTIZATION_FULL_RANGE
    : c.V4L2_QUANTIZATION_LIM_RANGE;
}
