/**
 * Step 2: still videobuf, but as a queue of videobuf2 is used. The device has one queue, which belongs to the file that
 * asked for buffers first; the engine is started and stopped; frames are taken whether or not somebody waits; and the
 * states are set in one place, `done()`. What is left of the old framework after this are the names.
 *
 *     usercam run --camera ./2-one-queue.ts -- v4l2-ctl --stream-mmap --stream-count=20
 */
import {
  type CameraIdentity,
  defineDriver,
  EBUSY,
  EINVAL,
  Errno,
  type File,
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
} from 'usercam';
import { FRAME_BYTES, formatOps, grey, INTERVAL } from './common.ts';

/** The device: one queue, who owns it, the list of available buffers, and what makes it tick. */
class Camera {
  readonly identity: CameraIdentity;
  readonly dev: VideobufDevice;
  readonly irqlock = new SpinLock();
  readonly available = new List<VideobufBuffer>();
  readonly queue: VideobufQueue<Camera>;
  owner: File | undefined = undefined;
  readonly #timer = new Timer((now) => this.#interrupt(now));
  #frames = 0;

  constructor(identity: CameraIdentity, dev: VideobufDevice) {
    this.identity = identity;
    this.dev = dev;
    this.queue = videobufQueueVmallocInit<Camera>({
      ops: queueOps,
      dev,
      irqlock: this.irqlock,
      type: V4L2_BUF_TYPE_VIDEO_CAPTURE,
      field: V4L2_FIELD_NONE,
      priv: this,
    });
  }

  /** What videobuf2 does by itself: who has the buffers has the queue. */
  claim(file: File): VideobufQueue<Camera> {
    if (this.owner !== undefined && this.owner !== file) throw new Errno(EBUSY, 'another file has it');
    this.owner = file;
    return this.queue;
  }

  /** Will be startStreaming and stopStreaming. */
  start(): void {
    this.#frames = 0;
    this.dev.clock.timers.arm(this.#timer, this.dev.clock.now() + INTERVAL);
  }

  stop(): void {
    this.dev.clock.timers.cancel(this.#timer);
  }

  #interrupt(now: number): void {
    this.dev.clock.timers.arm(this.#timer, now + INTERVAL);
    const number = this.#frames++;
    this.irqlock.lock('the interrupt');
    const vb = this.available.shift();
    this.irqlock.unlock();
    if (vb === undefined) return;
    const bytes = videobufToVmalloc(vb);
    if (bytes !== undefined) grey(bytes, number);
    vb.fieldCount = 2 * number;
    vb.ts = now;
    done(vb, bytes === undefined ? 'ERROR' : 'DONE');
  }
}

/** Will be `vb.done()`. */
function done(vb: VideobufBuffer, state: 'DONE' | 'ERROR'): void {
  vb.state = state;
  vb.done.wakeUp();
}

type Fh = V4l2Fh<Camera>;
const claimed = (fh: Fh) => fh.vdev.drvdata.claim(fh.file);

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
  vidioc_reqbufs: (_file, fh, req, caller) => videobufReqbufs(claimed(fh), req, caller),
  vidioc_querybuf: (_file, fh, b, caller) => videobufQuerybuf(fh.vdev.drvdata.queue, b, caller),
  vidioc_qbuf: (_file, fh, b, caller) => videobufQbuf(claimed(fh), b, caller),
  vidioc_dqbuf: (file, fh, b, caller) => videobufDqbuf(claimed(fh), b, file.nonblock(), caller),
  vidioc_streamon(_file, fh, type, caller) {
    checkType(type);
    const q = claimed(fh);
    if (!q.streaming) fh.vdev.drvdata.start();
    return videobufStreamon(q, caller);
  },
  vidioc_streamoff(_file, fh, type, caller) {
    checkType(type);
    fh.vdev.drvdata.stop();
    return videobufStreamoff(claimed(fh), caller);
  },
} satisfies V4l2IoctlOps<Camera>;

const fops = {
  release(fh) {
    const camera = fh.vdev.drvdata;
    if (camera.owner !== fh.file) return;
    camera.owner = undefined;
    camera.stop();
    camera.queue.background.run(videobufStop(camera.queue));
    camera.queue.background.run(videobufMmapFree(camera.queue));
  },
  mmap: (fh, request) => videobufMmapMapper(claimed(fh), request),
  poll: (fh, requested) => videobufPollStream(fh.file, fh.vdev.drvdata.queue, requested),
  read(fh, data, count, caller) {
    const q = claimed(fh);
    if (!q.reading) fh.vdev.drvdata.start();
    return videobufReadStream(q, { data, count, nonblocking: fh.file.nonblock() }, false, caller);
  },
} satisfies V4l2FileOperations<Camera>;

export default defineDriver({
  name: 'step-2',
  help: 'A grey camera on videobuf, with one queue that has an owner.',
  settings: {},
  create(_settings, { identity }, { clock, pages }) {
    const camera = new Camera(identity, { name: identity.label, clock, pages });
    const node = new VideoDevice<Camera>({
      name: identity.label,
      deviceCaps: V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING | V4L2_CAP_READWRITE,
      ioctlOps,
      fops,
      queue: camera.queue,
      drvdata: camera,
    });
    return [node as VideoDevice];
  },
});
