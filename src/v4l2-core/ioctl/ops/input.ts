import type {
  StructView,
  v4l2_audio,
  v4l2_audioout,
  v4l2_dv_timings,
  v4l2_dv_timings_cap,
  v4l2_edid,
  v4l2_enum_dv_timings,
  v4l2_frequency,
  v4l2_frequency_band,
  v4l2_hw_freq_seek,
  v4l2_input,
  v4l2_modulator,
  v4l2_output,
  v4l2_tuner,
} from '../../../abi/index.ts';
import type { ArrayIoctlOp, IoctlOp, ScalarView } from './op.ts';

/** Inputs and outputs, of pictures and of sound. */
export interface InputOps<D, F> {
  /**
   * Fills in input number `index`: name, type, status, standards; EINVAL past the last. The core has set what
   * follows from the ioctls that there are.
   *
   * @kernel vidioc_enum_input
   */
  vidioc_enum_input?: IoctlOp<D, F, v4l2_input>;

  /** The number of the input that is used now. Must not fail. @kernel vidioc_g_input */
  vidioc_g_input?: IoctlOp<D, F, ScalarView>;

  /**
   * Uses another input, with the standard, timings and format that go with it. EINVAL for one that is not there,
   * EBUSY while there are buffers if that changes the format.
   *
   * @kernel vidioc_s_input
   */
  vidioc_s_input?: IoctlOp<D, F, number>;

  /** As `vidioc_enum_input`, for outputs. @kernel vidioc_enum_output */
  vidioc_enum_output?: IoctlOp<D, F, v4l2_output>;

  /** As `vidioc_g_input`. @kernel vidioc_g_output */
  vidioc_g_output?: IoctlOp<D, F, ScalarView>;

  /** As `vidioc_s_input`. @kernel vidioc_s_output */
  vidioc_s_output?: IoctlOp<D, F, number>;

  /** Fills in audio input number `index`, EINVAL past the last. @kernel vidioc_enumaudio */
  vidioc_enumaudio?: IoctlOp<D, F, v4l2_audio>;

  /**
   * Describes the audio input that is used now; EINVAL if the picture's input has no sound.
   *
   * @kernel vidioc_g_audio
   */
  vidioc_g_audio?: IoctlOp<D, F, v4l2_audio>;

  /** Uses audio input `index` in `mode`; EINVAL for one that is not there. @kernel vidioc_s_audio */
  vidioc_s_audio?: IoctlOp<D, F, v4l2_audio>;

  /** As `vidioc_enumaudio`, for outputs. @kernel vidioc_enumaudout */
  vidioc_enumaudout?: IoctlOp<D, F, v4l2_audioout>;

  /** As `vidioc_g_audio`. @kernel vidioc_g_audout */
  vidioc_g_audout?: IoctlOp<D, F, v4l2_audioout>;

  /** As `vidioc_s_audio`. @kernel vidioc_s_audout */
  vidioc_s_audout?: IoctlOp<D, F, v4l2_audioout>;
}

/** Analog television and radio. */
export interface TunerOps<D, F> {
  /** The standard that is set (V4L2_STD_* bits); ENODATA for an input that has none. @kernel vidioc_g_std */
  vidioc_g_std?: IoctlOp<D, F, ScalarView>;

  /**
   * Sets the standard, or one of several that are asked for; the core has left out what `vdev.tvnorms` has not, and with
   * this op answers VIDIOC_ENUMSTD by that. EBUSY while there are buffers of another size, ENODATA for an input that has
   * none.
   *
   * @kernel vidioc_s_std
   */
  vidioc_s_std?: IoctlOp<D, F, number>;

  /**
   * Which standards it may be that the input receives now: takes away from `vdev.tvnorms`, which it finds, or says 0 if
   * there is no signal; ENODATA for an input that has none. It must not change what is set.
   *
   * @kernel vidioc_querystd
   */
  vidioc_querystd?: IoctlOp<D, F, ScalarView>;

  /**
   * Fills in tuner `index`: range and steps (units of 62.5 kHz, or 62.5 Hz with V4L2_TUNER_CAP_LOW, or 1 Hz with
   * _1HZ), signal strength (0 … 65535), what sound it receives. EINVAL past the last.
   *
   * @kernel vidioc_g_tuner
   */
  vidioc_g_tuner?: IoctlOp<D, F, v4l2_tuner>;

