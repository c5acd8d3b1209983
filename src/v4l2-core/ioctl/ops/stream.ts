import type {
  v4l2_cropcap,
  v4l2_decoder_cmd,
  v4l2_enc_idx,
  v4l2_encoder_cmd,
  v4l2_frmivalenum,
  v4l2_frmsizeenum,
  v4l2_jpegcompression,
  v4l2_selection,
  v4l2_sliced_vbi_cap,
  v4l2_streamparm,
} from '../../../abi/index.ts';
import type { IoctlOp } from './op.ts';

/** How a stream is: frames a second, sizes, rectangles, and what encoders and decoders are told. */
export interface StreamOps<D, F> {
  /**
   * Fills in `timeperframe` (seconds, as a fraction) and V4L2_CAP_TIMEPERFRAME if that can be changed; the core has set
   * how many buffers read() or write() uses. Must not fail for a type that there is a format for.
   *
   * @kernel vidioc_g_parm
   */
  vidioc_g_parm?: IoctlOp<D, F, v4l2_streamparm>;

  /**
   * As `vidioc_g_parm`, after taking the nearest possible time per frame; 0 in numerator or denominator asks for the
   * default. EBUSY if it cannot be changed while streaming.
   *
   * @kernel vidioc_s_parm
   */
  vidioc_s_parm?: IoctlOp<D, F, v4l2_streamparm>;

  /**
   * Frame size number `index` of `pixel_format`: DISCRETE, one after the other, or for index 0 alone STEPWISE or
   * CONTINUOUS (pixels). EINVAL past the last and for a format that the device does not have.
   *
   * @kernel vidioc_enum_framesizes
   */
  vidioc_enum_framesizes?: IoctlOp<D, F, v4l2_frmsizeenum>;

  /**
   * As `vidioc_enum_framesizes`, the times per frame (seconds) for one size; EINVAL also for a size that is not
   * there.
   *
   * @kernel vidioc_enum_frameintervals
   */
  vidioc_enum_frameintervals?: IoctlOp<D, F, v4l2_frmivalenum>;

  /**
   * Fills in rectangle `target` (pixels; V4L2_SEL_TGT_*) of a type; the core has made multi-planar types single-planar,
   * and asks here for CROPCAP and G_CROP too. EINVAL for a target or a type that is not there.
   *
   * @kernel vidioc_g_selection
   */
  vidioc_g_selection?: IoctlOp<D, F, v4l2_selection>;

  /**
   * Sets a rectangle to the nearest that is possible under `flags` (V4L2_SEL_FLAG_GE, _LE: not smaller, not larger) and
   * says which that is. ERANGE if the flags leave none, EBUSY if it would change the size of frames that there are
   * buffers for, EINVAL for a target that is read-only or not there. Also for S_CROP.
   *
   * @kernel vidioc_s_selection
   */
  vidioc_s_selection?: IoctlOp<D, F, v4l2_selection>;

  /**
   * Fills in `pixelaspect`, the height of a pixel by its width, for the single-planar `type`; the core has put 1/1 there, and
   * fills in the rest. Without it pixels are square.
   *
   * @kernel vidioc_g_pixelaspect
   */
  vidioc_g_pixelaspect?: IoctlOp<D, F, v4l2_cropcap>;

  /**
   * The quality (0 … 100) and markers of JPEG frames, as it was before there were controls for it.
   *
   * @kernel vidioc_g_jpegcomp
   */
  vidioc_g_jpegcomp?: IoctlOp<D, F, v4l2_jpegcompression>;

  /** Takes the nearest quality that is possible. @kernel vidioc_s_jpegcomp */
  vidioc_s_jpegcomp?: IoctlOp<D, F, v4l2_jpegcompression>;

  /**
   * Hands out the up to 64 entries (offset, bytes, time stamp) that an encoder has made since the last call.
   *
   * @kernel vidioc_g_enc_index
   */
  vidioc_g_enc_index?: IoctlOp<D, F, v4l2_enc_idx>;

  /**
   * Starts, stops, pauses or resumes an encoder; clears flags it does not know. EINVAL for a command it does not
   * have, EPERM when it is the wrong moment.
   *
   * @kernel vidioc_encoder_cmd
   */
  vidioc_encoder_cmd?: IoctlOp<D, F, v4l2_encoder_cmd>;

  /** As `vidioc_encoder_cmd`, but only says whether it would do it. @kernel vidioc_try_encoder_cmd */
  vidioc_try_encoder_cmd?: IoctlOp<D, F, v4l2_encoder_cmd>;

  /** The same for a decoder; `start.speed` is in thousandths of the normal one. @kernel vidioc_decoder_cmd */
  vidioc_decoder_cmd?: IoctlOp<D, F, v4l2_decoder_cmd>;

  /** As `vidioc_decoder_cmd`, but only says whether it would do it. @kernel vidioc_try_decoder_cmd */
  vidioc_try_decoder_cmd?: IoctlOp<D, F, v4l2_decoder_cmd>;

  /**
   * Which sliced VBI services the device can take from or put into which line, for `type`.
   *
   * @kernel vidioc_g_sliced_vbi_cap
   */
  vidioc_g_sliced_vbi_cap?: IoctlOp<D, F, v4l2_sliced_vbi_cap>;
}
