/** The core's part of the format ioctls: which type, what the program may set, what drivers need not fill in. */
import {
  fourccToString,
  V4L2_BUF_TYPE_META_CAPTURE,
  V4L2_BUF_TYPE_META_OUTPUT,
  V4L2_BUF_TYPE_SDR_CAPTURE,
  V4L2_BUF_TYPE_SDR_OUTPUT,
  V4L2_BUF_TYPE_SLICED_VBI_CAPTURE,
  V4L2_BUF_TYPE_SLICED_VBI_OUTPUT,
  V4L2_BUF_TYPE_VBI_CAPTURE,
  V4L2_BUF_TYPE_VBI_OUTPUT,
  V4L2_CAP_IO_MC,
  V4L2_FMT_FLAG_COMPRESSED,
  V4L2_PIX_FMT_PRIV_MAGIC,
  V4L2_TYPE_IS_MULTIPLANAR,
  VIDEO_MAX_PLANES,
  v4l2_fmtdesc,
  v4l2_format,
  v4l2_meta_format,
  v4l2_pix_format,
  v4l2_pix_format_mplane,
  v4l2_sdr_format,
  v4l2_sliced_vbi_format,
  v4l2_vbi_format,
  v4l2_window,
} from '../../abi/index.ts';
import { formatName } from '../../abi/pixel/names.ts';
import { EINVAL, Errno } from '../../base/errno.ts';
import type { Caller, File } from '../../vfs/file.ts';
import { enumFmtSuffix, type FormatOps, formatOps, hasPixFormat } from '../buf-types.ts';
import type { V4l2Fh } from '../v4l2-fh.ts';
import { endOf } from './row.ts';

/** EINVAL if the device has no buffers of this type. @kernel check_fmt */
export function checkFmt(fh: V4l2Fh, type: number): void {
  if (!fh.vdev.hasBufType(type)) throw new Errno(EINVAL, `the device has no buffers of type ${type}`);
}

/** EINVAL if there is no format of just this type: a single-planar one has none on a multi-planar node. */
function checkHasFormat(fh: V4l2Fh, type: number): FormatOps {
  checkFmt(fh, type);
  const ops = formatOps(type);
  if (ops === undefined || fh.vdev.ioctlOps[ops.g] === undefined)
    throw new Errno(EINVAL, `the device has no format of type ${type}`);
  return ops;
}

const FMT = v4l2_format.offsets.fmt;
const PIX_END = FMT + v4l2_pix_format.size;

/** Where in a `v4l2_format` the bytes end that a program sets; the rest is reserved. */
function formatEnd(type: number): number {
  if (hasPixFormat(type)) return PIX_END;
  if (V4L2_TYPE_IS_MULTIPLANAR(type)) return FMT + endOf(v4l2_pix_format_mplane, 'xfer_func');
  switch (type) {
    case V4L2_BUF_TYPE_VBI_CAPTURE:
    case V4L2_BUF_TYPE_VBI_OUTPUT:
      return FMT + endOf(v4l2_vbi_format, 'flags');
    case V4L2_BUF_TYPE_SLICED_VBI_CAPTURE:
    case V4L2_BUF_TYPE_SLICED_VBI_OUTPUT:
      return FMT + endOf(v4l2_sliced_vbi_format, 'io_size');
    case V4L2_BUF_TYPE_SDR_CAPTURE:
    case V4L2_BUF_TYPE_SDR_OUTPUT:
      return FMT + endOf(v4l2_sdr_format, 'buffersize');
    case V4L2_BUF_TYPE_META_CAPTURE:
    case V4L2_BUF_TYPE_META_OUTPUT:
      return FMT + v4l2_meta_format.size;
    default:
      return FMT + v4l2_window.size;
  }
}

const PRIV_END = endOf(v4l2_pix_format, 'priv');

