/**
 * loopback: what a program writes to the output node is what programs read from the capture node. This is the
 * device behind both nodes: the format, who decides it, and the queue of the producer. Consumers are in
 * reader.ts, the way of a frame in relay.ts, what programs ask in loopback-ioctl.ts.
 *
 * Producer and consumer may come and go in any order. The producer says what frames look like, from the moment
 * it sets a format or has buffers until it closes its file. While there is none, whoever comes may set the
 * format. Buffers that exist keep it as it is: a producer that wants another gets EBUSY until consumers let go.
 */
import {
  V4L2_BUF_FLAG_TIMESTAMP_COPY,
  V4L2_BUF_TYPE_VIDEO_OUTPUT,
  V4L2_CAP_READWRITE,
  V4L2_CAP_STREAMING,
  V4L2_CAP_VIDEO_CAPTURE,
  V4L2_CAP_VIDEO_OUTPUT,
  V4L2_FIELD_ANY,
  V4L2_FIELD_NONE,
} from '../../abi/index.ts';
import { EBUSY, EINVAL, Errno } from '../../base/errno.ts';
import type { Clock } from '../../base/timers.ts';
import type { Vb2MemOps } from '../../memory/mem-ops.ts';
import type { PageAllocator } from '../../memory/pages.ts';
import { vmallocMemOps } from '../../memory/vmalloc.ts';
import { type V4l2Fh, VideoDevice } from '../../v4l2-core/index.ts';
import { VB2_WRITE, type Vb2Ops, Vb2Queue } from '../../videobuf2/index.ts';
import type { TimePerFrame } from '../lib/frame-schedule.ts';
import type { FrameSize } from '../lib/frame-size.ts';
import { ioModesOf } from '../lib/io-modes.ts';
import { checkPlane, setupQueue } from './buffers.ts';
import { captureFops, captureFopsMany, outputFops } from './loopback-fops.ts';
import { type LoopbackFormat, nearestFormat, sameFrames } from './loopback-format.ts';
import { captureIoctlOps, captureIoctlOpsMany, outputIoctlOps } from './loopback-ioctl.ts';
import { paintPlaceholder } from './placeholder.ts';
import { LoopbackReader } from './reader.ts';
import { type DropPolicy, FrameRelay } from './relay.ts';

export interface LoopbackConfig {
  readonly clock: Clock;
  readonly pages: PageAllocator;
  /** Tells the devices of one process apart: 0 is `loopback-000`. */
  readonly instance: number;
  /** What programs find as long as none has set anything. */
  readonly size: FrameSize;
  readonly fourcc: number;
  readonly timeperframe: TimePerFrame;
  /** one: the capture node has one queue, as a camera. many: each open file has its own and sees all frames. */
  readonly readers: 'one' | 'many';
  readonly drop: DropPolicy;
}

export class Loopback {
  /** `loopback-000`. */
  readonly name: string;
  readonly clock: Clock;
  readonly memOps: Vb2MemOps;
  readonly relay: FrameRelay;
  readonly output: Vb2Queue<Loopback>;
  /** The consumers: one for good, or one for each open file. */
  readonly readers = new Set<LoopbackReader>();
  readonly defaultInterval: TimePerFrame;
  #interval: TimePerFrame;
  #format: LoopbackFormat;
  #producer: V4l2Fh | undefined;
  #placeholder: Uint8Array | undefined;

  constructor(config: LoopbackConfig) {
    this.name = `loopback-${String(config.instance).padStart(3, '0')}`;
    this.clock = config.clock;
    this.memOps = vmallocMemOps(config.pages) as Vb2MemOps;
    this.relay = new FrameRelay(config.clock, config.drop);
    this.defaultInterval = config.timeperframe;
    this.#interval = config.timeperframe;
    this.#format = nearestFormat({ ...config.size, pixelformat: config.fourcc, sizeimage: 0 });
    this.output = new Vb2Queue<Loopback>({
      name: `${this.name}-out`,
      type: V4L2_BUF_TYPE_VIDEO_OUTPUT,
      isOutput: true,
      isMultiplanar: false,
      ioModes: ioModesOf(this.memOps) | VB2_WRITE,
      ops: outputOps,
      memOps: this.memOps,
      drvPriv: this,
      clock: config.clock,
      // No minimum of queued buffers: a producer that says STREAMON ends the placeholder.
      timestampFlags: V4L2_BUF_FLAG_TIMESTAMP_COPY,
      supportsRemoveBufs: true,
    });
  }

  get format(): LoopbackFormat {
    return this.#format;
  }

