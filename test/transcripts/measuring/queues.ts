/**
 * The queues of the nodes: frames say nothing, and are done when somebody sleeps for one or a program says that time passes, so
 * that what a program finds does not depend on when it asks; or only when a program says so.
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
  WOULD_BLOCK,
} from 'usercam';

/** 640x480 YUYV. */
export const FRAME = 640 * 480 * 2;
/** Where frames are done by command. */
export const SMALL_FRAME = 5000;

export interface FramesConfig {
  readonly type: number;
  readonly size?: number;
  readonly minQueuedBuffers?: number;
  /** Frames come by {@link Frames.complete} only. */
  readonly isByCommand?: boolean;
}

export class Frames {
  readonly queue: Vb2Queue<Frames>;
  readonly size: number;
  readonly #owned: Vb2Buffer<Frames>[] = [];
  readonly #clock: Clock;
  readonly #isByCommand: boolean;
  readonly #timer = new Timer(() => this.#interrupt());
  #sequence = 0;
  #isStarted = false;
  /** Somebody may sleep for a frame. */
  #isAwaited = false;

  constructor(config: FramesConfig, { clock, pages }: CameraSurroundings) {
    const { type, size = FRAME, minQueuedBuffers = 1, isByCommand = false } = config;
    const isOutput = V4L2_TYPE_IS_OUTPUT(type);
    this.size = size;
    this.#clock = clock;
    this.#isByCommand = isByCommand;
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
    this.#done(vb, isLast);
  }

  /** What has been asked, and what it came to: whoever sleeps now is woken by a frame. */
  answer<T>(result: T): T {
    this.#isAwaited ||= result === WOULD_BLOCK && !this.#isByCommand;
    this.#arm();
    return result;
  }

  /** So much time passes that all are done. */
  pass(): void {
    while (this.#isStarted && !this.#isByCommand && this.#owned.length > 0) this.complete();
  }

  queued(vb: Vb2Buffer<Frames>): void {
    this.#owned.push(vb);
    this.#arm();
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
    if (this.#isAwaited && this.#isStarted) this.#clock.timers.arm(this.#timer, this.#clock.now());
  }

  /** Whoever sleeps and is not satisfied asks again. */
  #interrupt(): void {
    if (this.#owned.length === 0) return;
    this.#isAwaited = false;
    this.complete();
  }

  #done(vb: Vb2Buffer<Frames>, isLast: boolean): void {
    vb.setPlanePayload(0, this.size);
    vb.timestamp = this.#clock.now();
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
