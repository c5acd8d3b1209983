/** The queues of the nodes: frames that are done a moment after they are queued, and say nothing. */
import {
  type CameraSurroundings,
  type Clock,
  Timer,
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
const INTERVAL = 33_000_000;

export class Frames {
  readonly queue: Vb2Queue<Frames>;
  readonly owned: Vb2Buffer<Frames>[] = [];
  readonly clock: Clock;
  readonly timer = new Timer((now) => this.#interrupt(now));
  #sequence = 0;

  constructor(type: number, { clock, pages }: CameraSurroundings) {
    const isOutput = V4L2_TYPE_IS_OUTPUT(type);
    this.clock = clock;
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
      minQueuedBuffers: 1,
      supportsRemoveBufs: true,
    });
  }

  #interrupt(now: number): void {
    const vb = this.owned.shift();
    if (vb !== undefined) {
      vb.setPlanePayload(0, FRAME);
      vb.timestamp = now;
      vb.sequence = this.#sequence;
      vb.done('DONE');
    }
    this.#sequence++;
    this.clock.timers.arm(this.timer, now + INTERVAL);
  }

  start(): void {
    this.#sequence = 0;
    this.clock.timers.arm(this.timer, this.clock.now() + INTERVAL);
  }
}

const ops = {
  queueSetup(_q, setup) {
    setup.numPlanes = 1;
    setup.sizes[0] ??= FRAME;
  },
  bufQueue: (vb) => void vb.queue.drvPriv.owned.push(vb),
  startStreaming: (q) => q.drvPriv.start(),
  stopStreaming(q) {
    const { clock, timer, owned } = q.drvPriv;
    clock.timers.cancel(timer);
    for (const vb of owned.splice(0)) vb.done('ERROR');
  },
} satisfies Vb2Ops<Frames>;
