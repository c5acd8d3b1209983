/**
 * The smallest camera: read this first, then copy it and change it.
 *
 * A driver is two tables of functions and one object for the state of the device. The core calls `ioctlOps`
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
  V4L2_COLORSPACE_SRGB,
  V4L2_FIELD_NONE,
  V4L2_INPUT_TYPE_CAMERA,
  V4L2_PIX_FMT_GREY,
  type v4l2_format,
} from '../../abi/index.ts';
import { EBUSY, EINVAL, Errno } from '../../base/errno.ts';
import { type Clock, Timer } from '../../base/timers.ts';
import type { PageAllocator } from '../../memory/pages.ts';
import { vmallocMemOps } from '../../memory/vmalloc.ts';
import { type V4l2IoctlOps, VideoDevice, vb2Fops, vb2IoctlOps } from '../../v4l2-core/index.ts';
import { type Vb2Buffer, type Vb2Ops, Vb2Queue } from '../../videobuf2/index.ts';
import { ioModesOf } from '../lib/io-modes.ts';

const WIDTH = 320;
const HEIGHT = 240;
const FRAME_BYTES = WIDTH * HEIGHT;
const INTERVAL = 100_000_000;

/** 1. The state of the device: its queue, the buffers it holds, and what makes it tick. */
class Skeleton {
  readonly clock: Clock;
  readonly busInfo: string;
  readonly queue: Vb2Queue<Skeleton>;
  readonly buffers: Vb2Buffer<Skeleton>[] = [];
  sequence = 0;
  // Stands for the interrupt of real hardware: one frame is complete.
  readonly timer = new Timer((now) => this.#interrupt(now));

  constructor({ clock, pages, instance }: { clock: Clock; pages: PageAllocator; instance: number }) {
    this.clock = clock;
    this.busInfo = `platform:skeleton-${String(instance).padStart(3, '0')}`;
    const memOps = vmallocMemOps(pages);
    this.queue = new Vb2Queue<Skeleton>({
      name: 'skeleton',
      type: V4L2_BUF_TYPE_VIDEO_CAPTURE,
      isOutput: false,
      isMultiplanar: false,
      ioModes: ioModesOf(memOps),
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
      vb.planeVaddr(0).fill(this.sequence % 256, 0, FRAME_BYTES);
      vb.timestamp = now;
      vb.sequence = this.sequence;
      vb.field = V4L2_FIELD_NONE;
      vb.done('DONE');
    }
    this.sequence++;
    this.clock.timers.arm(this.timer, now + INTERVAL);
  }
}

/** 3. What the queue wants to know and wants done. The contract of each function is in videobuf2/ops.ts. */
const queueOps = {
  queueSetup(_q, setup) {
    // numPlanes > 0: a program brings its own size (CREATE_BUFS), which must hold a frame.
    if (setup.numPlanes > 0 && (setup.sizes[0] ?? 0) < FRAME_BYTES) throw new Errno(EINVAL, 'too small');
    if (setup.numPlanes > 0) return;
    setup.numPlanes = 1;
    setup.sizes[0] = FRAME_BYTES;
  },
  bufPrepare(vb) {
    if (vb.planeSize(0) < FRAME_BYTES) throw new Errno(EINVAL, 'too small for a frame');
    vb.setPlanePayload(0, FRAME_BYTES);
  },
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
  pix.width = WIDTH;
  pix.height = HEIGHT;
  pix.pixelformat = V4L2_PIX_FMT_GREY;
  pix.field = V4L2_FIELD_NONE;
  pix.bytesperline = WIDTH;
  pix.sizeimage = FRAME_BYTES;
  pix.colorspace = V4L2_COLORSPACE_SRGB;
  pix.flags = 0;
  pix.ycbcr_enc = 0;
  pix.quantization = 0;
  pix.xfer_func = 0;
}

/** 4. What programs may ask. A function that is not here is an ioctl that the camera does not have: ENOTTY. */
const ioctlOps = {
  // REQBUFS, QBUF, DQBUF, STREAMON …: the queue answers them all.
  ...vb2IoctlOps,
  vidioc_querycap(_file, fh, cap) {
    cap.driver = 'skeleton';
    cap.card = 'Skeleton camera';
    cap.bus_info = fh.vdev.drvdata.busInfo;
  },
  vidioc_enum_fmt_vid_cap(_file, _fh, desc) {
    if (desc.index > 0) throw new Errno(EINVAL, 'there is one format');
    desc.pixelformat = V4L2_PIX_FMT_GREY;
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

/** 5. The device node that ties the tables together. Registered with a VideoDeviceRegistry it is /dev/videoN. */
export function createSkeleton(surroundings: {
  clock: Clock;
  pages: PageAllocator;
  instance: number;
}): VideoDevice<Skeleton> {
  const skeleton = new Skeleton(surroundings);
  return new VideoDevice<Skeleton>({
    name: skeleton.queue.name,
    deviceCaps: V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING,
    ioctlOps,
    fops: vb2Fops,
    queue: skeleton.queue,
    drvdata: skeleton,
  });
}
