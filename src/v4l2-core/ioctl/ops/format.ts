import type { v4l2_fmtdesc, v4l2_format } from '../../../abi/index.ts';
import type { IoctlOp } from './op.ts';

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

type Suffixed<Verb extends string> = `vidioc_${Verb}_fmt_${BufTypeSuffix}`;

/**
 * Fills in the format as it is now: width and height in pixels, `bytesperline` and `sizeimage` in bytes, field order,
 * colorimetry. Must not fail. A type without it is not there: EINVAL for every ioctl that names the type.
 *
 * @kernel vidioc_g_fmt_vid_cap
 */
type GetFmt<D, F> = { [K in Suffixed<'g'>]?: IoctlOp<D, F, v4l2_format> };

/**
 * Changes what is asked for to the nearest that the driver can do, and changes nothing in the driver: the answer is what
 * `s_fmt` would set. Never fails for a value it does not like, unknown pixel formats included (give the default); the
 * core has cleared what the program is not to set, and checks the result.
 *
 * @kernel vidioc_try_fmt_vid_cap
 */
type TryFmt<D, F> = { [K in Suffixed<'try'>]?: IoctlOp<D, F, v4l2_format> };

/**
 * Does what `try_fmt` does and makes it so, for all open files of the node. EBUSY while there are buffers of the old size
 * (`queue.isBusy()`), and for nothing else.
 *
 * @kernel vidioc_s_fmt_vid_cap
 */
type SetFmt<D, F> = { [K in Suffixed<'s'>]?: IoctlOp<D, F, v4l2_format> };

/**
 * Fills in `pixelformat` number `index`, EINVAL past the last; `type` is one that the op serves. The core adds description
 * and flags for formats that it knows; for others the driver does.
 *
 * @kernel vidioc_enum_fmt_vid_cap
 */
type EnumFmt<D, F> = { [K in `vidioc_enum_fmt_${EnumFmtSuffix}`]?: IoctlOp<D, F, v4l2_fmtdesc> };

/** The format of each buffer type. */
export type FormatOps<D, F> = GetFmt<D, F> & TryFmt<D, F> & SetFmt<D, F> & EnumFmt<D, F>;
