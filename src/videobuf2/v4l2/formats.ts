/** What CREATE_BUFS and REQBUFS say in V4L2 structs about memory. */
import {
  V4L2_BUF_CAP_SUPPORTS_DMABUF,
  V4L2_BUF_CAP_SUPPORTS_MMAP,
  V4L2_BUF_CAP_SUPPORTS_MMAP_CACHE_HINTS,
  V4L2_BUF_CAP_SUPPORTS_ORPHANED_BUFS,
  V4L2_BUF_CAP_SUPPORTS_REMOVE_BUFS,
  V4L2_BUF_CAP_SUPPORTS_USERPTR,
  V4L2_BUF_TYPE_META_CAPTURE,
  V4L2_BUF_TYPE_META_OUTPUT,
  V4L2_BUF_TYPE_SDR_CAPTURE,
  V4L2_BUF_TYPE_SDR_OUTPUT,
  V4L2_BUF_TYPE_SLICED_VBI_CAPTURE,
  V4L2_BUF_TYPE_SLICED_VBI_OUTPUT,
  V4L2_BUF_TYPE_VBI_CAPTURE,
  V4L2_BUF_TYPE_VBI_OUTPUT,
  V4L2_BUF_TYPE_VIDEO_CAPTURE,
  V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE,
  V4L2_BUF_TYPE_VIDEO_OUTPUT,
  V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE,
  V4L2_MEMORY_FLAG_NON_COHERENT,
  V4L2_MEMORY_MMAP,
  VIDEO_MAX_PLANES,
  type v4l2_format,
  type v4l2_pix_format_mplane,
} from '../../abi/index.ts';
import { EINVAL, Errno } from '../../base/errno.ts';
import { VB2_DMABUF, VB2_MMAP, VB2_USERPTR } from '../core/io-modes.ts';
import type { Vb2Queue } from '../core/queue.ts';

/** V4L2_BUF_CAP_* of the queue. */
export function bufferCapabilities(q: Vb2Queue): number {
  let caps = V4L2_BUF_CAP_SUPPORTS_ORPHANED_BUFS;
  if ((q.ioModes & VB2_MMAP) !== 0) {
    caps |= V4L2_BUF_CAP_SUPPORTS_MMAP;
    if (q.allowCacheHints) caps |= V4L2_BUF_CAP_SUPPORTS_MMAP_CACHE_HINTS;
  }
  if ((q.ioModes & VB2_USERPTR) !== 0) caps |= V4L2_BUF_CAP_SUPPORTS_USERPTR;
  if ((q.ioModes & VB2_DMABUF) !== 0) caps |= V4L2_BUF_CAP_SUPPORTS_DMABUF;
  if (q.supportsRemoveBufs) caps |= V4L2_BUF_CAP_SUPPORTS_REMOVE_BUFS;
  return caps;
}

/** V4L2_MEMORY_FLAG_* that mean something; the rest is cleared in what the program gets back. */
export function memoryFlags(q: Vb2Queue, memory: number, flags: number): number {
  if (!q.allowCacheHints || memory !== V4L2_MEMORY_MMAP) return 0;
  return flags & V4L2_MEMORY_FLAG_NON_COHERENT;
}

function sizesOfPlanes(pix: v4l2_pix_format_mplane): number[] {
  if (pix.num_planes === 0 || pix.num_planes > VIDEO_MAX_PLANES) {
    throw new Errno(EINVAL, `the format has ${pix.num_planes} planes`);
  }
  const sizes: number[] = [];
  for (let n = 0; n < pix.num_planes; n++) sizes.push(pix.plane_fmt.get(n).sizeimage);
  return sizes;
}

function sizesOf(format: v4l2_format): number[] {
  const { fmt, type } = format;
  switch (type) {
    case V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE:
    case V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE:
      return sizesOfPlanes(fmt.pix_mp);
    case V4L2_BUF_TYPE_VIDEO_CAPTURE:
    case V4L2_BUF_TYPE_VIDEO_OUTPUT:
      return [fmt.pix.sizeimage];
    case V4L2_BUF_TYPE_VBI_CAPTURE:
    case V4L2_BUF_TYPE_VBI_OUTPUT:
      return [fmt.vbi.samples_per_line * (fmt.vbi.count.get(0) + fmt.vbi.count.get(1))];
    case V4L2_BUF_TYPE_SLICED_VBI_CAPTURE:
    case V4L2_BUF_TYPE_SLICED_VBI_OUTPUT:
      return [fmt.sliced.io_size];
    case V4L2_BUF_TYPE_SDR_CAPTURE:
    case V4L2_BUF_TYPE_SDR_OUTPUT:
      return [fmt.sdr.buffersize];
    case V4L2_BUF_TYPE_META_CAPTURE:
    case V4L2_BUF_TYPE_META_OUTPUT:
      return [fmt.meta.buffersize];
    default:
      throw new Errno(EINVAL, `buffer type ${type} has no frames`);
  }
}

/** The bytes of each plane that a format asks for. Throws EINVAL if a plane would have none. */
export function planeSizes(format: v4l2_format): number[] {
  const sizes = sizesOf(format);
  if (sizes.includes(0)) throw new Errno(EINVAL, 'the format has a plane of 0 bytes');
  return sizes;
}
