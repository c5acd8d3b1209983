/**
 * Who reads a camera that makes its own frames: a queue, and the stream that fills it. The camera says what it shows
 * (a FrameSource) and how fast; when frames fall due is the business of a FrameClock.
 */
import { V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC, V4L2_FIELD_NONE } from '../../abi/index.ts';
import type { Clock } from '../../base/timers.ts';
import type { Vb2MemOps } from '../../memory/mem-ops.ts';
import type { FrameSource } from '../../sources/index.ts';
import { type Vb2Buffer, type Vb2Ops, Vb2Queue } from '../../videobuf2/index.ts';
import { FrameClock } from './frame-clock.ts';
import { type FrameFormat, limitMemory, prepareFrame, setupFrames } from './frame-format.ts';
import type { TimePerFrame } from './frame-interval.ts';
import type { SharedFrames } from './shared-frames.ts';
import { type Shutter, ShutteredStream } from './shutter.ts';

/** What a reader wants to know of its camera. */
export interface CaptureCamera {
  /** `vivi-000`. */
  readonly name: string;
  readonly clock: Clock;
  readonly memOps: Vb2MemOps;
  /** VB2_* for the queue. */
  readonly ioModes: number;
  /** It stays as it is while there are buffers. */
  readonly format: FrameFormat;
  readonly timeperframe: TimePerFrame;
  /** A frame falls due as soon as there is a buffer for it. */
  readonly unpaced: boolean;
  /** Bytes that the buffers of one request may have. */
  readonly memoryLimit: number;
  readonly shutter: Shutter;
  readonly shared: SharedFrames;
  /** A program has been given a frame. */
  frameGiven?(sequence: number, time: number): void;
  /** What a stream shows that starts now. */
  createSource(): FrameSource;
}

export class CaptureReader {
  readonly camera: CaptureCamera;
  readonly queue: Vb2Queue<CaptureReader>;
  readonly #frameClock: FrameClock;
  /** Buffers to be filled, in the order in which they were queued. */
  readonly #buffers: Vb2Buffer<CaptureReader>[] = [];
  #stream: ShutteredStream | undefined;

  /** `type` is one of the two V4L2_BUF_TYPE_VIDEO_CAPTURE, `tstampSrc` one of V4L2_BUF_FLAG_TSTAMP_SRC_*. */
  constructor(
    camera: CaptureCamera,
    { type, isMultiplanar, tstampSrc = 0 }: { type: number; isMultiplanar: boolean; tstampSrc?: number },
  ) {
    this.camera = camera;
    this.#frameClock = new FrameClock(camera.clock, (sequence, time) => this.#show(sequence, time));
    this.queue = new Vb2Queue<CaptureReader>({
      name: `${camera.name}-vid-cap`,
      type,
      isOutput: false,
      isMultiplanar,
      ioModes: camera.ioModes,
      ops: queueOps,
      memOps: camera.memOps,
      drvPriv: this,
      clock: camera.clock,
      timestampFlags: V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC | tstampSrc,
      // The schedule starts with the first buffer: a program that streams before it queues loses no frame.
      minQueuedBuffers: 1,
      supportsRemoveBufs: true,
    });
  }

  push(vb: Vb2Buffer<CaptureReader>): void {
    this.#buffers.push(vb);
    this.#hurry();
  }

  /** The first frame falls due now. */
  start(): void {
    const { shared, shutter, name } = this.camera;
    shared.started(this);
    try {
      this.#stream = new ShutteredStream(this.camera.createSource(), shutter, name);
    } catch (thrown) {
      this.#giveBack('QUEUED');
      shared.stopped(this);
      throw thrown;
    }
    if (!this.camera.unpaced) {
      this.#frameClock.start(this.camera.timeperframe);
      return;
    }
    this.#frameClock.startUnpaced();
    this.#hurry();
  }

  stop(): void {
    this.#frameClock.stop();
    this.#giveBack('ERROR');
    const stream = this.#stream;
    this.#stream = undefined;
    try {
      stream?.end();
    } finally {
      this.camera.shared.stopped(this);
    }
  }

  /** Whatever the source of a driver throws, its buffers are the program's again. */
  #giveBack(state: 'QUEUED' | 'ERROR'): void {
    for (const vb of this.#buffers.splice(0)) vb.done(state);
  }

  /** The interval of the camera has changed; a stream may be running. */
  rateChanged(): void {
    this.#frameClock.changeInterval(this.camera.timeperframe);
  }

  /** Each frame goes into the buffer that waits longest, and is lost if none waits. */
  #show(sequence: number, time: number): void {
    // Of a source that has nothing yet there is no frame, not even a lost one.
    if (this.#stream?.isReady() === false) {
      this.#frameClock.putOff();
      return;
    }
    if (this.#stream === undefined) return;
    const { shared } = this.camera;
    const isShared = shared.follows(this);
    const vb = this.#buffers.shift();
    const passed = time - this.#frameClock.started;
    if (vb === undefined) {
      if (isShared) shared.take(this.#stream, sequence, passed);
      return;
    }
    const isWhole = this.#stream.put(vb, sequence, passed);
    if (isShared && isWhole) shared.copy(vb);
    vb.field = V4L2_FIELD_NONE;
    vb.sequence = sequence;
    vb.timestamp = time;
    vb.done(isWhole ? 'DONE' : 'ERROR');
    if (shared.leads(this)) this.camera.frameGiven?.(sequence, time);
    this.#hurry();
  }

  #hurry(): void {
    if (this.#buffers.length > 0) this.#frameClock.hurry();
  }
}

const queueOps = {
  queueSetup(q, setup) {
    const { format, memoryLimit } = q.drvPriv.camera;
    setupFrames(setup, format);
    limitMemory(setup, memoryLimit);
  },
  bufPrepare: (vb) => prepareFrame(vb, vb.queue.drvPriv.camera.format),
  bufQueue: (vb) => vb.queue.drvPriv.push(vb),
  startStreaming: (q) => q.drvPriv.start(),
  stopStreaming: (q) => q.drvPriv.stop(),
} satisfies Vb2Ops<CaptureReader>;
