/**
 * The smallest camera: read this first, then copy it and change it.
 *
 * A driver is two tables of functions, one object for the state of the device, and a description. The core calls `ioctlOps`
 * when a program asks for something, the buffer queue calls `queueOps` when it has a buffer for us, and each
 * function finds its device again: as `fh.vdev.drvdata` in the first table, as `q.drvPriv` in the second.
 *
 * This camera has one format (grey, 320x240) at one rate (10 frames a second) and shows a grey that gets
 * brighter with every frame.
 */
import {
  V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC,
  V4L2_BUF_TYPE_VIDEO_CAPTURE,
  V4L2_CAP_STREAMING,
  V4L2_CAP_VIDEO_CAPTURE,
  V4L2_FIELD_NONE,
  V4L2_INPUT_TYPE_CAMERA,
  type v4l2_format,
} from '../../abi/index.ts';
import { EBUSY, EINVAL, Errno } from '../../base/errno.ts';
import { type Clock, Timer } from '../../base/timers.ts';
import { vmallocMemOps } from '../../memory/vmalloc.ts';
import { type FormatInfo, formatsNamed } from '../../pixel/index.ts';
import { type V4l2IoctlOps, VideoDevice, vb2Fops, vb2IoctlOps } from '../../v4l2-core/index.ts';
import { type Vb2Buffer, type Vb2Ops, Vb2Queue } from '../../videobuf2/index.ts';
import {
  type CameraIdentity,
  type CameraSurroundings,
  defineDriver,
  fillCapability,
} from '../lib/driver-module.ts';
import { fillPix, frameFormat, prepareFrame, setupFrames } from '../lib/frame-format.ts';

const [GREY] = formatsNamed('GREY') as [FormatInfo];
const FORMAT = frameFormat(GREY, { width: 320, height: 240 });
const INTERVAL = 100_000_000;

/** 1. The state of the device: its queue, the buffers it holds, and what makes it tick. */
class Skeleton {
  readonly clock: Clock;
  readonly identity: CameraIdentity;
  readonly queue: Vb2Queue<Skeleton>;
  readonly buffers: Vb2Buffer<Skeleton>[] = [];
  sequence = 0;
  // Stands for the interrupt of real hardware: one frame is complete.
  readonly timer = new Timer((now) => this.#interrupt(now));

  constructor(identity: CameraIdentity, { clock, pages }: CameraSurroundings) {
    this.clock = clock;
    this.identity = identity;
    const memOps = vmallocMemOps(pages);
    this.queue = new Vb2Queue<Skeleton>({
      name: 'skeleton',
      type: V4L2_BUF_TYPE_VIDEO_CAPTURE,
      isOutput: false,
      isMultiplanar: false,
      ops: queueOps,
      memOps,
      drvPriv: this,
      clock,
      timestampFlags: V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC,
      minQueuedBuffers: 1,
      supportsRemoveBufs: true,
    });
  }

  /** 2. A frame is there: put it into the oldest buffer, say when it was taken, and give the buffer back. */
  #interrupt(now: number): void {
    const vb = this.buffers.shift();
    if (vb !== undefined) {
      vb.planeVaddr(0).fill(this.sequence % 256, 0, vb.planePayload(0));
      vb.timestamp = now;
      vb.sequence = this.sequence;
      vb.field = V4L2_FIELD_NONE;
      vb.done('DONE');
    }
    this.sequence++;
    this.clock.timers.arm(this.timer, now + INTERVAL);
  }
}

/** 3. What the queue wants to know and wants done. The contract of each function is in videobuf2/core/ops.ts. */
const queueOps = {
  // A program may bring its own size (CREATE_BUFS), which must hold a frame.
  queueSetup: (_q, setup) => setupFrames(setup, FORMAT),
  bufPrepare: (vb) => prepareFrame(vb, FORMAT),
  bufQueue(vb) {
    vb.queue.drvPriv.buffers.push(vb);
  },
  startStreaming(q) {
    const { clock, timer } = q.drvPriv;
    q.drvPriv.sequence = 0;
    clock.timers.arm(timer, clock.now() + INTERVAL);
  },
  stopStreaming(q) {
    const { clock, timer, buffers } = q.drvPriv;
    clock.timers.cancel(timer);
    // Every buffer goes back, filled or not: the program owns its buffers again when this returns.
    for (const vb of buffers.splice(0)) vb.done('ERROR');
  },
} satisfies Vb2Ops<Skeleton>;

/** There is one format, so to get, to try and to set it are the same: the program is told what it gets. */
function fillFormat({ fmt: { pix } }: v4l2_format): void {
  fillPix(pix, FORMAT);
}

/** 4. What programs may ask. A function that is not here is an ioctl that the camera does not have: ENOTTY. */
const ioctlOps = {
  // REQBUFS, QBUF, DQBUF, STREAMON …: the queue answers them all.
  ...vb2IoctlOps,
  vidioc_querycap: (_file, fh, cap) => fillCapability(cap, fh.vdev.drvdata.identity),
  vidioc_enum_fmt_vid_cap(_file, _fh, desc) {
    if (desc.index > 0) throw new Errno(EINVAL, 'there is one format');
    desc.pixelformat = GREY.fourcc;
  },
  vidioc_g_fmt_vid_cap: (_file, _fh, f) => fillFormat(f),
  vidioc_try_fmt_vid_cap: (_file, _fh, f) => fillFormat(f),
  vidioc_s_fmt_vid_cap(_file, fh, f) {
    if (fh.vdev.drvdata.queue.isBusy()) throw new Errno(EBUSY, 'buffers are allocated');
    fillFormat(f);
  },
  vidioc_enum_input(_file, _fh, input) {
    if (input.index > 0) throw new Errno(EINVAL, 'there is one input');
    input.type = V4L2_INPUT_TYPE_CAMERA;
    input.name = 'Camera';
  },
  vidioc_g_input(_file, _fh, input) {
    input.value = 0;
  },
  vidioc_s_input(_file, _fh, input) {
    if (input !== 0) throw new Errno(EINVAL, 'there is one input');
  },
} satisfies V4l2IoctlOps<Skeleton>;

/**
 * 5. The module that is registered: the name that stands in `--camera skeleton`, what may be set behind it (nothing, but
 * what every camera has), and how the device node is made that ties the tables together.
 */
export const skeletonDriver = defineDriver({
  name: 'skeleton',
  help: 'The smallest camera, grey, to be copied and changed.',
  settings: {},
  card: () => 'Skeleton camera',
  create(_settings, { identity }, surroundings) {
    const skeleton = new Skeleton(identity, surroundings);
    const node = new VideoDevice<Skeleton>({
      name: skeleton.queue.name,
      deviceCaps: V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING,
      ioctlOps,
      fops: vb2Fops,
      queue: skeleton.queue,
      drvdata: skeleton,
    });
    return [node as VideoDevice];
  },
});
