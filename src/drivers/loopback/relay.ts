/**
 * The way of frames through a loopback device. A frame goes to every consumer that streams, and back to its
 * producer when all have it. So a producer is as fast as its slowest consumer, and nothing is lost:
 *
 *  - without a consumer frames are taken at once and are gone, as in front of a screen that is off;
 *  - a consumer that has no buffer queued is waited for, as long as {@link DropPolicy} says;
 *  - one that was waited for in vain is as good as gone until it queues a buffer again.
 */
import { type Clock, Timer } from '../../base/timers.ts';
import { WaitQueue } from '../../base/wait-queue.ts';
import type { Caller, WOULD_BLOCK } from '../../vfs/file.ts';
import type { Vb2Buffer } from '../../videobuf2/index.ts';
import { Frame } from './frame.ts';

/** Who is given frames. */
export interface Consumer {
  /** The relay's: the serial of the frame that comes next for this consumer. */
  next: number;
  /** The relay's: it was waited for in vain. */
  stalled: boolean;
  /** The memory of the buffer that waits longest, if one waits. The next frame that is taken goes there. */
  room(): Uint8Array | undefined;
  /** Copies a frame into that buffer, unless it lies there already; false if none waits. */
  take(frame: Frame): boolean;
  /** A producer begins to give frames, or has stopped. */
  producerStarted(): void;
  producerStopped(): void;
}

export const dropPolicies = ['late', 'now', 'never'] as const;

/**
 * When a frame is lost to a consumer that has no buffer queued.
 *
 *  - late: after a second. A consumer that keeps up loses nothing, one that hangs stops nobody.
 *  - now: at once, as with a camera. The producer is never slowed down.
 *  - never: the producer waits until the consumer takes the frame or stops streaming.
 */
export type DropPolicy = (typeof dropPolicies)[number];

const PATIENCE = 1_000_000_000;
/** Frames that are kept for consumers after their producer has gone. */
const MAX_KEPT = 32;

export class FrameRelay {
  readonly #clock: Clock;
  readonly #drop: DropPolicy;
  /** Consumers that stream. */
  readonly #consumers: Consumer[] = [];
  /** Frames that not everybody has, the oldest first. */
  readonly #pending: Frame[] = [];
  /** Woken when a frame may pass straight that could not, see {@link passStraight}. */
  readonly roomWq = new WaitQueue();
  /** Somebody sleeps there, or did until a signal came. */
  #writerWaits = false;
  readonly #straight = new Frame(undefined);
  #nextSerial = 0;
  readonly #timer = new Timer(() => this.#giveUp());
  readonly #deliver = () => this.deliver();
  /** The frame that the timer runs for. */
  #timed = -1;
  /** Frames of the producer since it began to stream. */
  #sequence = 0;
  #producing = false;
  #lastFrame = 0;

  constructor(clock: Clock, drop: DropPolicy) {
    this.#clock = clock;
    this.#drop = drop;
  }

  /** A producer streams, or frames of one that has gone are not delivered yet: no need for a placeholder. */
  get hasFrames(): boolean {
    return this.#producing || this.#pending.length > 0;
  }

  get isProducing(): boolean {
    return this.#producing;
  }

  /** When the producer gave its last frame, or began; in nanoseconds of the clock. */
  get lastFrame(): number {
    return this.#lastFrame;
  }

