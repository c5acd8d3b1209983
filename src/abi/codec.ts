/** Commands and index of stream encoders and decoders. */

// `v4l2_enc_idx_entry.flags`.
export const V4L2_ENC_IDX_FRAME_I = 0;
export const V4L2_ENC_IDX_FRAME_P = 1;
export const V4L2_ENC_IDX_FRAME_B = 2;
export const V4L2_ENC_IDX_FRAME_MASK = 0xf;

// `v4l2_encoder_cmd`.
export const V4L2_ENC_CMD_START = 0;
export const V4L2_ENC_CMD_STOP = 1;
export const V4L2_ENC_CMD_PAUSE = 2;
export const V4L2_ENC_CMD_RESUME = 3;
export const V4L2_ENC_CMD_STOP_AT_GOP_END = 1 << 0;

// `v4l2_decoder_cmd`.
export const V4L2_DEC_CMD_START = 0;
export const V4L2_DEC_CMD_STOP = 1;
export const V4L2_DEC_CMD_PAUSE = 2;
export const V4L2_DEC_CMD_RESUME = 3;
export const V4L2_DEC_CMD_FLUSH = 4;
export const V4L2_DEC_CMD_START_MUTE_AUDIO = 1 << 0;
export const V4L2_DEC_CMD_PAUSE_TO_BLACK = 1 << 0;
export const V4L2_DEC_CMD_STOP_TO_BLACK = 1 << 0;
export const V4L2_DEC_CMD_STOP_IMMEDIATELY = 1 << 1;
export const V4L2_DEC_START_FMT_NONE = 0;
export const V4L2_DEC_START_FMT_GOP = 1;
