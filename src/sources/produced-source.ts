import type { Clock } from '../base/timers.ts';
import { isPredicted } from '../pixel/index.ts';
import { isH264Keyframe } from '../tpg/index.ts';
import { PRODUCER_ENDED, PRODUCER_FAILED, PRODUCER_MAKING, PRODUCER_STILL } from './frame-ring.ts';
import type { FrameShape } from './frame-source.ts';
import {
  type FrameTarget,
  markFrame,
  type PaintedSource,
  type PictureSource,
  putFrame,
} from './frame-source.ts';
import type { FrameView } from './frame-view.ts';
import { placeholderPicture } from './placeholder.ts';
import type { FrameOrder, Producer, ProducerHost, ProducerWork } from './producer.ts';
import { Silence } from './silence.ts';
import { sourceName } from './source-spec.ts';

const NS_PER_S = 1_000_000_000;
const IDLE: ProducerWork = { busy: 0, isAtDisk: false };

export interface ProducedSourceConfig {
  readonly shape: FrameShape;
  readonly order: FrameOrder;
  readonly host: ProducerHost;
  readonly clock: Clock;
  /** Told once about each thing that went wrong, as a sentence. */
  readonly trouble: (text: string) => void;
}

/**
 * Frames of a producer, as the emulated kernel sees them. It looks at the ring and never waits: where there is no new
 * frame the last one is shown again, and where there will be none, or none has come for too long ({@link Silence}), the placeholder.
 */
export class ProducedSource implements PaintedSource {
  readonly shape: FrameShape;
  readonly #config: ProducedSourceConfig;
  readonly #producer: Producer;
  #placeholder: PictureSource | undefined;
  /** When in the stream frame 0 of the producer was due; -1 before it was shown. */
  #base = -1;
  /** The frame that is shown; the ring is ours from there on. */
  #shown = -1;
  /** Since the last new frame. */
  readonly #silence: Silence;
  readonly #isPredicted: boolean;
  /** The next frame that is shown has to stand alone. */
  #isCut = false;
  /** What was told, so that it is told once. */
  #told = '';

  constructor(config: ProducedSourceConfig) {
    this.shape = config.shape;
    this.#config = config;
    this.#isPredicted = isPredicted(config.shape.info);
    this.#producer = config.host.start(config.order);
    this.#silence = new Silence(config.clock.now());
  }

