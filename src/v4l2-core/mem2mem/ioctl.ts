/** What every mem2mem driver answers: spread `v4l2M2mIoctlOps` into the ioctl ops, use `v4l2M2mFops` as fops. */
import {
  V4L2_BUF_FLAG_BFRAME,
  V4L2_BUF_FLAG_KEYFRAME,
  V4L2_BUF_FLAG_PFRAME,
  V4L2_BUF_FLAG_REQUEST_FD,
  V4L2_BUF_FLAG_TIMECODE,
  V4L2_BUF_FLAG_TSTAMP_SRC_MASK,
  V4L2_MEMORY_MMAP,
  V4L2_TYPE_IS_MULTIPLANAR,
  V4L2_TYPE_IS_OUTPUT,
  type v4l2_buffer,
  type v4l2_plane,
} from '../../abi/index.ts';
import { driverBug } from '../../base/bug.ts';
import { ENODEV, EPERM, Errno } from '../../base/errno.ts';
import {
  type MmapRequest,
  POLLERR,
  POLLIN,
  POLLOUT,
  POLLRDNORM,
  POLLWRNORM,
  WOULD_BLOCK,
} from '../../vfs/file.ts';
import type { Vb2Buffer, Vb2Queue } from '../../videobuf2/index.ts';
import { coreHasDone, coreIsIdle, vb2Mmap, vb2Undqbuf } from '../../videobuf2/index.ts';
import { fhQueueIoctlOps } from '../fh-queue.ts';
import type { V4l2IoctlOps } from '../ioctl/ops/index.ts';
import type { V4l2Fh } from '../v4l2-fh.ts';
import type { V4l2FileOperations } from '../v4l2-fops.ts';
import { DST_QUEUE_OFF_BASE, m2mCtxOf, type V4l2M2mCtx } from './context.ts';

type Planes = readonly v4l2_plane[] | undefined;

const READABLE = POLLIN | POLLRDNORM;
const WRITABLE = POLLOUT | POLLWRNORM;

function ctxOf(fh: V4l2Fh): V4l2M2mCtx {
  const ctx = m2mCtxOf(fh);
  if (ctx !== undefined) return ctx;
  driverBug(`${fh.vdev.label}: open() must make a V4l2M2mCtx for the open file`);
  throw new Errno(ENODEV, 'the open file has no queues');
}

/** The queue of a context for a buffer type. @kernel v4l2_m2m_get_vq */
export function m2mGetVq(fh: V4l2Fh, type: number): Vb2Queue {
  const ctx = ctxOf(fh);
  return V4L2_TYPE_IS_OUTPUT(type) ? ctx.src : ctx.dst;
}

/** Mmap offsets of the capture queue, as programs see them. @kernel v4l2_m2m_adjust_mem_offset */
function moveOffsets(b: v4l2_buffer, planes: Planes): void {
  if (V4L2_TYPE_IS_OUTPUT(b.type) || b.memory !== V4L2_MEMORY_MMAP) return;
  if (!V4L2_TYPE_IS_MULTIPLANAR(b.type)) {
    b.m.offset += DST_QUEUE_OFF_BASE;
    return;
  }
  for (let n = 0; planes !== undefined && n < b.length; n++) {
    const plane = planes[n];
    if (plane !== undefined) plane.m.mem_offset += DST_QUEUE_OFF_BASE;
  }
}

const queueOps = fhQueueIoctlOps(m2mGetVq);

function schedule(fh: V4l2Fh): void {
  const ctx = ctxOf(fh);
  ctx.dev.trySchedule(ctx);
}

