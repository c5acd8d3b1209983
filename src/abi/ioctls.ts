/** Every ioctl of linux/videodev2.h. The numbers carry the sizes of the structs, so they come from these. */
import {
  v4l2_buffer,
  v4l2_create_buffers,
  v4l2_exportbuffer,
  v4l2_remove_buffers,
  v4l2_requestbuffers,
} from './buffer.ts';
import { v4l2_capability } from './capability.ts';
import { v4l2_dbg_chip_info, v4l2_dbg_register } from './chip-debug.ts';
import { v4l2_decoder_cmd, v4l2_enc_idx, v4l2_encoder_cmd } from './codec.ts';
import {
  v4l2_control,
  v4l2_ext_controls,
  v4l2_query_ext_ctrl,
  v4l2_queryctrl,
  v4l2_querymenu,
} from './control.ts';
import { v4l2_dv_timings, v4l2_dv_timings_cap, v4l2_enum_dv_timings } from './dv-timings.ts';
import { v4l2_event, v4l2_event_subscription } from './event.ts';
import { v4l2_fmtdesc, v4l2_format, v4l2_frmivalenum, v4l2_frmsizeenum } from './format.ts';
import { v4l2_audio, v4l2_audioout, v4l2_edid, v4l2_input, v4l2_output } from './input.ts';
import { _IO, _IOR, _IOW, _IOWR } from './ioctl-number.ts';
import { v4l2_jpegcompression } from './jpeg.ts';
import { s32, u32 } from './layout.ts';
import { v4l2_framebuffer } from './overlay.ts';
import { v4l2_streamparm } from './parm.ts';
import { v4l2_crop, v4l2_cropcap, v4l2_selection } from './selection.ts';
import { v4l2_standard, v4l2_std_id } from './standard.ts';
import {
  v4l2_frequency,
  v4l2_frequency_band,
  v4l2_hw_freq_seek,
  v4l2_modulator,
  v4l2_tuner,
} from './tuner.ts';
import { v4l2_sliced_vbi_cap } from './vbi.ts';

