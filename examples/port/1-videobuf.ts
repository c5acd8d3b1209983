/**
 * Step 1: a driver as the document of videobuf has it. Each open file has a queue; the driver sets the states of buffers,
 * keeps them in a list, and fills one when somebody waits for it.
 *
 *     usercam run --camera ./1-videobuf.ts -- v4l2-ctl --stream-mmap --stream-count=20
 */
import {
  type CameraIdentity,
  defineDriver,
  EINVAL,
  Errno,
  fillCapability,
  List,
  SpinLock,
  Timer,
  V4L2_BUF_TYPE_VIDEO_CAPTURE,
  V4L2_CAP_READWRITE,
  V4L2_CAP_STREAMING,
  V4L2_CAP_VIDEO_CAPTURE,
  V4L2_FIELD_NONE,
  type V4l2Fh,
  type V4l2FileOperations,
  type V4l2IoctlOps,
  type VideobufBuffer,
  type VideobufDevice,
  type VideobufQueue,
  type VideobufQueueOps,
  VideoDevice,
  videobufDqbuf,
  videobufIolock,
  videobufMmapFree,
  videobufMmapMapper,
  videobufPollStream,
  videobufQbuf,
  videobufQuerybuf,
  videobufQueueVmallocInit,
  videobufReadStream,
  videobufReqbufs,
  videobufStop,
  videobufStreamoff,
  videobufStreamon,
  videobufToVmalloc,
  videobufVmallocFree,
  videobufWaiton,
  waitqueueActive,
} from 'usercam';
import { FRAME_BYTES, formatOps, grey, INTERVAL } from './common.ts';

/** The device: its list of available buffers, the lock around that, and what makes it tick. */
class Camera {
  readonly identity: CameraIdentity;
  readonly dev: VideobufDevice;
  readonly irqlock = new SpinLock();
  readonly available = new List<VideobufBuffer>();
  readonly #timer = new Timer((now) => this.#interrupt(now));
  #frames = 0;

  constructor(identity: CameraIdentity, dev: VideobufDevice) {
    this.identity = identity;
    this.dev = dev;
  }

  run(): void {
    const { clock } = this.dev;
    if (this.#timer.deadline === Number.POSITIVE_INFINITY)
      clock.timers.arm(this.#timer, clock.now() + INTERVAL);
  }

  /** "Filling the buffers": the next one, if somebody waits for it; its memory; done, and wake. */
  #interrupt(now: number): void {
    const vb = this.available.first?.item;
    if (vb === undefined) return;
    this.dev.clock.timers.arm(this.#timer, now + INTERVAL);
    if (!waitqueueActive(vb)) return;
    this.irqlock.lock('the interrupt');
    this.available.remove(vb.queue);
    const bytes = videobufToVmalloc(vb);
    if (bytes !== undefined) grey(bytes, this.#frames);
    vb.fieldCount = 2 * this.#frames++;
    vb.ts = now;
    vb.state = bytes === undefined ? 'ERROR' : 'DONE';
    this.irqlock.unlock();
    vb.done.wakeUp();
  }
}

type Queue = VideobufQueue<Camera>;
type Fh = V4l2Fh<Camera, Queue>;
const queueOf = (fh: Fh) => fh.drvPriv as Queue;

/** The four callbacks. */
const queueOps: VideobufQueueOps<Camera> = {
  bufSetup(_q, setup) {
    setup.count = Math.min(setup.count || 4, 8);
    setup.size = FRAME_BYTES;
  },
  bufPrepare(q, vb, field) {
    Object.assign(vb, { size: FRAME_BYTES, width: 320, height: 240, field });
    if (vb.state === 'NEEDS_INIT') videobufIolock(q, vb);
    vb.state = 'PREPARED';
  },
  bufQueue({ privData: camera }, vb) {
    vb.state = 'QUEUED';
    camera.available.addTail(vb.queue);
    camera.run();
  },
  *bufRelease(_q, vb) {
    yield* videobufWaiton(vb, false, false);
    videobufVmallocFree(vb);
    vb.state = 'NEEDS_INIT';
  },
};

function checkType(type: number): void {
  if (type !== V4L2_BUF_TYPE_VIDEO_CAPTURE) throw new Errno(EINVAL, `type ${type}`);
}

const ioctlOps = {
  ...formatOps,
  vidioc_querycap: (_file, fh, cap) => fillCapability(cap, fh.vdev.drvdata.identity),
  vidioc_reqbufs: (_file, fh, req, caller) => videobufReqbufs(queueOf(fh), req, caller),
  vidioc_querybuf: (_file, fh, b, caller) => videobufQuerybuf(queueOf(fh), b, caller),
  vidioc_qbuf: (_file, fh, b, caller) => videobufQbuf(queueOf(fh), b, caller),
  vidioc_dqbuf: (file, fh, b, caller) => videobufDqbuf(queueOf(fh), b, file.nonblock(), caller),
  vidioc_streamon(_file, fh, type, caller) {
    checkType(type);
    return videobufStreamon(queueOf(fh), caller);
  },
  vidioc_streamoff(_file, fh, type, caller) {
    checkType(type);
    return videobufStreamoff(queueOf(fh), caller);
  },
} satisfies V4l2IoctlOps<Camera, Queue>;

const fops = {
  open(fh) {
    const { dev, irqlock } = fh.vdev.drvdata;
    fh.drvPriv = videobufQueueVmallocInit<Camera>({
      ops: queueOps,
      dev,
      irqlock,
      type: V4L2_BUF_TYPE_VIDEO_CAPTURE,
      field: V4L2_FIELD_NONE,
      priv: fh.vdev.drvdata,
    });
    fh.bindQueue(fh.drvPriv);
  },
  release(fh) {
    const q = queueOf(fh);
    q.background.run(videobufStop(q));
    q.background.run(videobufMmapFree(q));
  },
  mmap: (fh, request) => videobufMmapMapper(queueOf(fh), request),
  poll: (fh, requested) => videobufPollStream(fh.file, queueOf(fh), requested),
  read(fh, data, count, caller) {
    const request = { data, count, nonblocking: fh.file.nonblock() };
    return videobufReadStream(queueOf(fh), request, false, caller);
  },
} satisfies V4l2FileOperations<Camera, Queue>;

export default defineDriver({
  name: 'step-1',
  help: 'A grey camera on videobuf.',
  settings: {},
  create(_settings, { identity }, { clock, pages }) {
    const node = new VideoDevice<Camera>({
      name: identity.label,
      deviceCaps: V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING | V4L2_CAP_READWRITE,
      ioctlOps: ioctlOps as V4l2IoctlOps<Camera>,
      fops: fops as V4l2FileOperations<Camera>,
      drvdata: new Camera(identity, { name: identity.label, clock, pages }),
    });
    return [node as VideoDevice];
  },
});
