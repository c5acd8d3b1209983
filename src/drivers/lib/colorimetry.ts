import {
  V4L2_COLORSPACE_DCI_P3,
  V4L2_COLORSPACE_DEFAULT,
  V4L2_QUANTIZATION_LIM_RANGE,
  V4L2_XFER_FUNC_SMPTE2084,
  V4L2_YCBCR_ENC_SMPTE240M,
} from '../../abi/index.ts';

/** How the numbers of a frame are to be read as colours. */
export interface Colorimetry {
  readonly colorspace: number;
  readonly ycbcr_enc: number;
  readonly quantization: number;
  readonly xfer_func: number;
}

/** What a format has when nobody says anything else. */
export function defaultColorimetry(colorspace: number): Colorimetry {
  return { colorspace, ycbcr_enc: 0, quantization: 0, xfer_func: 0 };
}

function upTo(last: number, value: number): number {
  return value <= last ? value : 0;
}

/**
 * What a program says of the frames that it gives: a device that only passes them on takes its word for it, as
 * long as the values mean something. Without a colour space, that of the format.
 */
export function givenColorimetry(given: Colorimetry, colorspace: number): Colorimetry {
  if (given.colorspace === V4L2_COLORSPACE_DEFAULT || given.colorspace > V4L2_COLORSPACE_DCI_P3)
    return defaultColorimetry(colorspace);
  return {
    colorspace: given.colorspace,
    ycbcr_enc: upTo(V4L2_YCBCR_ENC_SMPTE240M, given.ycbcr_enc),
    quantization: upTo(V4L2_QUANTIZATION_LIM_RANGE, given.quantization),
    xfer_func: upTo(V4L2_XFER_FUNC_SMPTE2084, given.xfer_func),
  };
}
