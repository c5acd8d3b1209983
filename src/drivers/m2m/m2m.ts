/**
 * m2m: a device that takes frames and gives them back transformed, as vim2m does. What it does to them is
 * chosen when it is made. Every open file is a context with formats and queues of its own; the device
 * works on one frame at a time. What programs ask of it is in m2m-ioctl.ts, how it is made in m2m-driver.ts.
 */
import {
  V4L2_BUF_FLAG_TIMESTAMP_COPY,
  V4L2_BUF_TYPE_VIDEO_CAPTURE,
  V4L2_BUF_TYPE_VIDEO_OUTPUT,
  V4L2_FIELD_ANY,
  V4L2_FIELD_NONE,
} from '../../abi/index.ts';
import { driverBug } from '../../base/bug.ts';
import { EINVAL, ENODEV, Errno } from '../../base/errno.ts';
import { type Clock, Timer } from '../../base/timers.ts';
import type { Vb2MemOps } from '../../memory/mem-ops.ts';
import type { PageAllocator } from '../../memory/pages.ts';
import { vmallocMemOps } from '../../memory/vmalloc.ts';
import type { FormatInfo } from '../../pixel/index.ts';
import {
  captureMemOps,
  m2mBufCopyMetadata,
  m2mCtxOf,
  type V4l2Fh,
  V4l2M2mCtx,
  V4l2M2mDev,
  type V4l2M2mOps,
} from '../../v4l2-core/index.ts';
import { type Vb2Ops, Vb2Queue } from '../../videobuf2/index.ts';
import type { CameraIdentity } from '../lib/driver-module.ts';
import { frameFormat, prepareFrame, setupFrames } from '../lib/frame-format.ts';
import { M2mControls } from './m2m-controls.ts';
import { type M2mOp, m2mFormats, transform } from './transform.ts';

export interface M2mConfig {
  readonly identity: CameraIdentity;
  readonly clock: Clock;
  readonly pages: PageAllocator;
  readonly op: M2mOp;
  /** How long the device works on a frame, in milliseconds, until a program sets that; 0: it is done when QBUF returns. */
  readonly time: number;
}

const DEFAULT_SIZE = { width: 640, height: 480 };
const NS_PER_MS = 1_000_000;

/** The device, one for all open files. */
export class M2m {
  readonly identity: CameraIdentity;
  readonly clock: Clock;
  readonly memOps: Vb2MemOps;
  readonly op: M2mOp;
  readonly time: number;
  readonly m2mDev = new V4l2M2mDev<M2mContext>(jobs);

  constructor(config: M2mConfig) {
    this.identity = config.identity;
    this.clock = config.clock;
    this.memOps = vmallocMemOps(config.pages) as Vb2MemOps;
    this.op = config.op;
    this.time = config.time;
  }
}

/** An open file: its format, which is the same on both sides, and its queues. */
export class M2mContext {
  readonly device: M2m;
  readonly ctx: V4l2M2mCtx<M2mContext>;
  /** Its colours are as the program describes them: the device does not look at them, it passes them on. */
  format = frameFormat(m2mFormats[0] as FormatInfo, DEFAULT_SIZE);
  srcSequence = 0;
  dstSequence = 0;
  readonly controls: M2mControls;
  /** Frames of the job that are done. */
  #processed = 0;
  readonly timer = new Timer(() => this.#frameDone());

  constructor(device: M2m, fh: V4l2Fh) {
    this.device = device;
    this.controls = new M2mControls(device.op, device.time);
    fh.ctrlHandler = this.controls.handler;
    this.ctx = new V4l2M2mCtx<M2mContext>({
      dev: device.m2mDev,
      fh,
      priv: this,
      src: this.#queue('out', V4L2_BUF_TYPE_VIDEO_OUTPUT, device.memOps),
      dst: this.#queue('cap', V4L2_BUF_TYPE_VIDEO_CAPTURE, captureMemOps(device.memOps)),
    });
  }

  #queue(side: string, type: number, memOps: Vb2MemOps): Vb2Queue<M2mContext> {
    return new Vb2Queue<M2mContext>({
      name: `${this.device.identity.label}-${side}`,
      type,
      isOutput: type === V4L2_BUF_TYPE_VIDEO_OUTPUT,
      isMultiplanar: false,
      ops: queueOps,
      memOps,
      drvPriv: this,
      clock: this.device.clock,
      timestampFlags: V4L2_BUF_FLAG_TIMESTAMP_COPY,
      supportsRemoveBufs: true,
    });
  }

  /** Enough frames are there, on both sides. @kernel job_ready */
  get isReady(): boolean {
    const { buffersPerJob } = this.controls;
    return this.ctx.numSrcBufsReady >= buffersPerJob && this.ctx.numDstBufsReady >= buffersPerJob;
  }

  /** Begins a job. */
  begin(): void {
    this.#processed = 0;
    this.#nextFrame();
  }

  /** @kernel device_run */
  #nextFrame(): void {
    const { clock } = this.device;
    const { time } = this.controls;
    if (time === 0) this.#frameDone();
    else clock.timers.arm(this.timer, clock.now() + time * NS_PER_MS);
  }

  /** The device goes on to the next frame of the job, if there is one. @kernel device_work */
  #frameDone(): void {
    this.#transform();
    this.#processed++;
    const isOver = this.#processed >= this.controls.buffersPerJob || this.ctx.nextSrcBuf() === undefined;
    if (isOver || this.ctx.nextDstBuf() === undefined) this.device.m2mDev.jobFinish(this.ctx);
    else this.#nextFrame();
  }

  #transform(): void {
    const { ctx, device, format, controls } = this;
    const out = ctx.srcBufRemove();
    const cap = ctx.dstBufRemove();
    if (out !== undefined && cap !== undefined) {
      const { hflip, vflip } = controls;
      const invert = device.op === 'invert';
      transform({ hflip, vflip, invert }, out.planeVaddr(0), cap.planeVaddr(0), format);
      m2mBufCopyMetadata(out, cap, true);
      out.sequence = this.srcSequence++;
      cap.sequence = this.dstSequence++;
      out.done('DONE');
      cap.done('DONE');
    }
  }
}

const jobs: V4l2M2mOps<M2mContext> = {
  deviceRun: (context) => context.begin(),
  jobReady: (context) => context.isReady,
  jobAbort(context) {
    context.device.clock.timers.cancel(context.timer);
    context.device.m2mDev.jobFinish(context.ctx);
  },
};

const queueOps = {
  queueSetup: (q, setup) => setupFrames(setup, q.drvPriv.format),
  bufOutValidate(vb) {
    if (vb.field === V4L2_FIELD_ANY) vb.field = V4L2_FIELD_NONE;
    if (vb.field !== V4L2_FIELD_NONE) throw new Errno(EINVAL, 'frames are progressive');
  },
  bufPrepare: (vb) => prepareFrame(vb, vb.queue.drvPriv.format),
  bufQueue(vb) {
    vb.queue.drvPriv.ctx.bufQueue(vb);
  },
  startStreaming(q) {
    if (q.isOutput) q.drvPriv.srcSequence = 0;
    else q.drvPriv.dstSequence = 0;
  },
  stopStreaming(q) {
    q.drvPriv.ctx.returnBufs(q);
  },
} satisfies Vb2Ops<M2mContext>;

/** The context of an open file. */
export function contextOf(fh: V4l2Fh): M2mContext {
  const ctx = m2mCtxOf<M2mContext>(fh);
  if (ctx !== undefined) return ctx.priv;
  driverBug(`${fh.vdev.label}: an open file has no context`);
  throw new Errno(ENODEV, 'the open file has no context');
}
