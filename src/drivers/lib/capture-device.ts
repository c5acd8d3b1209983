/** The state of a camera that makes its own frames: its format and rate, and who reads it. */
import {
  V4L2_BUF_TYPE_VIDEO_CAPTURE,
  V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE,
  V4L2_CAP_READWRITE,
  V4L2_CAP_STREAMING,
  V4L2_CAP_VIDEO_CAPTURE,
  V4L2_CAP_VIDEO_CAPTURE_MPLANE,
} from '../../abi/index.ts';
import { EBUSY, Errno } from '../../base/errno.ts';
import type { Clock } from '../../base/timers.ts';
import type { MediaDevice } from '../../media/index.ts';
import type { Vb2MemOps } from '../../memory/mem-ops.ts';
import type { FormatInfo } from '../../pixel/index.ts';
import type { FrameSource } from '../../sources/index.ts';
import {
  type V4l2CtrlHandler,
  type V4l2Fh,
  type V4l2IoctlOps,
  VideoDevice,
  vb2Fops,
  vb2IoctlOps,
} from '../../v4l2-core/index.ts';
import { VB2_READ, type Vb2Queue } from '../../videobuf2/index.ts';
import { type CaptureCamera, CaptureReader } from './capture-reader.ts';
import type { CameraCommon, CameraIdentity } from './driver-module.ts';
import { FileReaders } from './file-readers.ts';
import { type FrameFormat, frameFormat, isSameShape, nearestFormat } from './frame-format.ts';
import { type IntervalLimits, intervalsWith, type TimePerFrame } from './frame-interval.ts';
import { type FrameSize, nearestSize, type SizeLimits, sizesWith } from './frame-size.ts';
import type { ListedRates } from './listed-rates.ts';
import type { Rate } from './settings.ts';
import { SharedFrames } from './shared-frames.ts';
import type { Shutter } from './shutter.ts';
import type { ReceivedMode } from './steering.ts';

export interface CaptureDeviceConfig<T> extends CameraCommon {
  readonly clock: Clock;
  readonly memOps: Vb2MemOps;
  /** Offer read(). */
  readonly readwrite: boolean;
  readonly isMultiplanar: boolean;
  readonly formats: readonly FormatInfo[];
  readonly limits: SizeLimits & IntervalLimits;
  /** What a program finds before it sets anything. */
  readonly size: FrameSize;
  readonly format: FormatInfo;
  readonly rate: Rate;
  /** Bytes that the buffers of one REQBUFS or CREATE_BUFS may have; as many as there are if that is left out. */
  readonly memoryLimit?: number;
  /** The controls of the camera, and the standards of its inputs, if it has any. */
  readonly ctrlHandler?: V4l2CtrlHandler;
  readonly tvnorms?: number;
  /** What the node is part of, if programs are to be told: see {@link MediaDevice}. */
  readonly mdev?: MediaDevice;
  /** What the driver keeps. */
  readonly own: T;
  /** What a stream shows that starts now. */
  createSource(format: FrameFormat, own: T): FrameSource;
}

/** The sizes and rates that there are. */
type Offer = Pick<ListedRates, 'sizes' | 'intervals' | 'defaultTimeperframe'> & {
  readonly limits: SizeLimits & IntervalLimits;
};

export class CaptureDevice<T = unknown> implements CaptureCamera, ListedRates {
  readonly identity: CameraIdentity;
  readonly name: string;
  readonly clock: Clock;
  readonly memOps: Vb2MemOps;
  readonly ioModes: number;
  readonly formats: readonly FormatInfo[];
  readonly unpaced: boolean;
  readonly memoryLimit: number;
  readonly own: T;
  /** Who reads: one for good, or one for each open file. */
  readonly readers = new Set<CaptureReader>();
  readonly shutter: Shutter = { frozen: false, blank: false };
  readonly shared: SharedFrames;
  readonly #createSource: () => FrameSource;
  #offer: Offer;
  #timeperframe: TimePerFrame;
  #format: FrameFormat;
  /** The format is not one of those that are offered, because somebody had buffers of it. */
  #isOutdated = false;

