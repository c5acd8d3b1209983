/**
 * vivi, the virtual camera of the 3.x kernels: colour bars that scroll, with the time on them. The device and
 * its queue are here, what programs ask of it is in vivi-ioctl.ts, when frames fall due in vivi-thread.ts.
 *
 * It differs from the old driver where that fails v4l2-compliance or modern programs: discrete frame sizes
 * and intervals, exact pacing, monotonic timestamps, each sequence number once, progressive frames.
 */
import {
  V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC,
  V4L2_BUF_TYPE_VIDEO_CAPTURE,
  V4L2_CAP_READWRITE,
  V4L2_CAP_STREAMING,
  V4L2_CAP_VIDEO_CAPTURE,
} from '../../abi/index.ts';
import { EINVAL, Errno } from '../../base/errno.ts';
import type { Clock } from '../../base/timers.ts';
import type { Vb2MemOps } from '../../memory/mem-ops.ts';
import type { PageAllocator } from '../../memory/pages.ts';
import { vmallocMemOps } from '../../memory/vmalloc.ts';
import { type TpgFormat, tpgFormats } from '../../tpg/index.ts';
import { VideoDevice, vb2Fops } from '../../v4l2-core/index.ts';
import { VB2_READ, type Vb2Buffer, type Vb2Ops, Vb2Queue } from '../../videobuf2/index.ts';
import type { TimePerFrame } from '../lib/frame-schedule.ts';
import { bytesperlineOf, type FrameSize, findFormat, intervalsWith, sizesWith } from '../lib/frame-size.ts';
import { ioModesOf } from '../lib/io-modes.ts';
import type { ListedRates } from '../lib/listed-rates.ts';
import { viviIoctlOps } from './vivi-ioctl.ts';
import { ViviThread } from './vivi-thread.ts';

export interface ViviConfig {
  readonly clock: Clock;
  readonly pages: PageAllocator;
  /** Tells the cameras of one process apart: 0 is `vivi-000`. */
  readonly instance: number;
  /** What a program finds before it sets anything. */
  readonly size: FrameSize;
  readonly fourcc: number;
  readonly timeperframe: TimePerFrame;
  /** Make a frame as soon as there is a buffer for it, whatever the interval says. */
  readonly unpaced?: boolean;
  /** Offer read(), which is what happens if this is left out. */
  readonly readwrite?: boolean;
  /** Where frames lie; ordinary memory if this is left out. */
  readonly memOps?: Vb2MemOps;
}

/** The state of one camera. */
export class Vivi implements ListedRates {
  /** `vivi-000`. */
  readonly name: string;
  readonly clock: Clock;
  readonly queue: Vb2Queue<Vivi>;
  readonly thread: ViviThread;
  /** Buffers to be filled, in the order in which they were queued. */
  readonly active: Vb2Buffer<Vivi>[] = [];
  readonly sizes: readonly FrameSize[];
  readonly intervals: readonly TimePerFrame[];
  readonly defaultTimeperframe: TimePerFrame;
  readonly unpaced: boolean;

  timeperframe: TimePerFrame;
  #format: TpgFormat;
  #size: FrameSize;
  #input = 0;
  /** The second line of the on-screen text, kept because it rarely changes. */
  #osdFormat = '';

  constructor(config: ViviConfig) {
    this.name = `vivi-${String(config.instance).padStart(3, '0')}`;
    this.clock = config.clock;
    this.sizes = sizesWith(config.size);
    this.intervals = intervalsWith(config.timeperframe);
    this.defaultTimeperframe = config.timeperframe;
    this.timeperframe = config.timeperframe;
    this.unpaced = config.unpaced ?? false;
    this.#format = findFormat(config.fourcc) ?? (tpgFormats[0] as TpgFormat);
    this.#size = config.size;
    this.#updateOsd();
    this.thread = new ViviThread(this);
    const memOps = config.memOps ?? (vmallocMemOps(config.pages) as Vb2MemOps);
    const readwrite = config.readwrite ?? true;
    this.queue = new Vb2Queue<Vivi>({
      name: `${this.name}-vid-cap`,
      type: V4L2_BUF_TYPE_VIDEO_CAPTURE,
      isOutput: false,
      isMultiplanar: false,
      ioModes: ioModesOf(memOps) | (readwrite ? VB2_READ : 0),
      ops: viviVideoQops,
      memOps,
      drvPriv: this,
      clock: config.clock,
      timestampFlags: V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC,
      // The schedule starts with the first buffer: a program that streams before it queues loses no frame.
      minQueuedBuffers: 1,
      supportsRemoveBufs: true,
    });
  }

  get format(): TpgFormat {
    return this.#format;
  }

  get size(): FrameSize {
    return this.#size;
  }

  get input(): number {
    return this.#input;
  }

  get osdFormat(): string {
    return this.#osdFormat;
  }

  get bytesperline(): number {
    return bytesperlineOf(this.#format, this.#size.width);
  }

  get sizeimage(): number {
    return this.bytesperline * this.#size.height;
  }

  setFormat(format: TpgFormat, size: FrameSize): void {
    this.#format = format;
    this.#size = size;
    this.#updateOsd();
  }

  hasFormat(fourcc: number): boolean {
    return findFormat(fourcc) !== undefined;
  }

  rateChanged(): void {
    this.thread.resync();
  }

  /** May change while streaming: the next frame shows the other bars. */
  setInput(input: number): void {
    this.#input = input;
    this.#updateOsd();
  }

  #updateOsd(): void {
    this.#osdFormat = ` ${this.#size.width}x${this.#size.height}, input ${this.#input} `;
  }
}

const viviVideoQops = {
  queueSetup(q, setup) {
    const { sizeimage } = q.drvPriv;
    if (setup.numPlanes > 0) {
      if ((setup.sizes[0] ?? 0) < sizeimage)
        throw new Errno(EINVAL, `${setup.sizes[0]} bytes cannot hold a frame of ${sizeimage}`);
      return;
    }
    setup.numPlanes = 1;
    setup.sizes[0] = sizeimage;
  },

  bufPrepare(vb) {
    const { sizeimage } = vb.queue.drvPriv;
    if (vb.planeSize(0) < sizeimage)
      throw new Errno(EINVAL, `${vb.planeSize(0)} bytes cannot hold a frame of ${sizeimage}`);
    vb.setPlanePayload(0, sizeimage);
  },

  bufQueue(vb) {
    const vivi = vb.queue.drvPriv;
    vivi.active.push(vb);
    if (vivi.unpaced) vivi.thread.hurry();
  },

  startStreaming(q) {
    q.drvPriv.thread.start();
  },

  stopStreaming(q) {
    const { thread, active } = q.drvPriv;
    thread.stop();
    for (const vb of active.splice(0)) vb.done('ERROR');
  },
} satisfies Vb2Ops<Vivi>;

/** Makes a camera, not yet registered. */
export function createVivi(config: ViviConfig): VideoDevice<Vivi> {
  const vivi = new Vivi(config);
  return new VideoDevice<Vivi>({
    name: vivi.queue.name,
    deviceCaps:
      V4L2_CAP_VIDEO_CAPTURE |
      V4L2_CAP_STREAMING |
      ((vivi.queue.ioModes & VB2_READ) !== 0 ? V4L2_CAP_READWRITE : 0),
    ioctlOps: viviIoctlOps,
    fops: vb2Fops,
    queue: vivi.queue,
    drvdata: vivi,
  });
}
