/**
 * Memory to memory devices: a program gives frames to the output queue and takes transformed ones from the
 * capture queue. Every open file is a context with both queues of its own; the device works on one frame of
 * one context at a time, and here is decided which.
 *
 * A driver makes one {@link V4l2M2mDev} for the device, a {@link V4l2M2mCtx} in its open(), and uses
 * `v4l2M2mIoctlOps` and `v4l2M2mFops` (mem2mem-ioctl.ts). Its bufQueue op is `ctx.bufQueue(vb)`.
 */
import { describeThrown, driverBug } from '../../base/bug.ts';
import type { Vb2MemOps } from '../../memory/mem-ops.ts';
import type { Vb2Buffer, Vb2Queue } from '../../videobuf2/index.ts';
import type { V4l2Fh } from '../v4l2-fh.ts';

/**
 * What the driver does with a context; `C` is the driver's data of one context. Nothing here may throw.
 *
 * @kernel v4l2_m2m_ops
 */
export interface V4l2M2mOps<C> {
  /**
   * Begins a job: both queues stream and have a buffer (`ctx.nextSrcBuf()`, `ctx.nextDstBuf()`). When the work
   * is done, in here or later, the driver takes the buffers with `ctx.srcBufRemove()` and `ctx.dstBufRemove()`,
   * gives them back with `vb.done()` and calls `jobFinish(ctx)`. The next job begins only then.
   */
  deviceRun(priv: C): void;
  /** Whether a job can begin, for drivers that need more than one buffer on each side. Asked again at every QBUF. */
  jobReady?(priv: C): boolean;
  /**
   * The job of this context must end now: streaming stops or the file is closed. The driver stops the device
   * and calls `jobFinish(ctx)` before it returns; buffers that it has not taken go back in stopStreaming.
   * Not needed if deviceRun always finishes the job itself.
   */
  jobAbort?(priv: C): void;
}

type JobState = 'IDLE' | 'QUEUED' | 'RUNNING';

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

/**
 * The scheduler of a device: contexts with work get their turn one job at a time, in the order in which they
 * became ready, so one program with many frames cannot keep the others from theirs.
 *
 * @kernel v4l2_m2m_dev
 */
export class V4l2M2mDev<C = unknown> {
  readonly #ops: V4l2M2mOps<C>;
  readonly #jobs: V4l2M2mCtx<C>[] = [];
  #current: V4l2M2mCtx<C> | undefined;
  #paused = false;
  #scheduling = false;

  /** @kernel v4l2_m2m_init */
  constructor(ops: V4l2M2mOps<C>) {
    this.#ops = ops;
  }

  /** The data of the context whose job runs, for the driver's interrupt. @kernel v4l2_m2m_get_curr_priv */
  get currPriv(): C | undefined {
    return this.#current?.priv;
  }

  /**
   * Something has changed that may make a job possible: a buffer was queued, streaming was switched on, or
   * whatever jobReady looks at.
   *
   * @kernel v4l2_m2m_try_schedule
   */
  trySchedule(ctx: V4l2M2mCtx<C>): void {
    this.#tryQueue(ctx);
    this.#tryRun();
  }

  /** The driver is done with the job of `ctx`. @kernel v4l2_m2m_job_finish */
  jobFinish(ctx: V4l2M2mCtx<C>): void {
    if (this.#current !== ctx) {
      driverBug(`${ctx.src.name}: jobFinish, but another context (or none) has the job`);
      return;
    }
    this.#current = undefined;
    ctx.job = 'IDLE';
    this.#tryQueue(ctx);
    this.#tryRun();
  }

  /** Takes both buffers of the job, gives them back and ends the job. @kernel v4l2_m2m_buf_done_and_job_finish */
  bufDoneAndJobFinish(ctx: V4l2M2mCtx<C>, state: 'DONE' | 'ERROR'): void {
    ctx.srcBufRemove()?.done(state);
    ctx.dstBufRemove()?.done(state);
    this.jobFinish(ctx);
  }

  /** Ends the job of a context, or takes it back if it has not begun. @kernel v4l2_m2m_cancel_job */
  cancelJob(ctx: V4l2M2mCtx<C>): void {
    ctx.aborting = true;
    if (ctx.job === 'RUNNING') this.#abort(ctx);
    else if (ctx.job === 'QUEUED') this.#jobs.splice(this.#jobs.indexOf(ctx), 1);
    ctx.job = 'IDLE';
    ctx.aborting = false;
  }

  /** No job begins until resume(); one that runs goes on. @kernel v4l2_m2m_suspend */
  suspend(): void {
    this.#paused = true;
  }

  /** @kernel v4l2_m2m_resume */
  resume(): void {
    this.#paused = false;
    this.#tryRun();
  }

  #abort(ctx: V4l2M2mCtx<C>): void {
    try {
      this.#ops.jobAbort?.(ctx.priv);
    } catch (thrown) {
      driverBug(`${ctx.src.name}: jobAbort threw, but must not fail: ${describeThrown(thrown)}`);
    }
    if (this.#current !== ctx) return;
    driverBug(`${ctx.src.name}: jobAbort did not end the job; call jobFinish() in it`);
    this.jobFinish(ctx);
  }

  /** @kernel __v4l2_m2m_try_queue */
  #tryQueue(ctx: V4l2M2mCtx<C>): void {
    if (ctx.job !== 'IDLE' || ctx.aborting) return;
    if (!ctx.src.isStreaming() || !ctx.dst.isStreaming()) return;
    if (ctx.nextSrcBuf() === undefined || ctx.nextDstBuf() === undefined) return;
    if (!this.#jobReady(ctx)) return;
    ctx.job = 'QUEUED';
    this.#jobs.push(ctx);
  }

  /** A driver that cannot say is not ready. */
  #jobReady(ctx: V4l2M2mCtx<C>): boolean {
    try {
      return this.#ops.jobReady?.(ctx.priv) ?? true;
    } catch (thrown) {
      driverBug(`${ctx.src.name}: jobReady threw, but must not fail: ${describeThrown(thrown)}`);
      return false;
    }
  }

  #run(ctx: V4l2M2mCtx<C>): void {
    try {
      this.#ops.deviceRun(ctx.priv);
    } catch (thrown) {
      driverBug(`${ctx.src.name}: deviceRun threw, but must not fail: ${describeThrown(thrown)}`);
      if (this.#current === ctx) this.bufDoneAndJobFinish(ctx, 'ERROR');
    }
  }

  /** @kernel v4l2_m2m_try_run */
  #tryRun(): void {
    // A driver may finish its job in deviceRun: the loop that called it goes on, instead of one within it.
    if (this.#scheduling) return;
    this.#scheduling = true;
    try {
      while (this.#current === undefined && !this.#paused) {
        const ctx = this.#jobs.shift();
        if (ctx === undefined) return;
        this.#current = ctx;
        ctx.job = 'RUNNING';
        this.#run(ctx);
      }
    } finally {
      this.#scheduling = false;
    }
  }
}