/**
 * Programs from before 2014 do not know the fields behind `priv` and leave rubbish in them. One that knows
 * them says so with a magic number; for the others they are cleared, so that drivers need not care.
 *
 * @kernel v4l_sanitize_format
 */
export function sanitizeFormat(f: v4l2_format): void {
  if (V4L2_TYPE_IS_MULTIPLANAR(f.type)) {
    f.fmt.pix_mp.num_planes = Math.min(f.fmt.pix_mp.num_planes, VIDEO_MAX_PLANES);
    return;
  }
  const pix = f.fmt.pix;
  if (!hasPixFormat(f.type) || pix.priv === V4L2_PIX_FMT_PRIV_MAGIC) return;
  pix.$bytes.fill(0, PRIV_END);
  pix.priv = V4L2_PIX_FMT_PRIV_MAGIC;
}

/** What the driver gave back says that all its fields count, whatever the driver did to `priv`. */
export function markExtended(f: v4l2_format): void {
  if (hasPixFormat(f.type)) f.fmt.pix.priv = V4L2_PIX_FMT_PRIV_MAGIC;
}

function clearReserved(f: v4l2_format): void {
  f.$bytes.fill(0, formatEnd(f.type));
  if (!V4L2_TYPE_IS_MULTIPLANAR(f.type)) return;
  const { plane_fmt, num_planes } = f.fmt.pix_mp;
  for (let plane = 0; plane < num_planes; plane++) {
    const reserved = plane_fmt.get(plane).reserved;
    for (let i = 0; i < reserved.length; i++) reserved.set(i, 0);
  }
}

/** Description and flags of a format are the core's, so that all drivers say the same. @kernel v4l_fill_fmtdesc */
function fillFmtdesc(desc: v4l2_fmtdesc): void {
  const name = formatName(desc.pixelformat);
  if (name === undefined) {
    if (desc.description === '') desc.description = fourccToString(desc.pixelformat);
    return;
  }
  desc.description = name.description;
  if (name.compressed) desc.flags |= V4L2_FMT_FLAG_COMPRESSED;
}

export function v4lEnumFmt(file: File, fh: V4l2Fh, desc: v4l2_fmtdesc, caller: Caller): void {
  checkHasFormat(fh, desc.type);
  const suffix = enumFmtSuffix(desc.type);
  const op = suffix && fh.vdev.ioctlOps[`vidioc_enum_fmt_${suffix}`];
  if (op === undefined) throw new Errno(EINVAL, `formats of type ${desc.type} cannot be enumerated`);
  const mbusCode = fh.vdev.deviceCaps & V4L2_CAP_IO_MC ? desc.mbus_code : 0;
  desc.$bytes.fill(0, endOf(v4l2_fmtdesc, 'type'));
  desc.mbus_code = mbusCode;
  op(file, fh, desc, caller);
  fillFmtdesc(desc);
}

export function v4lGFmt(file: File, fh: V4l2Fh, f: v4l2_format, caller: Caller): void {
  const ops = checkHasFormat(fh, f.type);
  f.$bytes.fill(0, FMT);
  markExtended(f);
  fh.vdev.ioctlOps[ops.g]?.(file, fh, f, caller);
  markExtended(f);
}

function setOrTry(verb: 's' | 'try', file: File, fh: V4l2Fh, f: v4l2_format, caller: Caller): void {
  const op = fh.vdev.ioctlOps[checkHasFormat(fh, f.type)[verb]];
  if (op === undefined) throw new Errno(EINVAL, `the format of type ${f.type} cannot be changed`);
  sanitizeFormat(f);
  clearReserved(f);
  op(file, fh, f, caller);
  markExtended(f);
}

export function v4lSFmt(file: File, fh: V4l2Fh, f: v4l2_format, caller: Caller): void {
  setOrTry('s', file, fh, f, caller);
}

export function v4lTryFmt(file: File, fh: V4l2Fh, f: v4l2_format, caller: Caller): void {
  setOrTry('try', file, fh, f, caller);
}
