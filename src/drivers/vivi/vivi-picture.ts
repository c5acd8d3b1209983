import { V4L2_FIELD_NONE } from '../../abi/index.ts';
import { Timer } from '../../base/timers.ts';
import {
  type BarsPainter,
  createBars,
  createTextPainter,
  GLYPH_HEIGHT,
  GLYPH_WIDTH,
  type TextPainter,
} from '../../tpg/index.ts';
import type { Vb2Buffer } from '../../videobuf2/index.ts';
import { FrameSchedule } from '../lib/frame-schedule.ts';
import type { Vivi } from './vivi.ts';

const NS_PER_MS = 1_000_000;
/** The bars move to the left by so many pixels a frame. */
const SCROLL_STEP = 2;
const TEXT_LEFT = 16;

const two = (n: number) => String(n).padStart(2, '0');

/** `HH:MM:SS:mmm` of a time in the stream. */
function streamTime(nanoseconds: number): string {
  const ms = Math.floor(nanoseconds / NS_PER_MS);
  const s = Math.floor(ms / 1000);
  const hours = two(Math.floor(s / 3600) % 24);
  return `${hours}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}:${String(ms % 1000).padStart(3, '0')}`;
}

/**
 * The time of vivi: what its kernel thread is in the kernel. From start() to stop() a frame falls due by a
 * schedule that does not drift; each one goes into the buffer that waits longest, and is lost if none waits.
 *
 * `sequence` counts the frames that fell due, so a program that queues its buffers in time sees 0, 1, 2 …
 * and one that does not sees a gap where frames were lost. When this process itself comes too late, the frames
 * in between were never made: they are left out without a burst, and counted, as time went on.
 */
export class ViviThread {
  readonly #vivi: Vivi;
  readonly #timer = new Timer((now) => this.#tick(now));
  readonly #schedule = new FrameSchedule();
  /** The frame of the schedule that comes next. */
  #next = 0;
  #started = 0;
  #sequence = 0;
  #bars: BarsPainter | undefined;
  #text: TextPainter | undefined;

  constructor(vivi: Vivi) {
    this.#vivi = vivi;
  }

  /** The first frame falls due now. The format stays as it is until stop(). */
  start(): void {
    const vivi = this.#vivi;
    const shape = { fourcc: vivi.format.fourcc, ...vivi.size, bytesperline: vivi.bytesperline };
    this.#bars = createBars(shape);
    this.#text = createTextPainter(shape);
    this.#sequence = 0;
    this.#next = 0;
    this.#started = vivi.clock.now();
    this.#schedule.restart(this.#started, vivi.timeperframe);
    this.#arm();
  }

  stop(): void {
    this.#vivi.clock.timers.cancel(this.#timer);
    this.#bars = undefined;
    this.#text = undefined;
  }

  /** The interval has changed: it counts from the last frame on. */
  resync(): void {
    if (this.#bars === undefined || this.#next === 0) {
      this.#schedule.restart(this.#started, this.#vivi.timeperframe);
    } else {
      this.#schedule.restart(this.#schedule.timeOf(this.#next - 1), this.#vivi.timeperframe);
      this.#next = 1;
    }
    if (this.#bars !== undefined) this.#arm();
  }

  /** Without a pace the next frame falls due when there is a buffer for it. */
  hurry(): void {
    if (this.#bars !== undefined) this.#arm();
  }

  #arm(): void {
    if (this.#vivi.unpaced) {
      // A moment later, not now: between two frames the door looks who else wants something.
      if (this.#vivi.active.length > 0) this.#vivi.clock.timers.arm(this.#timer, this.#vivi.clock.now() + 1);
      return;
    }
    this.#vivi.clock.timers.arm(this.#timer, this.#schedule.timeOf(this.#next));
  }

  #tick(now: number): void {
    const frame = this.#vivi.unpaced ? this.#next : this.#schedule.frameAt(now);
    const due = this.#vivi.unpaced ? now : this.#schedule.timeOf(frame);
    const vb = this.#vivi.active.shift();
    this.#sequence += frame - this.#next;
    if (vb !== undefined) this.#fill(vb, due);
    this.#sequence++;
    this.#next = frame + 1;
    this.#arm();
  }

  /** @kernel vivi_fillbuff */
  #fill(vb: Vb2Buffer<Vivi>, timestamp: number): void {
    const frame = vb.planeVaddr(0);
    this.#bars?.paint(frame, this.#sequence * SCROLL_STEP, this.#vivi.input);
    this.#drawText(frame, 1, ` ${streamTime(timestamp - this.#started)} `);
    this.#drawText(frame, 2, this.#vivi.osdFormat);
    this.#drawText(frame, 3, ` frame ${this.#sequence} `);
    vb.field = V4L2_FIELD_NONE;
    vb.sequence = this.#sequence;
    vb.timestamp = timestamp;
    vb.done('DONE');
  }

  /** A line that does not fit into the frame as a whole is left out. */
  #drawText(frame: Uint8Array, line: number, text: string): void {
    const { width, height } = this.#vivi.size;
    const y = line * GLYPH_HEIGHT;
    if (y + GLYPH_HEIGHT >= height || TEXT_LEFT + text.length * GLYPH_WIDTH >= width) return;
    this.#text?.drawText(frame, TEXT_LEFT, y, text);
  }
}
