/**
 * The way of frames through a loopback device. A frame goes to every consumer that streams, and back to its
 * producer when all have it. So a producer is as fast as its slowest consumer, and nothing is lost:
 *
 *  - without a consumer frames are taken at once and are gone, as in front of a screen that is off;
 *  - a consumer that has no buffer queued is waited for, as long as {@link DropPolicy} says;
 *  - one that was waited for in vain is as good as gone until it queues a buffer again.
 *
 * The last frame of a producer that stands still can be had from its buffer by who comes later: see {@link FrameRelay.last}.
 */
import { partOf } from '../../base/bytes.ts';
import { type Clock, Timer } from '../../base/timers.ts';
import { WaitQueue } from '../../base/wait-queue.ts';
import type { Caller, File, WOULD_BLOCK } from '../../vfs/file.ts';
import { VB2_MEMORY_MMAP, type Vb2Buffer } from '../../videobuf2/index.ts';
import { Frame } from './frame.ts';

/** Who is given frames. */
export interface Consumer {
  /** The relay's: the serial of the frame that comes next for this consumer. */
  next: number;
  /** The relay's: it was waited for in vain. */
  stalled: boolean;
  /** The memory of the buffer that waits longest, if one waits. The next frame that is taken goes there. */
  room(): Uint8Array | undefined;
  /** Copies the piece of a frame from `from` to `to` there, both in bytes. The frame is taken later. */
  copyPiece(frame: Frame, from: number, to: number): void;
  /** The frame is in that buffer, or is copied there, but for its first `copied` bytes which are. */
  take(frame: Frame, copied: number): void;
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
/**
 * A frame is copied in pieces of so many bytes, between which calls are served: to copy one takes about as long as to serve a
 * call, so that nobody notices.
 */
const PIECE = 512 << 10;
/** The same of the memory of another process, where each piece has a price of its own. */
const FOREIGN_PIECE = 1 << 20;
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
  readonly #deliverPiece = () => this.#movePiece();
  /** Who has the first {@link #copied} bytes of its next frame, as that is copied in pieces. */
  #receiver: Consumer | undefined;
  #copied = 0;
  /** Who gives a frame straight to a consumer, in pieces; where it goes, and how much of it is there. */
  #giver: Caller | undefined;
  #givenTo: Uint8Array | undefined;
  #given = 0;
  /** Woken when its next piece is to be read. */
  readonly #pieceWq = new WaitQueue();
  readonly #nextPiece = () => {
    this.#pieceWq.wakeUp();
    return false;
  };
  /** The frame that the timer runs for. */
  #timed = -1;
  /** Frames of the producer since it began to stream. */
  #sequence = 0;
  #producing = false;
  #lastFrame = 0;
  #last: Frame | undefined;

  constructor(clock: Clock, drop: DropPolicy) {
    this.#clock = clock;
    this.#drop = drop;
  }

  /** A producer streams, or frames of one that has gone are not delivered yet: no need for a placeholder. */
  get hasFrames(): boolean {
    return this.#producing || this.#pending.length > 0;
  }

  /** Who streams. */
  get readers(): number {
    return this.#consumers.length;
  }

  get isProducing(): boolean {
    return this.#producing;
  }

  /** When the producer gave its last frame, or began; in nanoseconds of the clock. */
  get lastFrame(): number {
    return this.#lastFrame;
  }

  /**
   * The newest frame of the producer, which all have who were there, if it lies in a buffer of ours still. The producer has got
   * that back: who fills it at this moment for its next frame has it torn, as v4l2loopback has, whose readers map the same memory.
   */
  get last(): Frame | undefined {
    return this.#last;
  }

  /** The memory of a buffer of the producer goes. */
  forget(vb: Vb2Buffer): void {
    if (this.#last?.vb === vb) this.#last = undefined;
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
    this.#last = undefined;
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
    this.#last = undefined;
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
    if (this.#receiver === consumer) this.#receiver = undefined;
    this.#givenTo = undefined;
    this.deliver();
  }

  /**
   * A frame that is in no buffer of the producer goes where it is wanted with one copy: `read` puts its bytes from `from` on
   * into the memory of a consumer. What `read` throws leaves everything as it was.
   *
   *  - passed: everybody has it, who is waited for.
   *  - more: a piece of it is there, {@link awaitPiece} waits for the next.
   *  - wait: somebody is not ready for it; {@link awaitRoom} waits for that.
   *  - queue: nobody is waited for, or not enough room; it may go into a buffer of the producer as any other frame.
   */
  passStraight(
    length: number,
    caller: Caller,
    read: (from: number, to: Uint8Array) => void,
  ): 'passed' | 'more' | 'wait' | 'queue' {
    if (this.#giver !== undefined && this.#giver !== caller) return 'wait';
    // What somebody gave who was interrupted is no part of this frame.
    if (this.#giver === undefined) this.#givenTo = undefined;
    this.#giver = undefined;
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
    const from = this.#givenTo === room ? this.#given : 0;
    this.#givenTo = undefined;
    const to = Math.min(from + FOREIGN_PIECE, length);
    read(from, partOf(room, from, to));
    if (to < length) {
      this.#giver = caller;
      this.#givenTo = room;
      this.#given = to;
      return 'more';
    }
    this.#share(first, room, length);
    return 'passed';
  }

  /** `caller` has given a piece of a frame and tries again, as others may do before. */
  awaitPiece(caller: Caller): typeof WOULD_BLOCK {
    const answer = caller.sleep(this.#pieceWq, () => {
      if (this.#giver === caller) this.#giver = undefined;
      this.roomWq.wakeUp();
      return undefined;
    });
    caller.afterwards(this.#nextPiece);
    return answer;
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
    this.#last = undefined;
    this.#writerWaits = false;
    for (const consumer of this.#consumers)
      if (consumer !== first && consumer.room() !== undefined) consumer.take(frame, 0);
    first.take(frame, length);
    this.#watch();
    this.roomWq.wakeUp();
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
   * long as many calls, in which its sides can make and use others, and these calls are served meanwhile.
   */
  deliverAfter(caller: Caller): void {
    caller.afterwards(this.#deliverPiece);
  }

  /** Who does not wait for a frame that is on its way would not find it: it is there before that DQBUF looks. */
  deliverBefore(file: File): void {
    if (this.#pending.length > 0 && file.nonblock()) this.deliver();
  }

  /** A consumer is about to use its next buffer for something else: the frame that is on its way there comes first. */
  finishPieces(): void {
    if (this.#receiver !== undefined) this.deliver();
    // Its giver gives it once more.
    this.#givenTo = undefined;
  }

  /**
   * Frames are moved on within the QBUF of one in memory of its program, which is there for sure as long as it waits for
   * its answer: who is ready gets it from there with one copy, and for all others it is fetched.
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
    for (const consumer of this.#consumers) {
      for (let frame = this.#nextOf(consumer); frame !== undefined; frame = this.#nextOf(consumer))
        this.#give(consumer, frame);
    }
    this.#release();
  }

  /** Moves a frame on by a piece; true if there is more to be moved. */
  #movePiece(): boolean {
    const consumer = this.#receiver ?? this.#firstReady();
    const frame = consumer === undefined ? undefined : this.#nextOf(consumer);
    if (consumer !== undefined && frame !== undefined) {
      const copied = this.#receiver === undefined ? 0 : this.#copied;
      if (copied + PIECE < frame.length) {
        consumer.copyPiece(frame, copied, copied + PIECE);
        this.#receiver = consumer;
        this.#copied = copied + PIECE;
        return true;
      }
      this.#give(consumer, frame);
    }
    this.#release();
    return this.#firstReady() !== undefined;
  }

  #give(consumer: Consumer, frame: Frame): void {
    const copied = this.#receiver === consumer ? this.#copied : 0;
    if (this.#receiver === consumer) this.#receiver = undefined;
    this.#givenTo = undefined;
    consumer.take(frame, copied);
  }

  /** The frame that comes next for `consumer`; undefined if there is none, or no room for it. */
  #nextOf(consumer: Consumer): Frame | undefined {
    if (consumer.room() === undefined) return undefined;
    for (const frame of this.#pending) if (frame.serial >= consumer.next) return frame;
    return undefined;
  }

  #firstReady(): Consumer | undefined {
    for (const consumer of this.#consumers) if (this.#nextOf(consumer) !== undefined) return consumer;
    return undefined;
  }

  /** Frames that nobody is waited for with go back to their producer. */
  #release(): void {
    while (this.#pending.length > 0 && !this.#isAwaited(this.#pending[0] as Frame)) {
      const frame = this.#pending.shift();
      if (this.#producing && frame?.vb?.memory === VB2_MEMORY_MMAP) this.#last = frame;
      frame?.vb?.done('DONE');
    }
    this.#watch();
    if (this.#pending.length === 0) this.roomWq.wakeUp();
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
