/** What a mem2mem device does with its contexts, and which of them has its turn. */
import { describeThrown, driverBug } from '../../base/bug.ts';
import type { V4l2M2mCtx } from './context.ts';

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