export const VIDIOC_QUERYCAP = _IOR('V', 0, v4l2_capability);
export const VIDIOC_ENUM_FMT = _IOWR('V', 2, v4l2_fmtdesc);
export const VIDIOC_G_FMT = _IOWR('V', 4, v4l2_format);
export const VIDIOC_S_FMT = _IOWR('V', 5, v4l2_format);
export const VIDIOC_REQBUFS = _IOWR('V', 8, v4l2_requestbuffers);
export const VIDIOC_QUERYBUF = _IOWR('V', 9, v4l2_buffer);
export const VIDIOC_G_FBUF = _IOR('V', 10, v4l2_framebuffer);
export const VIDIOC_S_FBUF = _IOW('V', 11, v4l2_framebuffer);
export const VIDIOC_OVERLAY = _IOW('V', 14, s32);
export const VIDIOC_QBUF = _IOWR('V', 15, v4l2_buffer);
export const VIDIOC_EXPBUF = _IOWR('V', 16, v4l2_exportbuffer);
export const VIDIOC_DQBUF = _IOWR('V', 17, v4l2_buffer);
export const VIDIOC_STREAMON = _IOW('V', 18, s32);
export const VIDIOC_STREAMOFF = _IOW('V', 19, s32);
export const VIDIOC_G_PARM = _IOWR('V', 21, v4l2_streamparm);
export const VIDIOC_S_PARM = _IOWR('V', 22, v4l2_streamparm);
export const VIDIOC_G_STD = _IOR('V', 23, v4l2_std_id);
export const VIDIOC_S_STD = _IOW('V', 24, v4l2_std_id);
export const VIDIOC_ENUMSTD = _IOWR('V', 25, v4l2_standard);
export const VIDIOC_ENUMINPUT = _IOWR('V', 26, v4l2_input);
export const VIDIOC_G_CTRL = _IOWR('V', 27, v4l2_control);
export const VIDIOC_S_CTRL = _IOWR('V', 28, v4l2_control);
export const VIDIOC_G_TUNER = _IOWR('V', 29, v4l2_tuner);
export const VIDIOC_S_TUNER = _IOW('V', 30, v4l2_tuner);
export const VIDIOC_G_AUDIO = _IOR('V', 33, v4l2_audio);
export const VIDIOC_S_AUDIO = _IOW('V', 34, v4l2_audio);
export const VIDIOC_QUERYCTRL = _IOWR('V', 36, v4l2_queryctrl);
export const VIDIOC_QUERYMENU = _IOWR('V', 37, v4l2_querymenu);
export const VIDIOC_G_INPUT = _IOR('V', 38, s32);
export const VIDIOC_S_INPUT = _IOWR('V', 39, s32);
export const VIDIOC_G_EDID = _IOWR('V', 40, v4l2_edid);
export const VIDIOC_S_EDID = _IOWR('V', 41, v4l2_edid);
export const VIDIOC_G_OUTPUT = _IOR('V', 46, s32);
export const VIDIOC_S_OUTPUT = _IOWR('V', 47, s32);
export const VIDIOC_ENUMOUTPUT = _IOWR('V', 48, v4l2_output);
export const VIDIOC_G_AUDOUT = _IOR('V', 49, v4l2_audioout);
export const VIDIOC_S_AUDOUT = _IOW('V', 50, v4l2_audioout);
export const VIDIOC_G_MODULATOR = _IOWR('V', 54, v4l2_modulator);
export const VIDIOC_S_MODULATOR = _IOW('V', 55, v4l2_modulator);
export const VIDIOC_G_FREQUENCY = _IOWR('V', 56, v4l2_frequency);
export const VIDIOC_S_FREQUENCY = _IOW('V', 57, v4l2_frequency);
export const VIDIOC_CROPCAP = _IOWR('V', 58, v4l2_cropcap);
export const VIDIOC_G_CROP = _IOWR('V', 59, v4l2_crop);
export const VIDIOC_S_CROP = _IOW('V', 60, v4l2_crop);
export const VIDIOC_G_JPEGCOMP = _IOR('V', 61, v4l2_jpegcompression);
export const VIDIOC_S_JPEGCOMP = _IOW('V', 62, v4l2_jpegcompression);
export const VIDIOC_QUERYSTD = _IOR('V', 63, v4l2_std_id);
export const VIDIOC_TRY_FMT = _IOWR('V', 64, v4l2_format);
export const VIDIOC_ENUMAUDIO = _IOWR('V', 65, v4l2_audio);
export const VIDIOC_ENUMAUDOUT = _IOWR('V', 66, v4l2_audioout);
export const VIDIOC_G_PRIORITY = _IOR('V', 67, u32);
export const VIDIOC_S_PRIORITY = _IOW('V', 68, u32);
export const VIDIOC_G_SLICED_VBI_CAP = _IOWR('V', 69, v4l2_sliced_vbi_cap);
export const VIDIOC_LOG_STATUS = _IO('V', 70);
export const VIDIOC_G_EXT_CTRLS = _IOWR('V', 71, v4l2_ext_controls);
export const VIDIOC_S_EXT_CTRLS = _IOWR('V', 72, v4l2_ext_controls);
export const VIDIOC_TRY_EXT_CTRLS = _IOWR('V', 73, v4l2_ext_controls);
export const VIDIOC_ENUM_FRAMESIZES = _IOWR('V', 74, v4l2_frmsizeenum);
export const VIDIOC_ENUM_FRAMEINTERVALS = _IOWR('V', 75, v4l2_frmivalenum);
export const VIDIOC_G_ENC_INDEX = _IOR('V', 76, v4l2_enc_idx);
export const VIDIOC_ENCODER_CMD = _IOWR('V', 77, v4l2_encoder_cmd);
export const VIDIOC_TRY_ENCODER_CMD = _IOWR('V', 78, v4l2_encoder_cmd);
export const VIDIOC_DBG_S_REGISTER = _IOW('V', 79, v4l2_dbg_register);
export const VIDIOC_DBG_G_REGISTER = _IOWR('V', 80, v4l2_dbg_register);
export const VIDIOC_S_HW_FREQ_SEEK = _IOW('V', 82, v4l2_hw_freq_seek);
export const VIDIOC_S_DV_TIMINGS = _IOWR('V', 87, v4l2_dv_timings);
export const VIDIOC_G_DV_TIMINGS = _IOWR('V', 88, v4l2_dv_timings);
export const VIDIOC_DQEVENT = _IOR('V', 89, v4l2_event);
export const VIDIOC_SUBSCRIBE_EVENT = _IOW('V', 90, v4l2_event_subscription);
export const VIDIOC_UNSUBSCRIBE_EVENT = _IOW('V', 91, v4l2_event_subscription);
export const VIDIOC_CREATE_BUFS = _IOWR('V', 92, v4l2_create_buffers);
export const VIDIOC_PREPARE_BUF = _IOWR('V', 93, v4l2_buffer);
export const VIDIOC_G_SELECTION = _IOWR('V', 94, v4l2_selection);
export const VIDIOC_S_SELECTION = _IOWR('V', 95, v4l2_selection);
export const VIDIOC_DECODER_CMD = _IOWR('V', 96, v4l2_decoder_cmd);
export const VIDIOC_TRY_DECODER_CMD = _IOWR('V', 97, v4l2_decoder_cmd);
export const VIDIOC_ENUM_DV_TIMINGS = _IOWR('V', 98, v4l2_enum_dv_timings);
export const VIDIOC_QUERY_DV_TIMINGS = _IOR('V', 99, v4l2_dv_timings);
export const VIDIOC_DV_TIMINGS_CAP = _IOWR('V', 100, v4l2_dv_timings_cap);
export const VIDIOC_ENUM_FREQ_BANDS = _IOWR('V', 101, v4l2_frequency_band);
export const VIDIOC_DBG_G_CHIP_INFO = _IOWR('V', 102, v4l2_dbg_chip_info);
export const VIDIOC_QUERY_EXT_CTRL = _IOWR('V', 103, v4l2_query_ext_ctrl);
export const VIDIOC_REMOVE_BUFS = _IOWR('V', 104, v4l2_remove_buffers);

/** Numbers from here on belong to the driver. */
export const BASE_VIDIOC_PRIVATE = 192;