  /** The time from frame to frame: what the producer says, and the pace of the placeholder. */
  get interval(): TimePerFrame {
    return this.#interval;
  }

  set interval(interval: TimePerFrame) {
    this.#interval = interval;
    this.relay.intervalChanged();
  }

  /** The frame that is shown while nobody produces. */
  get placeholder(): Uint8Array {
    this.#placeholder ??= paintPlaceholder(this.#format);
    return this.#placeholder;
  }

  /** A producer holds the format. */
  get hasProducer(): boolean {
    return this.#producer !== undefined;
  }

  /** Buffers of consumers exist, so frames must stay as they are. */
  get hasReaderBuffers(): boolean {
    for (const reader of this.readers) if (reader.queue.isBusy()) return true;
    return false;
  }

  /** Consumers are given this format, whatever they ask for. */
  get isFixed(): boolean {
    return this.hasProducer || this.hasReaderBuffers;
  }

  /** `fh` is the producer from now on. */
  claim(fh: V4l2Fh): void {
    this.#producer = fh;
  }

  /** `fh` is closed. */
  unclaim(fh: V4l2Fh): void {
    if (this.#producer === fh) this.#producer = undefined;
  }

  /** What a producer gets that asks for `wanted`. EBUSY if buffers of another format exist. */
  setProducerFormat(fh: V4l2Fh, wanted: LoopbackFormat): void {
    if (this.output.isBusy()) throw new Errno(EBUSY, 'there are buffers of the old format');
    if (!this.hasReaderBuffers) this.#setFormat(wanted);
    else if (sameFrames(wanted, this.#format))
      this.#setFormat({ ...wanted, sizeimage: this.#format.sizeimage });
    else throw new Errno(EBUSY, 'programs that read have buffers of another format');
    this.claim(fh);
  }

  /** A consumer sets the format; nothing happens if that is fixed. */
  setReaderFormat(wanted: LoopbackFormat): void {
    if (!this.isFixed) this.#setFormat(wanted);
  }

  #setFormat(format: LoopbackFormat): void {
    this.#format = format;
    this.#placeholder = undefined;
    // One write() is one frame where frames differ in length; raw frames may come in pieces. No buffers exist.
    const settings: { fileioWriteImmediately: boolean } = this.output;
    settings.fileioWriteImmediately = format.pixel.kind === 'compressed';
  }
}

const outputOps = {
  queueSetup: (q, setup) => setupQueue(q.drvPriv, setup),
  bufOutValidate(vb) {
    if (vb.field === V4L2_FIELD_ANY) vb.field = V4L2_FIELD_NONE;
    if (vb.field !== V4L2_FIELD_NONE) throw new Errno(EINVAL, 'frames are progressive');
  },
  bufPrepare: (vb) => checkPlane(vb.queue.drvPriv, vb),
  bufQueue: (vb) => vb.queue.drvPriv.relay.push(vb),
  startStreaming: (q) => q.drvPriv.relay.start(),
  stopStreaming: (q) => q.drvPriv.relay.stop(),
} satisfies Vb2Ops<Loopback>;

/** Makes both nodes, not yet registered: the output node, then the capture node. */
export function createLoopback(
  config: LoopbackConfig,
): readonly [VideoDevice<Loopback>, VideoDevice<Loopback>] {
  const loopback = new Loopback(config);
  const output = new VideoDevice<Loopback>({
    name: `${loopback.name}-out`,
    deviceCaps: V4L2_CAP_VIDEO_OUTPUT | V4L2_CAP_STREAMING | V4L2_CAP_READWRITE,
    ioctlOps: outputIoctlOps,
    fops: outputFops,
    queue: loopback.output,
    drvdata: loopback,
  });
  const node = {
    name: `${loopback.name}-cap`,
    deviceCaps: V4L2_CAP_VIDEO_CAPTURE | V4L2_CAP_STREAMING | V4L2_CAP_READWRITE,
    drvdata: loopback,
  };
  if (config.readers === 'many')
    return [
      output,
      new VideoDevice<Loopback>({ ...node, ioctlOps: captureIoctlOpsMany, fops: captureFopsMany }),
    ];
  const reader = new LoopbackReader(loopback);
  loopback.readers.add(reader);
  // The ops of the queue look for the reader in `q.drvPriv`; those of the node use the queue as it is.
  const queue = reader.queue as unknown as Vb2Queue<Loopback>;
  return [
    output,
    new VideoDevice<Loopback>({ ...node, ioctlOps: captureIoctlOps, fops: captureFops, queue }),
  ];
}
