/**
 * The seam between what a camera shows and whoever makes it. A source whose frames cost time, wait for others or may
 * fail (a film, a picture in a file, somebody's program) is made by a producer outside the emulated kernel's thread, and
 * all that the two have in common is a {@link FrameRing}.
 */
import type { FrameRing, RingShape } from './frame-ring.ts';
import type { FrameView } from './frame-view.ts';
import type { Playing, SourceSpec } from './source-spec.ts';

/** Frames that a producer makes its own of: those of another camera. */
export interface FrameInput {
  readonly shape: RingShape;
  readonly memory: ArrayBufferLike;
  /** As in {@link FrameOrder}. */
  readonly format: string;
  readonly width: number;
  readonly height: number;
}

/** What a producer is asked for, as plain data. */
export interface FrameOrder {
  readonly source: SourceSpec;
  readonly playing: Playing;
  /** The format by its name in the table, and the size: what the program has negotiated. */
  readonly format: string;
  readonly width: number;
  readonly height: number;
  /** Bytes of each plane of memory: they follow each other in a slot. Of compressed frames, how long one may be. */
  readonly planeSizes: readonly number[];
  /** Seconds from frame to frame. */
  readonly interval: { readonly numerator: number; readonly denominator: number };
  /** How the frames are to be seen, where nothing can be changed about them later, as in JPEGs. The ring has what it is by now. */
  readonly view?: FrameView;
  /** Where the frames are of which it makes others. */
  readonly input?: FrameInput;
}

/** What tells a producer that is slow from one that is stalled. */
export interface ProducerWork {
  /** Nanoseconds in which it went on, or would have and no processor was free: those of all who make the frames, together. */
  readonly busy: number;
  /** It waits for a disk now. */
  readonly isAtDisk: boolean;
}

/** Somebody who fills a ring. */
export interface Producer {
  readonly ring: FrameRing;
  /** What it shows has become another, in another shape: who orders anew is shown that. */
  readonly isOutdated?: boolean;
  /** What it did since it began. It may look at files, and is asked only of one that is late. */
  work?(): ProducerWork;
  /** Nobody wants its frames any more. It does not wait for the end; the ring is not read from then on. */
  stop(): void;
}

/** Where producers come from: the surroundings of a camera have one, tests another. */
export interface ProducerHost {
  /** What can be told at once that is wrong with a source, in a few words with its name. It may look at files. */
  check(source: SourceSpec): string | undefined;

  /** What is missing to make frames in this format, as a sentence that says what to do; undefined if nothing is. */
  lacks?(format: string): string | undefined;

  /** Never waits, never throws: what goes wrong is told by the ring. */
  start(order: FrameOrder): Producer;

  /** Frames in this format may be ordered at any time from now on, until it is stopped: what can be made ready for that, is. */
  expect?(format: string): { stop(): void };
}