  isReady(): boolean {
    const { ring } = this.#producer;
    if (this.#isCut) this.#findKeyframe();
    const wanted = this.#isNextDue ? this.#shown + 1 : 0;
    return ring.written > wanted || ring.state !== PRODUCER_MAKING || this.#isSilent();
  }

  fill(target: FrameTarget, number: number, time: number): void {
    if (this.#next(time)) {
      this.#put(target);
      return;
    }
    putFrame(this.#placeholderOf(target), target, number, 0);
    this.cut();
  }

  /** Nothing is left out where each frame that is delivered is to be the next one. */
  pass(_number: number, time: number): void {
    if (this.#isPredicted) this.#leaveOut();
    else if (!this.#isNextDue) this.#next(time);
  }

  cut(): void {
    this.#isCut = this.#isPredicted;
  }

  /** Frames that are made from now on are to be seen so. */
  look(view: FrameView): void {
    this.#producer.ring.view = view;
  }

  /** There is something else to be seen for whoever orders it anew. */
  get isOutdated(): boolean {
    return this.#producer.isOutdated === true;
  }

  end(): void {
    this.#producer.stop();
  }

  /** What comes now was made of a frame that is not shown. */
  #leaveOut(): void {
    this.cut();
    const { ring } = this.#producer;
    if (ring.written <= this.#shown + 1) return;
    this.#silence.end(this.#config.clock.now());
    ring.giveBack(++this.#shown);
  }

  #findKeyframe(): void {
    const { ring } = this.#producer;
    const isNextAlone = () => isH264Keyframe(ring.slot(this.#shown + 1));
    while (ring.written > this.#shown + 1 && !isNextAlone()) this.#leaveOut();
    this.#isCut = ring.written <= this.#shown + 1;
  }

  /** Moves on to the frame that is due. False if there is none to be shown. */
  #next(time: number): boolean {
    const { ring } = this.#producer;
    // Before the count: what was published before the end is seen with it.
    const { state } = ring;
    const last = ring.written - 1;
    const due = last < 0 ? -1 : Math.min(last, this.#dueFrame(time, last));
    if (due > this.#shown) {
      this.#shown = due;
      this.#silence.end(this.#config.clock.now());
      ring.giveBack(due);
      this.#told = '';
      return true;
    }
    if (state === PRODUCER_STILL) return due >= 0;
    if (state === PRODUCER_ENDED) return this.#hasMore(time, last) || this.#tell('has come to its end');
    if (state === PRODUCER_FAILED) return this.#hasMore(time, last) || this.#tell(ring.note);
    if (this.#isSilent()) return this.#tell('gives no frames');
    return due >= 0;
  }

  /** The frame of the producer that is due at `time`. */
  #dueFrame(time: number, last: number): number {
    if (this.#isNextDue) return this.#shown + 1;
    if (this.#isLive) return last;
    if (this.#base < 0) this.#base = time;
    return this.#frameAt(time);
  }

  /** By time and not by number: the camera may have another rate by now than the one that was ordered. */
  #frameAt(time: number): number {
    const { numerator, denominator } = this.#config.order.interval;
    return Math.round((((time - this.#base) / NS_PER_S) * denominator) / numerator);
  }

  /** True while the last frame of a producer that has ended is still the one that is due. */
  #hasMore(time: number, last: number): boolean {
    return last >= 0 && !this.#isNextDue && !this.#isLive && this.#frameAt(time) <= last;
  }

  get #isLive(): boolean {
    const { source, playing } = this.#config.order;
    return (
      (source.kind === 'film' && source.isLive) || (source.kind === 'camera' && playing.pace !== 'frames')
    );
  }

  /** Each frame that is shown is the next one of the producer. */
  get #isNextDue(): boolean {
    return this.#isPredicted || (this.#config.order.playing.pace === 'frames' && !this.#isLive);
  }

  /** Another camera is never silent: while it has nothing to show itself, it says so by its placeholder. */
  #isSilent(): boolean {
    if (this.#config.order.source.kind === 'camera') return false;
    return this.#silence.isTooLong(this.#config.clock.now(), () => this.#producer.work?.() ?? IDLE);
  }

  /** Tells what is wrong, if that is news. Always false: there is no frame. */
  #tell(what: string): false {
    if (what !== this.#told) this.#config.trouble(`${sourceName(this.#config.order.source)} ${what}`);
    this.#told = what;
    return false;
  }

  #put(target: FrameTarget): void {
    const { ring } = this.#producer;
    const slot = ring.slot(this.#shown);
    const { planeSizes } = this.#config.order;
    if (this.shape.info.memory.length === 0) {
      const length = ring.lengthOf(this.#shown);
      if (this.#isPredicted) markFrame(target, isH264Keyframe(slot));
      target.planeVaddr(0).set(slot.subarray(0, length));
      target.setPlanePayload(0, length);
      return;
    }
    for (let n = 0, at = 0; n < planeSizes.length; at += planeSizes[n++] as number)
      target.planeVaddr(n).set(planeOf(slot, at, planeSizes[n] as number));
  }

  #placeholderOf(target: FrameTarget): PictureSource {
    this.#placeholder ??= placeholderPicture(this.shape, target.planeVaddr(0).length);
    return this.#placeholder;
  }
}

/** The whole slot where it has one plane: nothing is allocated then. */
function planeOf(slot: Uint8Array, at: number, bytes: number): Uint8Array {
  return at === 0 && bytes === slot.length ? slot : slot.subarray(at, at + bytes);
}
