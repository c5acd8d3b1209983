/** A consumer: a capture queue, where it is in the stream, and what it sees while the producer gives it nothing. */
import {
  V4L2_BUF_FLAG_BFRAME,
  V4L2_BUF_FLAG_KEYFRAME,
  V4L2_BUF_FLAG_PFRAME,
  V4L2_BUF_FLAG_TIMECODE,
  V4L2_BUF_FLAG_TIMESTAMP_COPY,
  V4L2_BUF_FLAG_TSTAMP_SRC_MASK,
  V4L2_BUF_TYPE_VIDEO_CAPTURE,
  V4L2_FIELD_NONE,
} from '../../abi/index.ts';
import { copyPart, firstBytes, NO_BYTES } from '../../base/bytes.ts';
import type { Clock } from '../../base/timers.ts';
import type { Vb2MemOps } from '../../memory/mem-ops.ts';
import type { PictureSource } from '../../sources/index.ts';
import { VB2_READ, type Vb2Buffer, type Vb2Ops, Vb2Queue } from '../../videobuf2/index.ts';
import { FrameClock } from '../lib/frame-clock.ts';
import { checkFrame, type FrameFormat } from '../lib/frame-format.ts';
import type { TimePerFrame } from '../lib/frame-interval.ts';
import { setupQueue } from './buffers.ts';
import type { Frame } from './frame.ts';
import type { LoopbackControls } from './loopback-controls.ts';
import type { Consumer, FrameRelay } from './relay.ts';

/** What a reader wants to know of its device. */
export interface ReaderHost {
  readonly name: string;
  readonly clock: Clock;
  readonly memOps: Vb2MemOps;
  readonly relay: FrameRelay;
  readonly format: FrameFormat;
  readonly interval: TimePerFrame;
  /** A reader has begun or ended. */
  readersChanged(): void;
  /** What is shown while nobody produces. */
  readonly placeholder: PictureSource;
  readonly controls: Pick<LoopbackControls, 'sustainFramerate' | 'timeout' | 'watchesProducer'>;
}

/** What a frame takes along. */
const FRAME_FLAGS =
  V4L2_BUF_FLAG_KEYFRAME |
  V4L2_BUF_FLAG_PFRAME |
  V4L2_BUF_FLAG_BFRAME |
  V4L2_BUF_FLAG_TIMECODE |
  V4L2_BUF_FLAG_TSTAMP_SRC_MASK;

export class LoopbackReader implements Consumer {
  readonly host: ReaderHost;
  readonly queue: Vb2Queue<LoopbackReader>;
  /** The pace of what the producer does not give: the rate that the device has. */
  readonly #idleClock: FrameClock;
  /** The last frame, kept while a producer that is too slow is to be made up for. */
  #kept: Uint8Array = NO_BYTES;
  #keptLength = 0;
  /** There was a frame since the last one that should have been. */
  #isFresh = false;
  #isStreaming = false;
  /** It has had no frame since it began. */
  #isNew = false;
  /** Buffers to be filled, in the order in which they were queued. */
  readonly free: Vb2Buffer<LoopbackReader>[] = [];
  next = 0;
  stalled = false;
  /**
   * The number of the next frame: they count from the first that this consumer gets, so one that was there
   * before the producer numbers frames as that does. A frame that is lost leaves a gap.
   */
  #sequence = 0;

  constructor(host: ReaderHost) {
    const { name, memOps, clock } = host;
    this.host = host;
    this.#idleClock = new FrameClock(clock, (_, time) => this.#idle(time));
    this.queue = new Vb2Queue<LoopbackReader>({
      name: `${name}-cap`,
      type: V4L2_BUF_TYPE_VIDEO_CAPTURE,
      isOutput: false,
      isMultiplanar: false,
      ioModes: VB2_READ,
      ops: captureOps,
      memOps,
      drvPriv: this,
      clock,
      timestampFlags: V4L2_BUF_FLAG_TIMESTAMP_COPY,
      minQueuedBuffers: 1,
      supportsRemoveBufs: true,
    });
  }

  begin(): void {
    const { relay, interval, controls } = this.host;
    this.#sequence = 0;
    this.#keptLength = 0;
    this.#isStreaming = true;
    this.#isNew = true;
    this.stalled = false;
    relay.join(this);
    if (!relay.isProducing) this.#idleClock.start(interval);
    else if (controls.watchesProducer || relay.last !== undefined) this.#startLater();
    this.host.readersChanged();
  }

  end(): void {
    this.#isStreaming = false;
    this.#idleClock.stop();
    this.host.relay.leave(this);
    for (const vb of this.free.splice(0)) vb.done('ERROR');
    this.host.readersChanged();
  }

  producerStarted(): void {
    if (!this.host.controls.watchesProducer) this.#idleClock.stop();
  }