  /** The producer starts; what it has queued before comes first. */
  start(): void {
    this.#producing = true;
    this.#lastFrame = this.#clock.now();
    for (const consumer of this.#consumers) consumer.producerStarted();
    this.deliver();
  }

  /** The producer stops: its buffers go back at once, frames that are waited for are kept. */
  stop(): void {
    this.deliver();
    this.#producing = false;
    this.#sequence = 0;
    const frames = this.#pending.splice(0);
    for (const frame of frames) {
      this.#pending.push(frame.vb === undefined ? frame : frame.keep());
      frame.vb?.done('DONE');
    }
    if (this.#pending.length > MAX_KEPT) this.#pending.splice(0, this.#pending.length - MAX_KEPT);
    for (const consumer of this.#consumers) consumer.producerStopped();
  }

  /** A frame of the producer, which may be about to start; it goes on its way with {@link deliver}. */
  push(vb: Vb2Buffer): void {
    if (!(vb.drvPriv instanceof Frame)) vb.drvPriv = new Frame(vb);
    const frame = vb.drvPriv as Frame;
    frame.serial = this.#nextSerial++;
    frame.length = vb.planePayload(0);
    this.#lastFrame = this.#clock.now();
    if (vb.time.isZero) frame.time.nanoseconds = this.#lastFrame;
    else frame.time.copy(vb.time);
    frame.flags = vb.flags;
    frame.timecode = vb.timecode;
    vb.sequence = this.#sequence++;
    this.#pending.push(frame);
  }

  /** A consumer begins: its first frame is the next one that comes. */
  join(consumer: Consumer): void {
    consumer.next = this.#nextSerial;
    this.#consumers.push(consumer);
  }

  /** A consumer has stopped; nobody waits for it. */
  leave(consumer: Consumer): void {
    const at = this.#consumers.indexOf(consumer);
    if (at >= 0) this.#consumers.splice(at, 1);
    this.deliver();
  }

  /**
   * A frame that is in no buffer of the producer goes where it is wanted with one copy: `read` puts it into the memory
   * of a consumer. What `read` throws leaves everything as it was.
   *
   *  - passed: everybody has it, who is waited for.
   *  - wait: somebody is not ready for it; {@link awaitRoom} waits for that.
   *  - queue: nobody is waited for, or not enough room; it may go into a buffer of the producer as any other frame.
   */
  passStraight(length: number, read: (to: Uint8Array) => void): 'passed' | 'wait' | 'queue' {
    let first: Consumer | undefined;
    for (const consumer of this.#consumers) {
      if (consumer.stalled) continue;
      const room = consumer.room();
      if (this.#pending.length > 0 || room === undefined) return this.#drop === 'now' ? 'queue' : 'wait';
      if (room.length < length) return 'queue';
      first ??= consumer;
    }
    const room = first?.room();
    if (first === undefined || room === undefined) return 'queue';
    read(room.length === length ? room : room.subarray(0, length));
    this.#share(first, room, length);
    return 'passed';
  }

  /** A frame lies in the buffer of `first`: the others get copies, and it comes last, when its memory is the program's. */
  #share(first: Consumer, bytes: Uint8Array, length: number): void {
    const frame = this.#straight;
    frame.bytes = bytes;
    frame.length = length;
    frame.serial = this.#nextSerial++;
    this.#lastFrame = this.#clock.now();
    frame.time.nanoseconds = this.#lastFrame;
    this.#sequence++;
    this.#writerWaits = false;
    for (const consumer of this.#consumers) if (consumer !== first) consumer.take(frame);
    first.take(frame);
    this.#watch();
  }

  /** `caller` has a frame that may not pass yet; it tries again when {@link roomWq} wakes. */
  awaitRoom(caller: Caller): typeof WOULD_BLOCK {
    const answer = caller.sleep(this.roomWq);
    this.#writerWaits = true;
    this.#watch();
    return answer;
  }

  /**
   * Frames are moved on when the QBUF of `caller`, of a producer or a consumer, has been answered: to copy one takes as
   * long as many calls, in which its sides can make and use others.
   */
  deliverAfter(caller: Caller): void {
    caller.afterwards(this.#deliver);
  }

  /**
   * The same for a frame in memory of its program, which is there for sure as long as it waits for its answer: who is
   * ready gets it from there with one copy, and for all others it is fetched.
   */
  deliverFromProgram(): void {
    this.deliver();
    this.#pending.at(-1)?.fetch();
  }

  /**
   * Moves frames on as far as that is possible. Called when the ioctl or write() is over that queued a frame
   * or a buffer: a buffer that was done within its own QBUF would surprise programs.
   */
  deliver(): void {
    if (this.#pending.length > 0) this.#moveOn();
    this.#watch();
    if (this.#pending.length === 0) this.roomWq.wakeUp();
  }

  #moveOn(): void {
    for (const consumer of this.#consumers) {
      for (const frame of this.#pending) if (frame.serial >= consumer.next && !consumer.take(frame)) break;
    }
    while (this.#pending.length > 0 && !this.#isAwaited(this.#pending[0] as Frame)) {
      this.#pending.shift()?.vb?.done('DONE');
    }
  }

  #isAwaited(frame: Frame): boolean {
    if (this.#drop === 'now') return false;
    for (const consumer of this.#consumers)
      if (!consumer.stalled && consumer.next <= frame.serial) return true;
    return false;
  }

  /** Runs the timer for the frame that is waited for, from the moment when it is the first. */
  #watch(): void {
    const serial = this.#pending[0]?.serial ?? (this.#writerWaits ? this.#nextSerial : -1);
    if (serial === this.#timed || this.#drop !== 'late') return;
    this.#timed = serial;
    if (serial < 0) this.#clock.timers.cancel(this.#timer);
    else this.#clock.timers.arm(this.#timer, this.#clock.now() + PATIENCE);
  }

  #giveUp(): void {
    const serial = this.#timed;
    this.#timed = -1;
    // Whoever waited with a frame of its own may have been interrupted since.
    if (this.roomWq.empty) this.#writerWaits = false;
    if (this.#pending.length === 0 && !this.#writerWaits) return;
    for (const consumer of this.#consumers)
      if (consumer.next <= serial && consumer.room() === undefined) consumer.stalled = true;
    this.deliver();
  }
}
