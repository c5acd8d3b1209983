/**
 * loopback: what a program writes to the output node is what programs read from the capture node. This is the
 * device behind both nodes: the format, who decides it, and the queue of the producer. Consumers are in
 * reader.ts, the way of a frame in relay.ts, what programs ask in loopback-ioctl.ts and loopback-fops.ts, and the nodes
 * are made in loopback-driver.ts. Each file knows only those before it.
 *
 * Producer and consumer may come and go in any order. The producer says what frames look like, from the moment
 * it sets a format or has buffers until it closes its file. While there is none, whoever comes may set the
 * format. Buffers that exist keep it as it is: a producer that wants another gets EBUSY until consumers let go.
 */
import {
  V4L2_BUF_FLAG_TIMESTAMP_COPY,
  V4L2_BUF_TYPE_VIDEO_OUTPUT,
  V4L2_FIELD_ANY,
  V4L2_FIELD_NONE,
} from '../../abi/index.ts';
import { EBUSY, EINVAL, Errno } from '../../base/errno.ts';
import type { Clock } from '../../base/timers.ts';
import type { Vb2MemOps } from '../../memory/mem-ops.ts';
import type { PageAllocator } from '../../memory/pages.ts';
import { type VmallocMemory, vmallocMemOps, withLateUserptr } from '../../memory/vmalloc.ts';
import { type FormatInfo, type FrameSize, isCompressed } from '../../pixel/index.ts';
import { type PictureSource, placeholderPicture, stillPicture } from '../../sources/index.ts';
import type { V4l2Fh } from '../../v4l2-core/index.ts';
import { VB2_WRITE, type Vb2Buffer, type Vb2Ops, Vb2Queue } from '../../videobuf2/index.ts';
import type { CameraIdentity } from '../lib/driver-module.ts';
import { checkFrame, type FrameFormat, isSameShape } from '../lib/frame-format.ts';
import type { TimePerFrame } from '../lib/frame-interval.ts';
import { setupQueue } from './buffers.ts';
import { LoopbackControls } from './loopback-controls.ts';
import { nearestLoopbackFormat } from './loopback-format.ts';
import type { LoopbackReader, ReaderHost } from './reader.ts';
import { type DropPolicy, FrameRelay } from './relay.ts';

export interface LoopbackConfig {
  readonly identity: CameraIdentity;
  readonly clock: Clock;
  readonly pages: PageAllocator;
  /** What programs find as long as none has set anything. */
  readonly size: FrameSize;
  readonly format: FormatInfo;
  readonly timeperframe: TimePerFrame;
  readonly drop: DropPolicy;
}

export class Loopback implements ReaderHost {
  readonly identity: CameraIdentity;
  /** `loopback-000`. */
  readonly name: string;
  readonly clock: Clock;
  readonly memOps: Vb2MemOps<VmallocMemory>;
  readonly relay: FrameRelay;
  readonly output: Vb2Queue<Loopback>;
  /** The consumers: one for good, or one for each open file. */
  readonly readers = new Set<LoopbackReader>();
  /** Told of how many stream. */
  onReaders: ((readers: number) => void) | undefined;
  readonly defaultInterval: TimePerFrame;
  readonly controls = new LoopbackControls(() => this.#controlsChanged());
  #interval: TimePerFrame;
  #format: FrameFormat;
  #producer: V4l2Fh | undefined;
  /** A producer has gone whose format was to be kept. */
  #wasKept = false;
  /** The open file whose frames are the placeholder. */
  #imageWriter: V4l2Fh | undefined;
  #placeholder: PictureSource | undefined;

  constructor(config: LoopbackConfig) {
    const { size, format, timeperframe } = config;
    this.identity = config.identity;
    this.name = config.identity.label;
    this.clock = config.clock;
    this.memOps = vmallocMemOps(config.pages);
    this.relay = new FrameRelay(config.clock, config.drop);
    this.defaultInterval = timeperframe;
    this.#interval = timeperframe;
    this.#format = nearestLoopbackFormat({ ...size, pixelformat: format.fourcc, sizeimage: 0 });
    this.output = this.#createOutput();
  }

  #createOutput(): Vb2Queue<Loopback> {
    return new Vb2Queue<Loopback>({
      name: `${this.name}-out`,
      type: V4L2_BUF_TYPE_VIDEO_OUTPUT,
      isOutput: true,
      isMultiplanar: false,
      ioModes: VB2_WRITE,
      ops: outputOps,
      memOps: withLateUserptr(this.memOps),
      drvPriv: this,
      clock: this.clock,
      // No minimum of queued buffers: a producer that says STREAMON ends the placeholder.
      timestampFlags: V4L2_BUF_FLAG_TIMESTAMP_COPY,
      supportsRemoveBufs: true,
    });
  }

