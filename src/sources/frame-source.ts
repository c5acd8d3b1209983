/**
 * What a camera shows, apart from how programs ask for it: a source knows the shape of its frames and their bytes, and
 * neither buffers nor a clock. There are two kinds: one paints each frame where it is wanted, the other has a picture.
 */
import { V4L2_BUF_FLAG_BFRAME, V4L2_BUF_FLAG_KEYFRAME, V4L2_BUF_FLAG_PFRAME } from '../abi/index.ts';
import { type FormatInfo, type FrameSize, isPredicted } from '../pixel/index.ts';

export interface FrameShape extends FrameSize {
  readonly info: FormatInfo;
}

/** Where a frame is to go: a buffer, or whatever a test has. */
export interface FrameTarget {
  /** The bytes of plane `n` of memory, at least as many as the format needs. */
  planeVaddr(n: number): Uint8Array;
  /** Says how many of them are the frame, where that is not the same for all frames. */
  setPlanePayload(n: number, bytes: number): void;
  /** V4L2_BUF_FLAG_*, where it has room for them: a source sets those that say what the frame is made of. */
  flags?: number;
}

/** What every kind of source may have beside its frames. */
interface SourceLife {
  readonly shape: FrameShape;
  /**
   * False while there is nothing to be shown yet: then no frame is due. So a stream begins with the first frame of its
   * source. Called whenever a frame falls due; without it there is always something.
   */
  isReady?(): boolean;
  /** The frame that falls due is not shown, and time goes on. */
  pass?(number: number, time: number): void;
  /** Frames of others were shown since its last one: the next one must stand alone. */
  cut?(): void;
  /** Nobody wants frames of it any more. */
  end?(): void;
}

/** A source that makes each frame anew. */
export interface PaintedSource extends SourceLife {
  /**
   * Paints frame `number` of the stream, which falls due `time` nanoseconds after its first, into `target`. Called for
   * every frame for which there is room: it should allocate nothing. What it throws is a bug of the camera.
   */
  fill(target: FrameTarget, number: number, time: number): void;
}

/** A source whose picture is there already, and may become another between two frames. */
export interface PictureSource extends SourceLife {
  /** The bytes of each plane of memory, good until the next call; undefined while there is none. */
  latest(number: number, time: number): readonly Uint8Array[] | undefined;
}

export type FrameSource = PaintedSource | PictureSource;

const FRAME_FLAGS = V4L2_BUF_FLAG_KEYFRAME | V4L2_BUF_FLAG_PFRAME | V4L2_BUF_FLAG_BFRAME;

/** Says of a frame that {@link isPredicted} whether it stands alone. */
export function markFrame(target: FrameTarget, isKeyframe: boolean): void {
  if (target.flags === undefined) return;
  target.flags &= ~FRAME_FLAGS;
  target.flags |= isKeyframe ? V4L2_BUF_FLAG_KEYFRAME : V4L2_BUF_FLAG_PFRAME;
}

/** A frame that was marked so. */
export const needsOthers = ({ flags = 0 }: FrameTarget): boolean => (flags & V4L2_BUF_FLAG_PFRAME) !== 0;

/** Puts a frame of `source` into `target`. False if there is none, or if `target` has no room for all of it. */
export function putFrame(source: FrameSource, target: FrameTarget, number: number, time: number): boolean {
  if ('fill' in source) {
    source.fill(target, number, time);
    return true;
  }
  const picture = source.latest(number, time);
  if (picture === undefined) return false;
  if (isPredicted(source.shape.info)) markFrame(target, true);
  let fits = true;
  for (let n = 0; n < picture.length; n++) {
    const bytes = picture[n] as Uint8Array;
    const plane = target.planeVaddr(n);
    const length = Math.min(bytes.length, plane.length);
    plane.set(length === bytes.length ? bytes : bytes.subarray(0, length));
    target.setPlanePayload(n, length);
    fits &&= length === bytes.length;
  }
  return fits;
}
