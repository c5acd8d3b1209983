/**
 * The queues of the nodes: frames say nothing, and are done a while after they are queued, in which a program on a busy machine
 * asks several times; or when a program says so.
 */
import {
  type CameraSurroundings,
  type Clock,
  EINVAL,
  Errno,
  Timer,
  V4L2_BUF_FLAG_LAST,
  V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC,
  V4L2_TYPE_IS_OUTPUT,
  VB2_DMABUF,
  VB2_MMAP,
  VB2_READ,
  VB2_USERPTR,
  VB2_WRITE,
  type Vb2Buffer,
  type Vb2Ops,
  Vb2Queue,
  vmallocMemOps,
} from 'usercam';

/** 640x480 YUYV. */
export const FRAME = 640 * 480 * 2;
/** Where frames are done by command. */
export const SMALL_FRAME = 5000;
const INTERVAL = 100_000_000;

export interface FramesConfig {
  readonly type: number;
  readonly size?: number;
  readonly minQueuedBuffers?: number;
  /** Who is asked for each frame: a timer, or nobody, and then `complete()` it is. */
  readonly isTimed?: boolean;
}

export class Frames {
  readonly queue: Vb2Queue<Frames>;
  readonly size: number;
  readonly #owned: Vb2Buffer<Frames>[] = [];
  readonly #clock: Clock;
  readonly #isTimed: boolean;
  readonly #timer = new Timer((now) => this.#interrupt(now));
  #sequence = 0;
  #isStarted = false;

  constructor(config: FramesConfig, { clock, pages }: CameraSurroundings) {
    const { type, size = FRAME, minQueuedBuffers = 1, isTimed = true } = config;
    const isOutput = V4L2_TYPE_IS_OUTPUT(type);
    this.size = size;
    this.#clock = clock;
    this.#isTimed = isTimed;
    this.queue = new Vb2Queue<Frames>({
      name: 'measuring',
      type,
      isOutput,
      isMultiplanar: false,
      ioModes: VB2_MMAP | VB2_USERPTR | VB2_DMABUF | (isOutput ? VB2_WRITE : VB2_READ),
      ops,
      memOps: vmallocMemOps(pages),
      drvPriv: this,
      clock,
      timestampFlags: V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC,
      minQueuedBuffers,
      supportsRemoveBufs: true,
    });
  }

  /** The oldest frame is done. */
  complete({ isLast = false } = {}): void {
    const vb = this.#owned.shift();
    if (vb === undefined) throw new Errno(EINVAL, 'the driver has no buffer');
    this.#done(vb, this.#clock.now(), isLast);
  }

  queued(vb: Vb2Buffer<Frames>): void {
    this.#owned.push(vb);
    if (this.#isStarted && this.#owned.length === 1) this.#arm();
  }

  start(): void {
    this.#sequence = 0;
    this.#isStarted = true;
    this.#arm();
  }

  stop(): void {
    this.#isStarted = false;
    this.#clock.timers.cancel(this.#timer);
    for (const vb of this.#owned.splice(0)) vb.done('ERROR');
  }

  #arm(): void {
    if (this.#isTimed) this.#clock.timers.arm(this.#timer, this.#clock.now() + INTERVAL);
  }

  #interrupt(now: number): void {
    const vb = this.#owned.shift();
    if (vb !== undefined) this.#done(vb, now, false);
    if (this.#owned.length > 0) this.#arm();
  }

  #done(vb: Vb2Buffer<Frames>, now: number, isLast: boolean): void {
    vb.setPlanePayload(0, this.size);
    vb.timestamp = now;
    vb.sequence = this.#sequence++;
    if (isLast) vb.flags |= V4L2_BUF_FLAG_LAST;
    vb.done('DONE');
  }
}

const ops = {
  queueSetup(q, setup) {
    const { size } = q.drvPriv;
    setup.numPlanes = 1;
    setup.sizes[0] ??= size;
    if (setup.sizes[0] < size) throw new Errno(EINVAL, 'no frame has room there');
  },
  bufQueue: (vb) => vb.queue.drvPriv.queued(vb),
  startStreaming: (q) => q.drvPriv.start(),
  stopStreaming: (q) => q.drvPriv.stop(),
} satisfies Vb2Ops<Frames>;
