/** Controls: classes, types, flags. */

// Classes: the upper half of a control's id.
export const V4L2_CTRL_CLASS_USER = 0x00980000;
export const V4L2_CTRL_CLASS_CODEC = 0x00990000;
export const V4L2_CTRL_CLASS_CAMERA = 0x009a0000;
export const V4L2_CTRL_CLASS_FM_TX = 0x009b0000;
export const V4L2_CTRL_CLASS_FLASH = 0x009c0000;
export const V4L2_CTRL_CLASS_JPEG = 0x009d0000;
export const V4L2_CTRL_CLASS_IMAGE_SOURCE = 0x009e0000;
export const V4L2_CTRL_CLASS_IMAGE_PROC = 0x009f0000;
export const V4L2_CTRL_CLASS_DV = 0x00a00000;
export const V4L2_CTRL_CLASS_FM_RX = 0x00a10000;
export const V4L2_CTRL_CLASS_RF_TUNER = 0x00a20000;
export const V4L2_CTRL_CLASS_DETECT = 0x00a30000;
export const V4L2_CTRL_CLASS_CODEC_STATELESS = 0x00a40000;
export const V4L2_CTRL_CLASS_COLORIMETRY = 0x00a50000;
export const V4L2_CTRL_CLASS_MPEG = V4L2_CTRL_CLASS_CODEC;

// `which` of the extended control ioctls, beside a class.
export const V4L2_CTRL_WHICH_CUR_VAL = 0;
export const V4L2_CTRL_WHICH_DEF_VAL = 0x0f000000;
export const V4L2_CTRL_WHICH_REQUEST_VAL = 0x0f010000;
export const V4L2_CTRL_WHICH_MIN_VAL = 0x0f020000;
export const V4L2_CTRL_WHICH_MAX_VAL = 0x0f030000;

// Parts of an id.
export const V4L2_CTRL_ID_MASK = 0x0fffffff;
export const V4L2_CID_MAX_CTRLS = 1024;
export const V4L2_CID_PRIVATE_BASE = 0x08000000;

// `type`. From V4L2_CTRL_COMPOUND_TYPES on a value is a payload in memory of the program.
export const V4L2_CTRL_TYPE_INTEGER = 1;
export const V4L2_CTRL_TYPE_BOOLEAN = 2;
export const V4L2_CTRL_TYPE_MENU = 3;
export const V4L2_CTRL_TYPE_BUTTON = 4;
export const V4L2_CTRL_TYPE_INTEGER64 = 5;
export const V4L2_CTRL_TYPE_CTRL_CLASS = 6;
export const V4L2_CTRL_TYPE_STRING = 7;
export const V4L2_CTRL_TYPE_BITMASK = 8;
export const V4L2_CTRL_TYPE_INTEGER_MENU = 9;
export const V4L2_CTRL_COMPOUND_TYPES = 0x0100;
export const V4L2_CTRL_TYPE_U8 = 0x0100;
export const V4L2_CTRL_TYPE_U16 = 0x0101;
export const V4L2_CTRL_TYPE_U32 = 0x0102;
export const V4L2_CTRL_TYPE_AREA = 0x0106;
export const V4L2_CTRL_TYPE_RECT = 0x0107;
export const V4L2_CTRL_TYPE_HDR10_CLL_INFO = 0x0110;
export const V4L2_CTRL_TYPE_HDR10_MASTERING_DISPLAY = 0x0111;
export const V4L2_CTRL_TYPE_H264_SPS = 0x0200;
export const V4L2_CTRL_TYPE_H264_PPS = 0x0201;
export const V4L2_CTRL_TYPE_H264_SCALING_MATRIX = 0x0202;
export const V4L2_CTRL_TYPE_H264_SLICE_PARAMS = 0x0203;
export const V4L2_CTRL_TYPE_H264_DECODE_PARAMS = 0x0204;
export const V4L2_CTRL_TYPE_H264_PRED_WEIGHTS = 0x0205;
export const V4L2_CTRL_TYPE_FWHT_PARAMS = 0x0220;
export const V4L2_CTRL_TYPE_VP8_FRAME = 0x0240;
export const V4L2_CTRL_TYPE_MPEG2_QUANTISATION = 0x0250;
export const V4L2_CTRL_TYPE_MPEG2_SEQUENCE = 0x0251;
export const V4L2_CTRL_TYPE_MPEG2_PICTURE = 0x0252;
export const V4L2_CTRL_TYPE_VP9_COMPRESSED_HDR = 0x0260;
export const V4L2_CTRL_TYPE_VP9_FRAME = 0x0261;
export const V4L2_CTRL_TYPE_HEVC_SPS = 0x0270;
export const V4L2_CTRL_TYPE_HEVC_PPS = 0x0271;
export const V4L2_CTRL_TYPE_HEVC_SLICE_PARAMS = 0x0272;
export const V4L2_CTRL_TYPE_HEVC_SCALING_MATRIX = 0x0273;
export const V4L2_CTRL_TYPE_HEVC_DECODE_PARAMS = 0x0274;
export const V4L2_CTRL_TYPE_AV1_SEQUENCE = 0x280;
export const V4L2_CTRL_TYPE_AV1_TILE_GROUP_ENTRY = 0x281;
export const V4L2_CTRL_TYPE_AV1_FRAME = 0x282;
export const V4L2_CTRL_TYPE_AV1_FILM_GRAIN = 0x283;

// `flags`. The last two are or'ed to the id of a query and ask for the next control.
export const V4L2_CTRL_FLAG_DISABLED = 0x0001;
export const V4L2_CTRL_FLAG_GRABBED = 0x0002;
export const V4L2_CTRL_FLAG_READ_ONLY = 0x0004;
export const V4L2_CTRL_FLAG_UPDATE = 0x0008;
export const V4L2_CTRL_FLAG_INACTIVE = 0x0010;
export const V4L2_CTRL_FLAG_SLIDER = 0x0020;
export const V4L2_CTRL_FLAG_WRITE_ONLY = 0x0040;
export const V4L2_CTRL_FLAG_VOLATILE = 0x0080;
export const V4L2_CTRL_FLAG_HAS_PAYLOAD = 0x0100;
export const V4L2_CTRL_FLAG_EXECUTE_ON_WRITE = 0x0200;
export const V4L2_CTRL_FLAG_MODIFY_LAYOUT = 0x0400;
export const V4L2_CTRL_FLAG_DYNAMIC_ARRAY = 0x0800;
export const V4L2_CTRL_FLAG_HAS_WHICH_MIN_MAX = 0x1000;
export const V4L2_CTRL_FLAG_NEXT_CTRL = 0x80000000;
export const V4L2_CTRL_FLAG_NEXT_COMPOUND = 0x40000000;
