/** A consumer: a capture queue, where it is in the stream, and what it sees while nobody produces. */
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
import { Timer } from '../../base/timers.ts';
import { VB2_READ, type Vb2Buffer, type Vb2Ops, Vb2Queue } from '../../videobuf2/index.ts';
import { FrameSchedule } from '../lib/frame-schedule.ts';
import { ioModesOf } from '../lib/io-modes.ts';
import { checkPlane, setupQueue } from './buffers.ts';
import type { Frame } from './frame.ts';
import type { Loopback } from './loopback.ts';

/** What a frame takes along. */
const FRAME_FLAGS =
  V4L2_BUF_FLAG_KEYFRAME |
  V4L2_BUF_FLAG_PFRAME |
  V4L2_BUF_FLAG_BFRAME |
  V4L2_BUF_FLAG_TIMECODE |
  V4L2_BUF_FLAG_TSTAMP_SRC_MASK;

export class LoopbackReader {
  readonly loopback: Loopback;
  readonly queue: Vb2Queue<LoopbackReader>;
  readonly placeholder: Placeholder;
  /** Buffers to be filled, in the order in which they were queued. */
  readonly free: Vb2Buffer<LoopbackReader>[] = [];
  /** The relay's: the serial of the frame that comes next for this consumer. */
  next = 0;
  /** The relay's: it was waited for in vain. */
  stalled = false;
  /**
   * The number of the next frame: they count from the first that this consumer gets, so one that was there
   * before the producer numbers frames as that does. A frame that is lost leaves a gap.
   */
  #sequence = 0;

  constructor(loopback: Loopback) {
    this.loopback = loopback;
    this.placeholder = new Placeholder(this);
    const { memOps, clock } = loopback;
    this.queue = new Vb2Queue<LoopbackReader>({
      name: `${loopback.name}-cap`,
      type: V4L2_BUF_TYPE_VIDEO_CAPTURE,
      isOutput: false,
      isMultiplanar: false,
      ioModes: ioModesOf(memOps) | VB2_READ,
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
    this.#sequence = 0;
    this.stalled = false;
    this.loopback.relay.join(this);
  }

  /** Copies a frame into the buffer that waits longest; false if none waits. */
  take(frame: Frame): boolean {
    const vb = this.free.shift();
    if (vb === undefined) return false;
    this.#sequence += frame.serial - this.next;
    this.next = frame.serial + 1;
    vb.time.copy(frame.time);
    vb.flags = (vb.flags & ~FRAME_FLAGS) | (frame.flags & FRAME_FLAGS);
    if ((frame.flags & V4L2_BUF_FLAG_TIMECODE) !== 0 && frame.timecode !== undefined) {
      vb.timecode ??= new Uint8Array(frame.timecode.length);
      vb.timecode.set(frame.timecode);
    }
    this.#fill(vb, frame.bytes, frame.length);
    return true;
  }

  /** Shows the placeholder if a buffer waits. Without one nothing is lost, so nothing is counted. */
  show(picture: Uint8Array, timestamp: number): void {
    const vb = picture.length > 0 ? this.free.shift() : undefined;
    if (vb === undefined) return;
    vb.timestamp = timestamp;
    vb.flags &= ~FRAME_FLAGS;
    this.#fill(vb, picture, picture.length);
  }

  #fill(vb: Vb2Buffer<LoopbackReader>, bytes: Uint8Array, length: number): void {
    const plane = vb.planeVaddr(0);
    const fits = Math.min(length, plane.length);
    plane.set(bytes.length === fits ? bytes : bytes.subarray(0, fits));
    vb.setPlanePayload(0, fits);
    vb.field = V4L2_FIELD_NONE;
    vb.sequence = this.#sequence++;
    vb.done(fits === length ? 'DONE' : 'ERROR');
  }
}

/** The placeholder of one consumer, at the frame rate that the device has. */
class Placeholder {
  readonly #reader: LoopbackReader;
  readonly #timer = new Timer(() => this.#tick());
  readonly #schedule = new FrameSchedule();
  #next = 0;
  #running = false;

  constructor(reader: LoopbackReader) {
    this.#reader = reader;
  }

  /** The first frame is due now. */
  start(): void {
    this.#begin(this.#reader.loopback.clock.now());
  }

  /** The producer has stopped just after a frame of its own: the first of ours is due an interval later. */
  resume(): void {
    const { clock, interval } = this.#reader.loopback;
    this.#begin(clock.now() + Math.floor((interval.numerator * 1e9) / interval.denominator));
  }

  /** The interval has changed: it counts from now on. */
  resync(): void {
    if (this.#running) this.resume();
  }

  stop(): void {
    this.#running = false;
    this.#reader.loopback.clock.timers.cancel(this.#timer);
  }

  #begin(first: number): void {
    this.#running = true;
    this.#next = 0;
    this.#schedule.restart(first, this.#reader.loopback.interval);
    this.#arm();
  }

  #arm(): void {
    this.#reader.loopback.clock.timers.arm(this.#timer, this.#schedule.timeOf(this.#next));
  }

  #tick(): void {
    const { loopback } = this.#reader;
    const frame = this.#schedule.frameAt(loopback.clock.now());
    if (!loopback.relay.hasFrames) this.#reader.show(loopback.placeholder, this.#schedule.timeOf(frame));
    this.#next = frame + 1;
    this.#arm();
  }
}

const captureOps = {
  queueSetup: (q, setup) => setupQueue(q.drvPriv.loopback, setup),
  bufPrepare: (vb) => checkPlane(vb.queue.drvPriv.loopback, vb),
  bufQueue(vb) {
    const reader = vb.queue.drvPriv;
    reader.free.push(vb);
    reader.stalled = false;
  },
  startStreaming: (q) => q.drvPriv.begin(),
  stopStreaming(q) {
    const reader = q.drvPriv;
    reader.loopback.relay.leave(reader);
    for (const vb of reader.free.splice(0)) vb.done('ERROR');
  },
} satisfies Vb2Ops<LoopbackReader>;
