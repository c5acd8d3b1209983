/**
 * What a driver answers: one optional op per ioctl, named as in the kernel.
 *
 * The core calls an op with the argument copied in, checked as far as the core can check it, and everything
 * that the program is not supposed to set zeroed. The op changes the view in place; the core copies it out.
 * - An op that is not there makes its ioctl answer ENOTTY; that is how a device says what it can do.
 * - A client's mistake is thrown as an `Errno`; the argument is then not copied out.
 * - A view is the core's and is used again for the next call: keep values from it, never the view.
 * - Only the two ops that wait for something may return WOULD_BLOCK, before they have changed anything.
 */
import type {
  StructView,
  v4l2_audio,
  v4l2_audioout,
  v4l2_buffer,
  v4l2_capability,
  v4l2_control,
  v4l2_create_buffers,
  v4l2_dbg_chip_info,
  v4l2_dbg_register,
  v4l2_decoder_cmd,
  v4l2_dv_timings,
  v4l2_dv_timings_cap,
  v4l2_edid,
  v4l2_enc_idx,
  v4l2_encoder_cmd,
  v4l2_enum_dv_timings,
  v4l2_event,
  v4l2_event_subscription,
  v4l2_exportbuffer,
  v4l2_ext_control,
  v4l2_ext_controls,
  v4l2_fmtdesc,
  v4l2_format,
  v4l2_framebuffer,
  v4l2_frequency,
  v4l2_frequency_band,
  v4l2_frmivalenum,
  v4l2_frmsizeenum,
  v4l2_hw_freq_seek,
  v4l2_input,
  v4l2_jpegcompression,
  v4l2_modulator,
  v4l2_output,
  v4l2_plane,
  v4l2_query_ext_ctrl,
  v4l2_queryctrl,
  v4l2_querymenu,
  v4l2_remove_buffers,
  v4l2_requestbuffers,
  v4l2_selection,
  v4l2_sliced_vbi_cap,
  v4l2_standard,
  v4l2_streamparm,
  v4l2_tuner,
} from '../../../abi/index.ts';
import type { Caller, File } from '../../../vfs/file.ts';
import type { V4l2Fh } from '../../v4l2-fh.ts';

/** The argument of an ioctl that is one number, to be read or set. */
export interface ScalarView {
  value: number;
}

// Declared as methods: the core, which does not know D, holds tables of every driver in one type.
export type IoctlOp<D, F, V> = {
  op(file: File, fh: V4l2Fh<D, F>, argument: V, caller: Caller): void;
}['op'];
/** An op whose argument points to an array, which has been copied in; undefined if it has no elements. */
export type ArrayIoctlOp<D, F, V, E> = {
  op(file: File, fh: V4l2Fh<D, F>, argument: V, caller: Caller, array?: readonly E[]): void;
}['op'];
/** An op that may return WOULD_BLOCK. */
export type BlockingIoctlOp<D, F, V, E = never> = {
  op(file: File, fh: V4l2Fh<D, F>, argument: V, caller: Caller, array?: readonly E[]): number | undefined;
}['op'];

/** How the names of format ops say which buffer type they are for. */
export type BufTypeSuffix =
  | 'vid_cap'
  | 'vid_out'
  | 'vid_overlay'
  | 'vbi_cap'
  | 'vbi_out'
  | 'sliced_vbi_cap'
  | 'sliced_vbi_out'
  | 'vid_out_overlay'
  | 'vid_cap_mplane'
  | 'vid_out_mplane'
  | 'sdr_cap'
  | 'sdr_out'
  | 'meta_cap'
  | 'meta_out';

/** `vidioc_enum_fmt_vid_cap` and `_vid_out` serve the multi-planar types as well. */
export type EnumFmtSuffix = Exclude<
  BufTypeSuffix,
  | 'vbi_cap'
  | 'vbi_out'
  | 'sliced_vbi_cap'
  | 'sliced_vbi_out'
  | 'vid_out_overlay'
  | 'vid_cap_mplane'
  | 'vid_out_mplane'
>;

/**
 * The format of each buffer type. Get fills it in. Try changes what is asked for to what the driver can do
 * and never fails for a value it does not like. Set does what try does and makes it so; EBUSY while buffers
 * of the old size exist. A type without `vidioc_g_fmt_…` is not there: EINVAL for every ioctl with a type.
 */
