/**
 * Frames on their way from who makes them, a thread or process of its own, to the emulated kernel: a ring of slots in
 * memory that both have. There is one writer and one reader, and neither ever waits for the other in here: the reader
 * takes what is there, the writer goes on when there is room.
 *
 * A slot belongs to the writer until it is published, and then to the reader until it gives it back: whole frames are
 * all that anybody sees. `written` and `taken` count without end, frame `n` lies in slot `n % slots`. They are plain
 * integers that each side changes alone, and that is what makes all else that was written before visible (Atomics).
 */

import { type FrameView, plainView } from './frame-view.ts';

/** What a producer is doing. It changes once at most, from MAKING to one of the others, after its last frame. */
export const PRODUCER_MAKING = 0;
/** The last frame stands for good. */
export const PRODUCER_STILL = 1;
/** There are no more frames: the film is over. */
export const PRODUCER_ENDED = 2;
/** There are no more frames, and there should be: the note says why. */
export const PRODUCER_FAILED = 3;

export type ProducerState = 0 | 1 | 2 | 3;

export interface RingShape {
  readonly slots: number;
  /** Room for a frame. */
  readonly frameBytes: number;
}

// The words at the start, and after them the length of the frame in each slot.
const WRITTEN = 0;
const TAKEN = 1;
const STATE = 2;
const NOTE_LENGTH = 3;
const THREAD = 4;
const PROCESS = 5;
const VIEW = 8;
const WORDS = 16;
/** Parts of the view are kept as whole numbers of this part. */
const VIEW_STEPS = 1000;
const viewParts = ['zoom', 'x', 'y', 'brightness', 'contrast', 'saturation', 'hue'] as const;
/** Characters of the note. */
const NOTE_ROOM = 256;
const NOTE_BYTES = 2 * NOTE_ROOM;
/** Slots begin at multiples of a cache line: what one side writes is not what the other side reads. */
const ALIGN = 64;

const aligned = (bytes: number): number => Math.ceil(bytes / ALIGN) * ALIGN;
const headBytes = (slots: number): number => aligned((WORDS + slots) * Int32Array.BYTES_PER_ELEMENT);

export class FrameRing {
  readonly memory: ArrayBufferLike;
  readonly shape: RingShape;
  readonly #words: Int32Array;
  readonly #note: Uint16Array;
  readonly #slots: readonly Uint8Array[];

  /** A view of `memory`, which is zeros before its first use and as large as {@link FrameRing.bytes} says. */
  constructor(shape: RingShape, memory: ArrayBufferLike) {
    const { slots, frameBytes } = shape;
    this.memory = memory;
    this.shape = shape;
    this.#words = new Int32Array(memory, 0, WORDS + slots);
    const head = headBytes(slots);
    this.#note = new Uint16Array(memory, head, NOTE_ROOM);
    const first = head + NOTE_BYTES;
    this.#slots = Array.from(
      { length: slots },
      (_, n) => new Uint8Array(memory, first + n * aligned(frameBytes), frameBytes),
    );
  }

  /** How much memory a ring of this shape takes. */
  static bytes({ slots, frameBytes }: RingShape): number {
    return headBytes(slots) + NOTE_BYTES + slots * aligned(frameBytes);
  }

  /** A ring in memory that threads can share. */
  static shared(shape: RingShape): FrameRing {
    return new FrameRing(shape, new SharedArrayBuffer(FrameRing.bytes(shape)));
  }

  // For both sides.

  /** How many frames have been published. */
  get written(): number {
    return Atomics.load(this.#words, WRITTEN);
  }

  /** How many of them the reader has given back. */
  get taken(): number {
    return Atomics.load(this.#words, TAKEN);
  }

  get state(): ProducerState {
    return Atomics.load(this.#words, STATE) as ProducerState;
  }

  /** Why there are no more frames; empty if there is nothing to be said. */
  get note(): string {
    return String.fromCharCode(...this.#note.subarray(0, Atomics.load(this.#words, NOTE_LENGTH)));
  }

  // For the writer.

  /** The slot of the next frame; undefined while there is no room. Without {@link publish} it stays the same. */
  get room(): Uint8Array | undefined {
    const { written } = this;
    return written - this.taken < this.shape.slots ? this.#slots[written % this.shape.slots] : undefined;
  }

  /** The slot of the next frame holds a whole one, of `length` bytes. */
  publish(length = this.shape.frameBytes): void {
    const { written } = this;
    this.#words[WORDS + (written % this.shape.slots)] = length;
    Atomics.store(this.#words, WRITTEN, written + 1);
    Atomics.notify(this.#words, WRITTEN);
  }

  /** There are no more frames. What comes after the first time is not heard. */
  finish(state: Exclude<ProducerState, 0>, note = ''): void {
    if (this.state !== PRODUCER_MAKING) return;
    const length = Math.min(note.length, NOTE_ROOM);
    for (let i = 0; i < length; i++) this.#note[i] = note.charCodeAt(i);
    Atomics.store(this.#words, NOTE_LENGTH, length);
    Atomics.store(this.#words, STATE, state);
    Atomics.notify(this.#words, WRITTEN);
  }

  /** Who makes the frames: a thread, by its number in the system, and a process below it; 0 for none. */
  get makers(): { readonly thread: number; readonly process: number } {
    return { thread: Atomics.load(this.#words, THREAD), process: Atomics.load(this.#words, PROCESS) };
  }

  /** What is left out stays as it is. */
  setMakers({ thread, process }: { thread?: number; process?: number }): void {
    if (thread !== undefined) Atomics.store(this.#words, THREAD, thread);
    if (process !== undefined) Atomics.store(this.#words, PROCESS, process);
  }

  /** How the frames are to be seen from now on; as they are if nobody has said. */
  get view(): FrameView {
    if (Atomics.load(this.#words, VIEW) === 0) return plainView;
    const parts = viewParts.map((part, i) => [part, Atomics.load(this.#words, VIEW + i) / VIEW_STEPS]);
    return Object.fromEntries(parts) as FrameView;
  }

  /** Settles when there may be room; only in memory that is shared. */
  async whenRoom(): Promise<void> {
    const { taken } = this;
    if (this.room === undefined) await changed(this.#words, TAKEN, taken);
  }

  // For the reader.

  /** Frame `n`: good until it is given back. It must have been written. */
  slot(n: number): Uint8Array {
    return this.#slots[n % this.shape.slots] as Uint8Array;
  }

  /** How many bytes of the slot are the frame. */
  lengthOf(n: number): number {
    return this.#words[WORDS + (n % this.shape.slots)] as number;
  }

  /** Gives back all frames before `n`. */
  giveBack(n: number): void {
    if (n <= this.taken) return;
    Atomics.store(this.#words, TAKEN, n);
    Atomics.notify(this.#words, TAKEN);
  }

  /** Frames that are there already are not changed by it. */
  set view(view: FrameView) {
    for (const [i, part] of viewParts.entries())
      Atomics.store(this.#words, VIEW + i, Math.round(view[part] * VIEW_STEPS));
  }

  /** Settles when more is written than `written`, or the producer has come to its end. */
  async whenWritten(written: number): Promise<void> {
    if (this.state === PRODUCER_MAKING) await changed(this.#words, WRITTEN, written);
  }
}

/** Not in the types of the ECMAScript that we compile for, but in every Node that we run on. */
interface AsyncAtomics {
  waitAsync(words: Int32Array, index: number, value: number): { readonly value: string | Promise<string> };
}

async function changed(words: Int32Array, index: number, value: number): Promise<void> {
  await (Atomics as unknown as AsyncAtomics).waitAsync(words, index, value).value;
}