/** The streaming ioctls. @kernel v4l2_m2m_ioctl_reqbufs v4l2_m2m_ioctl_create_bufs v4l2_m2m_ioctl_expbuf */
export const v4l2M2mIoctlOps = {
  ...queueOps,

  /** @kernel v4l2_m2m_ioctl_querybuf */
  vidioc_querybuf(file, fh, b, caller, planes) {
    queueOps.vidioc_querybuf(file, fh, b, caller, planes);
    moveOffsets(b, planes);
  },

  /** @kernel v4l2_m2m_ioctl_prepare_buf */
  vidioc_prepare_buf(file, fh, b, caller, planes) {
    queueOps.vidioc_prepare_buf(file, fh, b, caller, planes);
    moveOffsets(b, planes);
  },

  /** @kernel v4l2_m2m_ioctl_qbuf */
  vidioc_qbuf(file, fh, b, caller, planes) {
    if (!m2mGetVq(fh, b.type).isOutput && (b.flags & V4L2_BUF_FLAG_REQUEST_FD) !== 0)
      throw new Errno(EPERM, 'requests take no capture buffers');
    queueOps.vidioc_qbuf(file, fh, b, caller, planes);
    moveOffsets(b, planes);
    // Poll stops saying ERR with the first buffer that is queued.
    if (m2mGetVq(fh, b.type).numQueued === 1) fh.file.pollWait.changed();
    schedule(fh);
  },

  /** @kernel v4l2_m2m_ioctl_dqbuf */
  vidioc_dqbuf(file, fh, b, caller, planes) {
    const ctx = ctxOf(fh);
    const result = queueOps.vidioc_dqbuf(file, fh, b, caller, planes);
    if (result === WOULD_BLOCK) return result;
    ctx.lastDequeued = m2mGetVq(fh, b.type);
    moveOffsets(b, planes);
    return result;
  },

  /** @kernel v4l2_m2m_ioctl_streamon */
  vidioc_streamon(file, fh, type) {
    queueOps.vidioc_streamon(file, fh, type);
    schedule(fh);
  },

  /** Ends the job of the context first, whichever queue it is that stops. @kernel v4l2_m2m_ioctl_streamoff */
  vidioc_streamoff(file, fh, type) {
    const ctx = ctxOf(fh);
    ctx.dev.cancelJob(ctx);
    queueOps.vidioc_streamoff(file, fh, type);
  },
} satisfies V4l2IoctlOps;

/** ERR only if both queues are of no use: a program may feed one of them and not the other. @kernel v4l2_m2m_poll */
function poll(fh: V4l2Fh, requested: number): number {
  if ((requested & (READABLE | WRITABLE)) === 0) return 0;
  const { src, dst } = ctxOf(fh);
  if (coreIsIdle(src) && coreIsIdle(dst)) return POLLERR;
  const writable = coreHasDone(src) ? WRITABLE : 0;
  const readable = coreHasDone(dst) ? READABLE : 0;
  return writable | readable;
}

/** Offsets from DST_QUEUE_OFF_BASE on are those of the capture queue. @kernel v4l2_m2m_mmap */
function mmap(fh: V4l2Fh, request: MmapRequest) {
  const { src, dst } = ctxOf(fh);
  if (request.offset < DST_QUEUE_OFF_BASE) return vb2Mmap(src, request);
  return vb2Mmap(dst, { ...request, offset: request.offset - DST_QUEUE_OFF_BASE });
}

/** The driver adds `open`, which makes the context, and `release`, which releases it. */
export const v4l2M2mFops = {
  mmap,
  poll,
  undqbuf(fh) {
    const queue = ctxOf(fh).lastDequeued;
    return queue !== undefined && vb2Undqbuf(queue, fh.file);
  },
} satisfies V4l2FileOperations;

const FRAME_FLAGS = V4L2_BUF_FLAG_KEYFRAME | V4L2_BUF_FLAG_PFRAME | V4L2_BUF_FLAG_BFRAME;

/**
 * What a frame takes along from the output to the capture buffer: its time, timecode and field, and what kind of
 * frame it is unless the device makes that anew (`copyFrameFlags` false).
 *
 * @kernel v4l2_m2m_buf_copy_metadata
 */
export function m2mBufCopyMetadata(out: Vb2Buffer, cap: Vb2Buffer, copyFrameFlags: boolean): void {
  const mask = V4L2_BUF_FLAG_TIMECODE | V4L2_BUF_FLAG_TSTAMP_SRC_MASK | (copyFrameFlags ? FRAME_FLAGS : 0);
  cap.time.copy(out.time);
  cap.field = out.field;
  cap.flags = (cap.flags & ~mask) | (out.flags & mask);
  if ((out.flags & V4L2_BUF_FLAG_TIMECODE) === 0 || out.timecode === undefined) return;
  cap.timecode ??= new Uint8Array(out.timecode.length);
  cap.timecode.set(out.timecode);
}
