/** Format descriptions and enumerations. */

// `v4l2_fmtdesc.flags`.
export const V4L2_FMT_FLAG_COMPRESSED = 0x0001;
export const V4L2_FMT_FLAG_EMULATED = 0x0002;
export const V4L2_FMT_FLAG_CONTINUOUS_BYTESTREAM = 0x0004;
export const V4L2_FMT_FLAG_DYN_RESOLUTION = 0x0008;
export const V4L2_FMT_FLAG_ENC_CAP_FRAME_INTERVAL = 0x0010;
export const V4L2_FMT_FLAG_CSC_COLORSPACE = 0x0020;
export const V4L2_FMT_FLAG_CSC_XFER_FUNC = 0x0040;
export const V4L2_FMT_FLAG_CSC_YCBCR_ENC = 0x0080;
export const V4L2_FMT_FLAG_CSC_HSV_ENC = V4L2_FMT_FLAG_CSC_YCBCR_ENC;
export const V4L2_FMT_FLAG_CSC_QUANTIZATION = 0x0100;
export const V4L2_FMT_FLAG_META_LINE_BASED = 0x0200;

// Or'ed to `v4l2_fmtdesc.index`: asks for the formats of all media bus codes.
export const V4L2_FMTDESC_FLAG_ENUM_ALL = 0x80000000;

// `v4l2_pix_format.priv`, and the `flags` that it vouches for.
export const V4L2_PIX_FMT_PRIV_MAGIC = 0xfeedcafe;
export const V4L2_PIX_FMT_FLAG_PREMUL_ALPHA = 0x00000001;
export const V4L2_PIX_FMT_FLAG_SET_CSC = 0x00000002;

// `v4l2_frmsizeenum.type`.
export const V4L2_FRMSIZE_TYPE_DISCRETE = 1;
export const V4L2_FRMSIZE_TYPE_CONTINUOUS = 2;
export const V4L2_FRMSIZE_TYPE_STEPWISE = 3;

// `v4l2_frmivalenum.type`.
export const V4L2_FRMIVAL_TYPE_DISCRETE = 1;
export const V4L2_FRMIVAL_TYPE_CONTINUOUS = 2;
export const V4L2_FRMIVAL_TYPE_STEPWISE = 3;

// `v4l2_jpegcompression.jpeg_markers`.
export const V4L2_JPEG_MARKER_DHT = 1 << 3;
export const V4L2_JPEG_MARKER_DQT = 1 << 4;
export const V4L2_JPEG_MARKER_DRI = 1 << 5;
export const V4L2_JPEG_MARKER_COM = 1 << 6;
export const V4L2_JPEG_MARKER_APP = 1 << 7;
