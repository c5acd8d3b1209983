/**
 * vivi-mplane: a camera whose frames lie in several planes, each in memory of its own, as those of many SoCs do.
 * It shows the bars of vivi and lets programs practise the multi-planar API. What they ask of it is in
 * vivi-mplane-ioctl.ts.
 */
import {
  V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC,
  V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE,
  V4L2_CAP_STREAMING,
  V4L2_CAP_VIDEO_CAPTURE_MPLANE,
  V4L2_FIELD_NONE,
} from '../../abi/index.ts';
import { EINVAL, Errno } from '../../base/errno.ts';
import { type Clock, Timer } from '../../base/timers.ts';
import type { PageAllocator } from '../../memory/pages.ts';
import { vmallocMemOps } from '../../memory/vmalloc.ts';
import { PlanarBars, planeBytes } from '../../tpg/planar-bars.ts';
import { VideoDevice, vb2Fops } from '../../v4l2-core/index.ts';
import { type Vb2Buffer, type Vb2Ops, Vb2Queue } from '../../videobuf2/index.ts';
import { FrameSchedule, type TimePerFrame } from '../lib/frame-schedule.ts';
import { type FrameSize, intervalsWith, sizesWith } from '../lib/frame-size.ts';
import { ioModesOf } from '../lib/io-modes.ts';
import type { ListedRates } from '../lib/listed-rates.ts';
import { findFormat, type MplaneFormat, mplaneFormats, planeSizes } from './vivi-mplane-format.ts';
import { viviMplaneIoctlOps } from './vivi-mplane-ioctl.ts';

/** The bars move to the left by so many pixels a frame. */
const SCROLL_STEP = 2;
const INPUT = 0;

export interface ViviMplaneConfig {
  readonly clock: Clock;
  readonly pages: PageAllocator;
  /** Tells the cameras of one process apart: 0 is `vivi-mplane-000`. */
  readonly instance: number;
  /** What a program finds before it sets anything. */
  readonly size: FrameSize;
  readonly fourcc: number;
  readonly timeperframe: TimePerFrame;
}

/** The state of one camera. */
export class ViviMplane implements ListedRates {
  /** `vivi-mplane-000`. */
  readonly name: string;
  readonly clock: Clock;
  readonly queue: Vb2Queue<ViviMplane>;
  /** Buffers to be filled, in the order in which they were queued. */
  readonly active: Vb2Buffer<ViviMplane>[] = [];
  readonly sizes: readonly FrameSize[];
  readonly intervals: readonly TimePerFrame[];
  readonly defaultTimeperframe: TimePerFrame;
  #format: MplaneFormat;
  #size: FrameSize;
  #planeSizes: readonly number[];
  #timeperframe: TimePerFrame;

  readonly #timer = new Timer((now) => this.#tick(now));
  readonly #schedule = new FrameSchedule();
  #bars: PlanarBars | undefined;
  /** The frame of the schedule that comes next. */
  #next = 0;
  /** Counts the frames that fell due, whether there was a buffer for them or not. */
  #sequence = 0;

  constructor(config: ViviMplaneConfig) {
    this.name = `vivi-mplane-${String(config.instance).padStart(3, '0')}`;
    this.clock = config.clock;
    this.sizes = sizesWith(config.size);
    this.intervals = intervalsWith(config.timeperframe);
    this.defaultTimeperframe = config.timeperframe;
    this.#timeperframe = config.timeperframe;
    this.#format = findFormat(config.fourcc) ?? (mplaneFormats[0] as MplaneFormat);
    this.#size = config.size;
    this.#planeSizes = planeSizes(this.#format, this.#size);
    const memOps = vmallocMemOps(config.pages);
    this.queue = new Vb2Queue<ViviMplane>({
      name: `${this.name}-vid-cap`,
      type: V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE,
      isOutput: false,
      isMultiplanar: true,
      ioModes: ioModesOf(memOps),
      ops: queueOps,
      memOps,
      drvPriv: this,
      clock: config.clock,
      timestampFlags: V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC,
      minQueuedBuffers: 1,
      supportsRemoveBufs: true,
    });
  }

  get format(): MplaneFormat {
    return this.#format;
  }

  get size(): FrameSize {
    return this.#size;
  }

  /** Bytes of each plane of memory. */
  get planeSizes(): readonly number[] {
    return this.#planeSizes;
  }

