/**
 * Step 3: videobuf2. The framework has the owner, the states, the memory, read(), poll() and mmap(); what was the body of
 * `claim`, `start`, `stop` and `done` is its own. Nothing of a buffer is set by hand but what is in it.
 *
 *     usercam run --camera ./3-videobuf2.ts -- v4l2-ctl --stream-mmap --stream-count=20
 */
import {
  type CameraIdentity,
  type CameraSurroundings,
  type Clock,
  defineDriver,
  fillCapability,
  prepareFrame,
  setupFrames,
  Timer,
  V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC,
  V4L2_BUF_TYPE_VIDEO_CAPTURE,
  V4L2_CAP_READWRITE,
  V4L2_CAP_STREAMING,
  V4L2_CAP_VIDEO_CAPTURE,
  V4L2_FIELD_NONE,
  type V4l2IoctlOps,
  VB2_READ,
  type Vb2Buffer,
  type Vb2Ops,
  Vb2Queue,
  VideoDevice,
  vb2Fops,
  vb2IoctlOps,
  vmallocMemOps,
} from 'usercam';
import { FORMAT, formatOps, grey, INTERVAL } from './common.ts';

class Camera {
  readonly identity: CameraIdentity;
  readonly clock: Clock;
  readonly available: Vb2Buffer<Camera>[] = [];
  readonly queue: Vb2Queue<Camera>;
  readonly #timer = new Timer((now) => this.#interrupt(now));
  #frames = 0;

  constructor(identity: CameraIdentity, { clock, pages }: CameraSurroundings) {
    this.identity = identity;
    this.clock = clock;
    this.queue = new Vb2Queue<Camera>({
      name: identity.label,
      type: V4L2_BUF_TYPE_VIDEO_CAPTURE,
      isOutput: false,
      isMultiplanar: false,
      ioModes: VB2_READ,
      ops: queueOps,
      memOps: vmallocMemOps(pages),
      drvPriv: this,
      clock,
      timestampFlags: V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC,
      minQueuedBuffers: 1,
    });
  }

  start(): void {
    this.#frames = 0;
    this.clock.timers.arm(this.#timer, this.clock.now() + INTERVAL);
  }

  stop(): void {
    this.clock.timers.cancel(this.#timer);
    for (const vb of this.available.splice(0)) vb.done('ERROR');
  }

  #interrupt(now: number): void {
    this.clock.timers.arm(this.#timer, now + INTERVAL);
    const number = this.#frames++;
    const vb = this.available.shift();
    if (vb === undefined) return;
    grey(vb.planeVaddr(0), number);
    Object.assign(vb, { sequence: number, timestamp: now, field: V4L2_FIELD_NONE });
    vb.done('DONE');
  }
}

const queueOps: Vb2Ops<Camera> = {
  queueSetup: (_q, setup) => setupFrames(setup, FORMAT),
  bufPrepare: (vb) => prepareFrame(vb, FORMAT),
  bufQueue(vb) {
    vb.queue.drvPriv.available.push(vb);
  },
  startStreaming: (q) => q.drvPriv.start(),
  stopStreaming: (q) => q.drvPriv.stop(),
};

const ioctlOps = {
  ...formatOps,
  ...vb2IoctlOps,
  vidioc_querycap: (_file, fh, cap) => fillCapability(cap, fh.vdev.drvdata.identity),
} satisfies V4l2IoctlOps<Camera>;

export default defineDriver({
  name: 'step-3',
  help: 'A grey camera on videobuf2.',
  settings: {},
  create(_settings, { identity }, surroundings) {
    const camera = new Camera(identity, surroundings);
    const node = new VideoDevice<Camera>({
      name: identity.label,
      deviceCaps: V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING | V4L2_CAP_READWRITE,
      ioctlOps,
      fops: vb2Fops,
      queue: camera.queue,
      drvdata: camera,
    });
    return [node as VideoDevice];
  },
});