type FormatOps<D, F> = {
  [K in `vidioc_${'g' | 's' | 'try'}_fmt_${BufTypeSuffix}`]?: IoctlOp<D, F, v4l2_format>;
} & {
  /** Fills in `pixelformat` number `index`, EINVAL past the last; the core adds description and flags. */
  [K in `vidioc_enum_fmt_${EnumFmtSuffix}`]?: IoctlOp<D, F, v4l2_fmtdesc>;
};

interface DeviceOps<D, F> {
  /**
   * Fills in driver, card and bus_info; may add to `capabilities` what other nodes of the device can. The rest is the
   * core's. Every driver has it.
   */
  vidioc_querycap?: IoctlOp<D, F, v4l2_capability>;
  vidioc_log_status?: IoctlOp<D, F, undefined>;
  vidioc_g_register?: IoctlOp<D, F, v4l2_dbg_register>;
  vidioc_s_register?: IoctlOp<D, F, v4l2_dbg_register>;
  vidioc_g_chip_info?: IoctlOp<D, F, v4l2_dbg_chip_info>;
  vidioc_g_fbuf?: IoctlOp<D, F, v4l2_framebuffer>;
  vidioc_s_fbuf?: IoctlOp<D, F, v4l2_framebuffer>;
  vidioc_overlay?: IoctlOp<D, F, number>;
}

/** `vb2IoctlOps` has all of these for a driver with a videobuf2 queue. */
interface BufferOps<D, F> {
  vidioc_reqbufs?: IoctlOp<D, F, v4l2_requestbuffers>;
  vidioc_create_bufs?: IoctlOp<D, F, v4l2_create_buffers>;
  vidioc_querybuf?: ArrayIoctlOp<D, F, v4l2_buffer, v4l2_plane>;
  vidioc_prepare_buf?: ArrayIoctlOp<D, F, v4l2_buffer, v4l2_plane>;
  vidioc_qbuf?: ArrayIoctlOp<D, F, v4l2_buffer, v4l2_plane>;
  vidioc_dqbuf?: BlockingIoctlOp<D, F, v4l2_buffer, v4l2_plane>;
  vidioc_expbuf?: IoctlOp<D, F, v4l2_exportbuffer>;
  vidioc_remove_bufs?: IoctlOp<D, F, v4l2_remove_buffers>;
  vidioc_streamon?: IoctlOp<D, F, number>;
  vidioc_streamoff?: IoctlOp<D, F, number>;
}

interface StreamOps<D, F> {
  /** Fills in `parm`; the core has set readbuffers or writebuffers already. */
  vidioc_g_parm?: IoctlOp<D, F, v4l2_streamparm>;
  /** As `vidioc_g_parm`, after taking the nearest possible time per frame; 0 in it asks for the default. */
  vidioc_s_parm?: IoctlOp<D, F, v4l2_streamparm>;
  /** Frame size number `index` of `pixel_format`, EINVAL past the last and for a format it does not have. */
  vidioc_enum_framesizes?: IoctlOp<D, F, v4l2_frmsizeenum>;
  /** As `vidioc_enum_framesizes`, for one size. */
  vidioc_enum_frameintervals?: IoctlOp<D, F, v4l2_frmivalenum>;
  vidioc_g_selection?: IoctlOp<D, F, v4l2_selection>;
  vidioc_s_selection?: IoctlOp<D, F, v4l2_selection>;
  vidioc_g_jpegcomp?: IoctlOp<D, F, v4l2_jpegcompression>;
  vidioc_s_jpegcomp?: IoctlOp<D, F, v4l2_jpegcompression>;
  vidioc_g_enc_index?: IoctlOp<D, F, v4l2_enc_idx>;
  vidioc_encoder_cmd?: IoctlOp<D, F, v4l2_encoder_cmd>;
  vidioc_try_encoder_cmd?: IoctlOp<D, F, v4l2_encoder_cmd>;
  vidioc_decoder_cmd?: IoctlOp<D, F, v4l2_decoder_cmd>;
  vidioc_try_decoder_cmd?: IoctlOp<D, F, v4l2_decoder_cmd>;
  vidioc_g_sliced_vbi_cap?: IoctlOp<D, F, v4l2_sliced_vbi_cap>;
}