  hasFormat(fourcc: number): boolean {
    return findFormat(fourcc) !== undefined;
  }

  /** The setter of `timeperframe` has done all there is to do. */
  rateChanged(): void {}

  setFormat(format: MplaneFormat, size: FrameSize): void {
    this.#format = format;
    this.#size = size;
    this.#planeSizes = planeSizes(format, size);
  }

  get timeperframe(): TimePerFrame {
    return this.#timeperframe;
  }

  /** A stream that runs goes on at the new rate from its last frame on. */
  set timeperframe(interval: TimePerFrame) {
    this.#timeperframe = interval;
    if (this.#bars === undefined) return;
    const last = this.#next === 0 ? this.clock.now() : this.#schedule.timeOf(this.#next - 1);
    this.#next = this.#next === 0 ? 0 : 1;
    this.#schedule.restart(last, interval);
    this.#arm();
  }

  /** The first frame falls due now. */
  start(): void {
    this.#bars = new PlanarBars(this.size.width, this.size.height);
    this.#next = 0;
    this.#sequence = 0;
    this.#schedule.restart(this.clock.now(), this.#timeperframe);
    this.#arm();
  }

  stop(): void {
    this.clock.timers.cancel(this.#timer);
    this.#bars = undefined;
    for (const vb of this.active.splice(0)) vb.done('ERROR');
  }

  #arm(): void {
    this.clock.timers.arm(this.#timer, this.#schedule.timeOf(this.#next));
  }

  #tick(now: number): void {
    const frame = this.#schedule.frameAt(now);
    // Frames that we were too late for are lost, and counted.
    this.#sequence += frame - this.#next;
    const vb = this.active.shift();
    if (vb !== undefined) {
      this.#paint(vb);
      vb.field = V4L2_FIELD_NONE;
      vb.sequence = this.#sequence;
      vb.timestamp = this.#schedule.timeOf(frame);
      vb.done('DONE');
    }
    this.#sequence++;
    this.#next = frame + 1;
    this.#arm();
  }

  #paint(vb: Vb2Buffer<ViviMplane>): void {
    const { width, height } = this.size;
    this.#bars?.select(this.#sequence * SCROLL_STEP, INPUT);
    let plane = 0;
    for (const contents of this.format.planes) {
      const bytes = vb.planeVaddr(plane++);
      let at = 0;
      for (const shape of contents) {
        this.#bars?.fill(bytes, at, shape);
        at += planeBytes(shape, width, height);
      }
    }
  }
}

const queueOps = {
  queueSetup(q, setup) {
    const needed = q.drvPriv.planeSizes;
    if (setup.numPlanes > 0 && setup.numPlanes !== needed.length)
      throw new Errno(EINVAL, `a frame has ${needed.length} planes, not ${setup.numPlanes}`);
    for (const [n, bytes] of needed.entries()) {
      if (setup.numPlanes === 0) setup.sizes[n] = bytes;
      else if ((setup.sizes[n] ?? 0) < bytes)
        throw new Errno(EINVAL, `${setup.sizes[n]} bytes cannot hold plane ${n}, which has ${bytes}`);
    }
    setup.numPlanes = needed.length;
  },

  bufPrepare(vb) {
    const needed = vb.queue.drvPriv.planeSizes;
    for (let n = 0; n < needed.length; n++) {
      const bytes = needed[n] ?? 0;
      if (vb.planeSize(n) < bytes)
        throw new Errno(EINVAL, `${vb.planeSize(n)} bytes cannot hold plane ${n}, which has ${bytes}`);
      vb.setPlanePayload(n, bytes);
    }
  },

  bufQueue(vb) {
    vb.queue.drvPriv.active.push(vb);
  },

  startStreaming(q) {
    q.drvPriv.start();
  },

  stopStreaming(q) {
    q.drvPriv.stop();
  },
} satisfies Vb2Ops<ViviMplane>;

/** Makes a camera, not yet registered. */
export function createViviMplane(config: ViviMplaneConfig): VideoDevice<ViviMplane> {
  const camera = new ViviMplane(config);
  return new VideoDevice<ViviMplane>({
    name: camera.queue.name,
    deviceCaps: V4L2_CAP_VIDEO_CAPTURE_MPLANE | V4L2_CAP_STREAMING,
    ioctlOps: viviMplaneIoctlOps,
    fops: vb2Fops,
    queue: camera.queue,
    drvdata: camera,
  });
}
