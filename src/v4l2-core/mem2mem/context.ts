/**
 * Memory to memory devices: a program gives frames to the output queue and takes transformed ones from the
 * capture queue. Every open file is a context with both queues of its own; the device works on one frame of
 * one context at a time; device.ts decides which.
 *
 * A driver makes one {@link V4l2M2mDev} for the device, a {@link V4l2M2mCtx} in its open(), and uses
 * `v4l2M2mIoctlOps` and `v4l2M2mFops` (ioctl.ts). Its bufQueue op is `ctx.bufQueue(vb)`.
 */
import type { Vb2MemOps } from '../../memory/mem-ops.ts';
import type { Vb2Buffer, Vb2Queue } from '../../videobuf2/index.ts';
import type { V4l2Fh } from '../v4l2-fh.ts';
import type { V4l2M2mDev } from './device.ts';

/** Where a context is in the work of its device. */
export type JobState = 'IDLE' | 'QUEUED' | 'RUNNING';

export interface V4l2M2mCtxConfig<C> {
  readonly dev: V4l2M2mDev<C>;
  readonly fh: V4l2Fh;
  /** What the ops are given. */
  readonly priv: C;
  /** The output queue: frames to be transformed. */
  readonly src: Vb2Queue<C>;
  /** The capture queue; its memory operations have to go through {@link captureMemOps}. */
  readonly dst: Vb2Queue<C>;
}

/** The context of an open file, undefined if the driver has made none; who asks knows the type that the driver made. */
export function m2mCtxOf<C = unknown>(fh: V4l2Fh): V4l2M2mCtx<C> | undefined {
  return fh.m2mCtx as V4l2M2mCtx<C> | undefined;
}

/** Both queues of a context count their mmap offsets from 0; those of the capture queue are moved by this much. */
export const DST_QUEUE_OFF_BASE = 1 << 30;

/** The memory of a capture queue: it lies where programs map it, behind {@link DST_QUEUE_OFF_BASE}. */
export function captureMemOps<P extends object>(memOps: Vb2MemOps<P>): Vb2MemOps<P> {
  const { alloc } = memOps;
  if (alloc === undefined) return memOps;
  return {
    ...memOps,
    alloc: (length, cookie, ...rest) => alloc(length, cookie + DST_QUEUE_OFF_BASE, ...rest),
  };
}

/**
 * One open file of a mem2mem device.
 *
 * @kernel v4l2_m2m_ctx
 */
export class V4l2M2mCtx<C = unknown> {
  readonly dev: V4l2M2mDev<C>;
  readonly priv: C;
  readonly src: Vb2Queue<C>;
  readonly dst: Vb2Queue<C>;
  /** Whose DQBUF was the last, should its answer not arrive. */
  lastDequeued: Vb2Queue<C> | undefined = undefined;
  /** Owned by {@link V4l2M2mDev}. */
  job: JobState = 'IDLE';
  /** The job is being ended: no new one begins. Owned by {@link V4l2M2mDev}. */
  aborting = false;

  // Buffers that the driver may take, in the order in which they were queued.
  readonly #srcReady: Vb2Buffer<C>[] = [];
  readonly #dstReady: Vb2Buffer<C>[] = [];

  /** @kernel v4l2_m2m_ctx_init */
  constructor({ dev, fh, priv, src, dst }: V4l2M2mCtxConfig<C>) {
    this.dev = dev;
    this.priv = priv;
    this.src = src;
    this.dst = dst;
    fh.m2mCtx = this;
    // The device may be at work on buffers of both queues when it vanishes: first it stops, then they do.
    const vanish = () => {
      dev.cancelJob(this);
      src.vanish();
    };
    fh.bindQueue({ doneWq: src.doneWq, vanish });
    fh.bindQueue(dst);
  }

  /** For the driver's release(): ends the job and frees the buffers of both queues. @kernel v4l2_m2m_ctx_release */
  release(): void {
    this.dev.cancelJob(this);
    this.src.release();
    this.dst.release();
  }

  /** The driver's bufQueue op. @kernel v4l2_m2m_buf_queue */
  bufQueue(vb: Vb2Buffer<C>): void {
    (vb.queue === this.src ? this.#srcReady : this.#dstReady).push(vb);
  }

  /** The buffer whose turn it is, left where it is. @kernel v4l2_m2m_next_src_buf */
  nextSrcBuf(): Vb2Buffer<C> | undefined {
    return this.#srcReady[0];
  }

  /** @kernel v4l2_m2m_next_dst_buf */
  nextDstBuf(): Vb2Buffer<C> | undefined {
    return this.#dstReady[0];
  }

  /** Takes the buffer whose turn it is; the driver then owes its done(). @kernel v4l2_m2m_src_buf_remove */
  srcBufRemove(): Vb2Buffer<C> | undefined {
    return this.#srcReady.shift();
  }

  /** @kernel v4l2_m2m_dst_buf_remove */
  dstBufRemove(): Vb2Buffer<C> | undefined {
    return this.#dstReady.shift();
  }

  /** Buffers that could be taken. @kernel v4l2_m2m_num_src_bufs_ready */
  get numSrcBufsReady(): number {
    return this.#srcReady.length;
  }

  /** @kernel v4l2_m2m_num_dst_bufs_ready */
  get numDstBufsReady(): number {
    return this.#dstReady.length;
  }

  /** For stopStreaming: every buffer of `queue` goes back as not done. */
  returnBufs(queue: Vb2Queue<C>): void {
    const ready = queue === this.src ? this.#srcReady : this.#dstReady;
    for (const vb of ready.splice(0)) vb.done('ERROR');
  }
}