  get format(): FrameFormat {
    return this.#format;
  }

  /** The time from frame to frame: what the producer says, and the pace of the placeholder. */
  get interval(): TimePerFrame {
    return this.#interval;
  }

  set interval(interval: TimePerFrame) {
    this.#interval = interval;
    for (const reader of this.readers) reader.rateChanged();
  }

  /** The frame that is shown while nobody produces. */
  get placeholder(): PictureSource {
    this.#placeholder ??= placeholderPicture(this.#format, this.#format.planeSizes[0]);
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
    return this.hasProducer || this.hasReaderBuffers || this.isKept;
  }

  /** The format is the only one that there is, as long as it does not go with the producer. */
  get isDecided(): boolean {
    return this.hasProducer || this.isKept;
  }

  /** Producers are given this format too, as one was that gives frames, or has gone: until then there is none to be kept. */
  get isKept(): boolean {
    return this.controls.keepFormat && (this.#wasKept || this.relay.isProducing);
  }

  readersChanged(): void {
    this.onReaders?.(this.relay.readers);
  }

  #controlsChanged(): void {
    if (!this.controls.keepFormat) this.#wasKept = false;
    for (const reader of this.readers) reader.controlsChanged();
  }

  /** Somebody opens the output node. */
  outputOpened(fh: V4l2Fh): void {
    if (this.controls.takeImageIo()) this.#imageWriter = fh;
  }

  /** What is given now is not for consumers: it is the placeholder. */
  get takesImage(): boolean {
    const isOthers = this.hasProducer && this.#producer !== this.#imageWriter;
    return this.#imageWriter !== undefined && !isOthers;
  }

  /** The producer has given the placeholder: it is shown from now on, until the format changes. */
  takeImage(vb: Vb2Buffer<Loopback>): void {
    const image = vb.planeVaddr(0).slice(0, vb.planePayload(0));
    this.#placeholder = stillPicture(this.#format, [image]);
    vb.done('DONE');
  }

  /** `fh` is the producer from now on. */
  claim(fh: V4l2Fh): void {
    this.#producer = fh;
  }

  /** `fh` is closed. */
  unclaim(fh: V4l2Fh): void {
    if (this.#producer === fh) {
      this.#producer = undefined;
      this.#wasKept = this.controls.keepFormat;
    }
    if (this.#imageWriter === fh) this.#imageWriter = undefined;
  }

  /** What a producer gets that asks for `wanted`. EBUSY if buffers of another format exist. */
  setProducerFormat(fh: V4l2Fh, wanted: FrameFormat): void {
    if (this.output.isBusy()) throw new Errno(EBUSY, 'there are buffers of the old format');
    if (this.isKept) this.claim(fh);
    else if (!this.hasReaderBuffers) this.#setFormat(wanted);
    else if (isSameShape(wanted, this.#format))
      this.#setFormat({ ...wanted, planeSizes: this.#format.planeSizes });
    else throw new Errno(EBUSY, 'programs that read have buffers of another format');
    this.claim(fh);
  }

  /** A consumer sets the format; nothing happens if that is fixed. */
  setReaderFormat(wanted: FrameFormat): void {
    if (!this.isFixed) this.#setFormat(wanted);
  }

  #setFormat(format: FrameFormat): void {
    this.#format = format;
    this.#placeholder = undefined;
    // One write() is one frame where frames differ in length; raw frames may come in pieces. No buffers exist.
    const settings: { fileioWriteImmediately: boolean } = this.output;
    settings.fileioWriteImmediately = isCompressed(format.info);
  }
}

const outputOps = {
  queueSetup: (q, setup) => setupQueue(q.drvPriv.format, setup),
  bufOutValidate(vb) {
    if (vb.field === V4L2_FIELD_ANY) vb.field = V4L2_FIELD_NONE;
    if (vb.field !== V4L2_FIELD_NONE) throw new Errno(EINVAL, 'frames are progressive');
  },
  bufPrepare(vb) {
    const { format, relay } = vb.queue.drvPriv;
    checkFrame(vb, format);
    // It gets to the relay when the program has said STREAMON, so it is looked at now: see withLateUserptr().
    if (!relay.isProducing) vb.planeVaddr(0);
  },
  bufQueue(vb) {
    const loopback = vb.queue.drvPriv;
    if (loopback.takesImage) loopback.takeImage(vb);
    else loopback.relay.push(vb);
  },
  bufCleanup: (vb) => vb.queue.drvPriv.relay.forget(vb),
  startStreaming({ drvPriv: loopback }) {
    if (!loopback.takesImage) loopback.relay.start();
  },
  stopStreaming({ drvPriv: loopback }) {
    if (!loopback.takesImage) loopback.relay.stop();
  },
} satisfies Vb2Ops<Loopback>;