  /**
   * Sets `audmode` of a tuner to the nearest that is possible; EINVAL for one that is not there.
   *
   * @kernel vidioc_s_tuner
   */
  vidioc_s_tuner?: IoctlOp<D, F, v4l2_tuner>;

  /** As `vidioc_g_tuner`, for what sends. @kernel vidioc_g_modulator */
  vidioc_g_modulator?: IoctlOp<D, F, v4l2_modulator>;

  /** Sets `txsubchans` of a modulator; EINVAL for one that is not there. @kernel vidioc_s_modulator */
  vidioc_s_modulator?: IoctlOp<D, F, v4l2_modulator>;

  /**
   * The frequency (units of the tuner) that tuner or modulator `tuner` is at, and its `type`. EINVAL if it is not
   * there.
   *
   * @kernel vidioc_g_frequency
   */
  vidioc_g_frequency?: IoctlOp<D, F, v4l2_frequency>;

  /**
   * Tunes to the nearest frequency within the range. EINVAL for a tuner or a type that is not there, EBUSY during a
   * seek.
   *
   * @kernel vidioc_s_frequency
   */
  vidioc_s_frequency?: IoctlOp<D, F, v4l2_frequency>;

  /** Fills in band `index` of a tuner, EINVAL past the last. @kernel vidioc_enum_freq_bands */
  vidioc_enum_freq_bands?: IoctlOp<D, F, v4l2_frequency_band>;

  /**
   * Looks for the next station, up or down; the frequency is as before when it fails. ENODATA if there is none,
   * EINVAL for bounds it cannot keep, EAGAIN with O_NONBLOCK.
   *
   * @kernel vidioc_s_hw_freq_seek
   */
  vidioc_s_hw_freq_seek?: IoctlOp<D, F, v4l2_hw_freq_seek>;
}

/** Digital video: HDMI and its like. */
export interface TimingsOps<D, F> {
  /**
   * Blocks `start_block` … of the EDID of input `pad`: 128 bytes each, one element of the array. Sets `blocks` to
   * how many there are from there on; EINVAL for a start past the last, ENODATA without EDID. `blocks` 0 asks how
   * many there are.
   *
   * @kernel vidioc_g_edid
   */
  vidioc_g_edid?: ArrayIoctlOp<D, F, v4l2_edid, StructView>;

  /**
   * Sets the EDID of input `pad`; `blocks` 0 takes it away. E2BIG, with `blocks` at what is possible, for one that
   * is too long.
   *
   * @kernel vidioc_s_edid
   */
  vidioc_s_edid?: ArrayIoctlOp<D, F, v4l2_edid, StructView>;

  /** The timings that are set; ENODATA for an input that has none. @kernel vidioc_g_dv_timings */
  vidioc_g_dv_timings?: IoctlOp<D, F, v4l2_dv_timings>;

  /**
   * Sets timings, and the format that goes with them. ERANGE for those that are impossible, EBUSY while there are
   * buffers of another size, ENODATA for an input that has none.
   *
   * @kernel vidioc_s_dv_timings
   */
  vidioc_s_dv_timings?: IoctlOp<D, F, v4l2_dv_timings>;

  /**
   * The timings that arrive now; it must not change what is set. ENOLINK without signal, ENOLCK with one that does
   * not hold, ERANGE for one that is out of range (the timings are told all the same).
   *
   * @kernel vidioc_query_dv_timings
   */
  vidioc_query_dv_timings?: IoctlOp<D, F, v4l2_dv_timings>;

  /**
   * Fills in timings number `index` of those that are possible, EINVAL past the last, ENODATA for an input that has
   * none.
   *
   * @kernel vidioc_enum_dv_timings
   */
  vidioc_enum_dv_timings?: IoctlOp<D, F, v4l2_enum_dv_timings>;

  /**
   * Within which bounds timings can be set (pixels, Hz); ENODATA for an input that has none.
   *
   * @kernel vidioc_dv_timings_cap
   */
  vidioc_dv_timings_cap?: IoctlOp<D, F, v4l2_dv_timings_cap>;
}