interface InputOps<D, F> {
  /** Fills in input number `index`, EINVAL past the last. */
  vidioc_enum_input?: IoctlOp<D, F, v4l2_input>;
  vidioc_g_input?: IoctlOp<D, F, ScalarView>;
  /** EINVAL for an input that is not there. */
  vidioc_s_input?: IoctlOp<D, F, number>;
  vidioc_enum_output?: IoctlOp<D, F, v4l2_output>;
  vidioc_g_output?: IoctlOp<D, F, ScalarView>;
  vidioc_s_output?: IoctlOp<D, F, number>;
  vidioc_enumaudio?: IoctlOp<D, F, v4l2_audio>;
  vidioc_g_audio?: IoctlOp<D, F, v4l2_audio>;
  vidioc_s_audio?: IoctlOp<D, F, v4l2_audio>;
  vidioc_enumaudout?: IoctlOp<D, F, v4l2_audioout>;
  vidioc_g_audout?: IoctlOp<D, F, v4l2_audioout>;
  vidioc_s_audout?: IoctlOp<D, F, v4l2_audioout>;
  vidioc_enumstd?: IoctlOp<D, F, v4l2_standard>;
  vidioc_g_std?: IoctlOp<D, F, ScalarView>;
  vidioc_s_std?: IoctlOp<D, F, number>;
  vidioc_querystd?: IoctlOp<D, F, ScalarView>;
  vidioc_g_tuner?: IoctlOp<D, F, v4l2_tuner>;
  vidioc_s_tuner?: IoctlOp<D, F, v4l2_tuner>;
  vidioc_g_modulator?: IoctlOp<D, F, v4l2_modulator>;
  vidioc_s_modulator?: IoctlOp<D, F, v4l2_modulator>;
  vidioc_g_frequency?: IoctlOp<D, F, v4l2_frequency>;
  vidioc_s_frequency?: IoctlOp<D, F, v4l2_frequency>;
  vidioc_enum_freq_bands?: IoctlOp<D, F, v4l2_frequency_band>;
  vidioc_s_hw_freq_seek?: IoctlOp<D, F, v4l2_hw_freq_seek>;
  /** The array are the blocks, of 128 bytes each. */
  vidioc_g_edid?: ArrayIoctlOp<D, F, v4l2_edid, StructView>;
  /** The array are the blocks, of 128 bytes each. */
  vidioc_s_edid?: ArrayIoctlOp<D, F, v4l2_edid, StructView>;
  vidioc_g_dv_timings?: IoctlOp<D, F, v4l2_dv_timings>;
  vidioc_s_dv_timings?: IoctlOp<D, F, v4l2_dv_timings>;
  vidioc_query_dv_timings?: IoctlOp<D, F, v4l2_dv_timings>;
  vidioc_enum_dv_timings?: IoctlOp<D, F, v4l2_enum_dv_timings>;
  vidioc_dv_timings_cap?: IoctlOp<D, F, v4l2_dv_timings_cap>;
}

export interface ControlOps<D, F> {
  vidioc_queryctrl?: IoctlOp<D, F, v4l2_queryctrl>;
  vidioc_query_ext_ctrl?: IoctlOp<D, F, v4l2_query_ext_ctrl>;
  vidioc_querymenu?: IoctlOp<D, F, v4l2_querymenu>;
  vidioc_g_ctrl?: IoctlOp<D, F, v4l2_control>;
  vidioc_s_ctrl?: IoctlOp<D, F, v4l2_control>;
  vidioc_g_ext_ctrls?: ArrayIoctlOp<D, F, v4l2_ext_controls, v4l2_ext_control>;
  vidioc_s_ext_ctrls?: ArrayIoctlOp<D, F, v4l2_ext_controls, v4l2_ext_control>;
  vidioc_try_ext_ctrls?: ArrayIoctlOp<D, F, v4l2_ext_controls, v4l2_ext_control>;
  vidioc_subscribe_event?: IoctlOp<D, F, v4l2_event_subscription>;
  vidioc_unsubscribe_event?: IoctlOp<D, F, v4l2_event_subscription>;
  vidioc_dqevent?: BlockingIoctlOp<D, F, v4l2_event>;
}

/** @kernel v4l2_ioctl_ops */
export type V4l2IoctlOps<D = unknown, F = unknown> = DeviceOps<D, F> &
  FormatOps<D, F> &
  BufferOps<D, F> &
  StreamOps<D, F> &
  InputOps<D, F> &
  ControlOps<D, F>;

export type IoctlOpName = keyof V4l2IoctlOps;