  /** The producer is watched from now on, or no longer. */
  controlsChanged(): void {
    if (!this.#isStreaming || !this.host.relay.isProducing) return;
    if (!this.host.controls.watchesProducer) this.#idleClock.stop();
    else if (!this.#idleClock.isRunning) this.#startLater();
  }

  /** It has stopped just after a frame of its own. */
  producerStopped(): void {
    this.#startLater();
  }

  /** The first frame that may be ours is due an interval later. */
  #startLater(): void {
    const { clock, interval } = this.host;
    const { numerator, denominator } = interval;
    this.#idleClock.start(interval, clock.now() + Math.floor((numerator * 1e9) / denominator));
  }

  /** The interval has changed: it counts from now on. */
  rateChanged(): void {
    if (this.#idleClock.isRunning) this.#startLater();
  }

  room(): Uint8Array | undefined {
    return this.free[0]?.planeVaddr(0);
  }

  copyPiece(frame: Frame, from: number, to: number): void {
    const plane = this.room() ?? NO_BYTES;
    copyPart(frame.bytes, plane, from, Math.min(to, plane.length));
  }

  take(frame: Frame, copied: number): void {
    const vb = this.free.shift();
    if (vb === undefined) return;
    this.#sequence += frame.serial - this.next;
    this.next = frame.serial + 1;
    this.#isNew = false;
    vb.time.copy(frame.time);
    vb.flags = (vb.flags & ~FRAME_FLAGS) | (frame.flags & FRAME_FLAGS);
    if ((frame.flags & V4L2_BUF_FLAG_TIMECODE) !== 0 && frame.timecode !== undefined) {
      vb.timecode ??= new Uint8Array(frame.timecode.length);
      vb.timecode.set(frame.timecode);
    }
    if (this.host.controls.sustainFramerate) this.#keep(frame.bytes, frame.length);
    this.#isFresh = true;
    const plane = vb.planeVaddr(0);
    const fits = Math.min(frame.length, plane.length);
    if (copied === 0) frame.copyTo(firstBytes(plane, fits));
    else copyPart(frame.bytes, plane, copied, fits);
    this.#finish(vb, fits, frame.length);
  }

  #keep(bytes: Uint8Array, length: number): void {
    if (this.#kept.length < length) this.#kept = new Uint8Array(length);
    this.#kept.set(firstBytes(bytes, length));
    this.#keptLength = length;
  }

  /** A frame should be there by now. */
  #idle(time: number): void {
    const { relay, controls } = this.host;
    const { timeout, sustainFramerate } = controls;
    relay.finishPieces();
    const wasFresh = this.#isFresh;
    const last = this.#isNew && relay.isProducing ? relay.last : undefined;
    this.#isFresh = false;
    this.#isNew = false;
    if (relay.isProducing && !controls.watchesProducer) this.#idleClock.stop();
    if (!relay.hasFrames || (timeout > 0 && time - relay.lastFrame >= timeout)) this.#showPlaceholder(time);
    else if (last !== undefined) this.#showLast(last, time);
    else if (sustainFramerate && !wasFresh && this.#keptLength > 0)
      this.#show(this.#kept, this.#keptLength, time);
  }

  /** The producer stands still since before this reader came: what it shows is its last frame. */
  #showLast(frame: Frame, time: number): void {
    if (this.host.controls.sustainFramerate) this.#keep(frame.bytes, frame.length);
    this.#show(frame.bytes, frame.length, time);
  }

  #showPlaceholder(time: number): void {
    const picture = this.host.placeholder.latest(this.#sequence, time)?.[0];
    if (picture !== undefined) this.#show(picture, picture.length, time);
  }

  /** Shows what is not from the producer if a buffer waits. Without one nothing is lost, so nothing is counted. */
  #show(bytes: Uint8Array, length: number, time: number): void {
    const vb = this.free.shift();
    if (vb === undefined) return;
    vb.timestamp = time;
    vb.flags &= ~FRAME_FLAGS;
    const plane = vb.planeVaddr(0);
    const fits = Math.min(length, plane.length);
    plane.set(firstBytes(bytes, fits));
    this.#finish(vb, fits, length);
  }

  /** The frame has `length` bytes, of which the first `fits` are in the buffer. */
  #finish(vb: Vb2Buffer<LoopbackReader>, fits: number, length: number): void {
    vb.setPlanePayload(0, fits);
    vb.field = V4L2_FIELD_NONE;
    vb.sequence = this.#sequence++;
    vb.done(fits === length ? 'DONE' : 'ERROR');
  }
}

const captureOps = {
  queueSetup: (q, setup) => setupQueue(q.drvPriv.host.format, setup),
  bufPrepare: (vb) => checkFrame(vb, vb.queue.drvPriv.host.format),
  bufQueue(vb) {
    const reader = vb.queue.drvPriv;
    reader.free.push(vb);
    reader.stalled = false;
  },
  startStreaming: (q) => q.drvPriv.begin(),
  stopStreaming: (q) => q.drvPriv.end(),
} satisfies Vb2Ops<LoopbackReader>;