  constructor(config: CaptureDeviceConfig<T>) {
    this.identity = config.identity;
    this.name = config.identity.label;
    this.clock = config.clock;
    this.memOps = config.memOps;
    this.ioModes = config.readwrite ? VB2_READ : 0;
    this.formats = config.formats;
    this.#offer = {
      limits: config.limits,
      sizes: sizesWith(config.size, config.limits),
      intervals: intervalsWith(config.rate.timeperframe),
      defaultTimeperframe: config.rate.timeperframe,
    };
    this.#timeperframe = config.rate.timeperframe;
    this.unpaced = config.rate.unpaced;
    this.memoryLimit = config.memoryLimit ?? Number.POSITIVE_INFINITY;
    this.own = config.own;
    this.#format = frameFormat(config.format, config.size);
    this.shared = new SharedFrames(this);
    this.#createSource = () => config.createSource(this.#format, config.own);
  }

  get limits(): SizeLimits & IntervalLimits {
    return this.#offer.limits;
  }

  get sizes(): readonly FrameSize[] {
    return this.#offer.sizes;
  }

  get intervals(): readonly TimePerFrame[] {
    return this.#offer.intervals;
  }

  get defaultTimeperframe(): TimePerFrame {
    return this.#offer.defaultTimeperframe;
  }

  get format(): FrameFormat {
    return this.#format;
  }

  /** The format for who asks: while somebody has buffers that of the buffers, else one of those that are offered. */
  current(): FrameFormat {
    if (this.#isOutdated && !this.#isTaken(undefined)) {
      this.#isOutdated = false;
      this.#use(frameFormat(this.#format.info, nearestSize(this.#format, this.limits)));
    }
    return this.#format;
  }

  get timeperframe(): TimePerFrame {
    return this.#timeperframe;
  }

  setTimeperframe(interval: TimePerFrame): void {
    this.#timeperframe = interval;
    for (const reader of this.readers) reader.rateChanged();
    this.shared.rateChanged();
  }

  createSource(): FrameSource {
    return this.#createSource();
  }

  /**
   * Something else comes in: that size and rate are the only ones that are offered from now on. Streams that run have its
   * rate, and keep their size: the camera scales, as long as somebody has buffers.
   */
  receive({ size, interval }: ReceivedMode): void {
    if (size !== undefined) {
      const { width, height } = size;
      const only = { minWidth: width, maxWidth: width, minHeight: height, maxHeight: height };
      this.#offer = { ...this.#offer, sizes: [size], limits: { ...this.limits, ...only } };
      this.#isOutdated = true;
      this.current();
    }
    if (interval === undefined) return;
    const limits = { ...this.limits, shortest: interval, longest: interval };
    this.#offer = { ...this.#offer, limits, intervals: [interval], defaultTimeperframe: interval };
    this.setTimeperframe(interval);
  }

  /** What a program gets that asks for this: the format that there is while others have buffers of it. */
  nearest(fourcc: number, size: FrameSize, own: Vb2Queue): FrameFormat {
    if (this.#isTaken(own)) return this.#format;
    return frameFormat(nearestFormat(this.formats, fourcc), nearestSize(size, this.limits));
  }

  /** The same, and that is the format from then on. EBUSY if the program that asks has buffers itself. */
  setNearest(fourcc: number, size: FrameSize, own: Vb2Queue): FrameFormat {
    if (own.isBusy()) throw new Errno(EBUSY, 'there are buffers of the old format');
    const format = this.nearest(fourcc, size, own);
    this.#use(format);
    return this.#format;
  }

  #use(format: FrameFormat): void {
    if (isSameShape(format, this.#format)) return;
    this.shared.changeFormat(() => {
      this.#format = format;
    });
  }

  /** Somebody else than `own` has buffers. */
  #isTaken(own: Vb2Queue | undefined): boolean {
    for (const { queue } of this.readers) if ((queue as object) !== own && queue.isBusy()) return true;
    return false;
  }
}

/** The queue that an open file of a capture node means. */
export type QueueOf = (fh: V4l2Fh) => Vb2Queue;

/** Makes the node of a camera; `ioctlOps` are what the driver answers itself, beside the streaming ioctls. */
export function captureNode<T>(
  config: CaptureDeviceConfig<T>,
  ioctlOps: (queueOf: QueueOf) => V4l2IoctlOps<CaptureDevice<T>>,
): VideoDevice<CaptureDevice<T>> {
  const device = new CaptureDevice<T>(config);
  const { isMultiplanar, ctrlHandler, tvnorms, mdev } = config;
  const type = isMultiplanar ? V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE : V4L2_BUF_TYPE_VIDEO_CAPTURE;
  const newReader = () => {
    const reader = new CaptureReader(device, { type, isMultiplanar });
    device.readers.add(reader);
    return reader;
  };
  const node = {
    name: `${device.name}-vid-cap`,
    deviceCaps:
      (isMultiplanar ? V4L2_CAP_VIDEO_CAPTURE_MPLANE : V4L2_CAP_VIDEO_CAPTURE) |
      V4L2_CAP_STREAMING |
      (config.readwrite ? V4L2_CAP_READWRITE : 0),
    drvdata: device,
    ...(ctrlHandler && { ctrlHandler }),
    ...(tvnorms !== undefined && { tvnorms }),
    ...(mdev && { mdev }),
  };
  if (config.readers === 'many') {
    const files = new FileReaders(newReader, (reader) => device.readers.delete(reader));
    const ops = { ...files.ioctlOps(), ...ioctlOps(files.queueOf) };
    return new VideoDevice<CaptureDevice<T>>({ ...node, ioctlOps: ops, fops: files.fops() });
  }
  // The ops of the queue look for the reader in `q.drvPriv`; those of the node use the queue as it is.
  const queue = newReader().queue as unknown as Vb2Queue<CaptureDevice<T>>;
  const ops = { ...vb2IoctlOps, ...ioctlOps(() => queue as Vb2Queue) };
  return new VideoDevice<CaptureDevice<T>>({ ...node, ioctlOps: ops, fops: vb2Fops, queue });
}
