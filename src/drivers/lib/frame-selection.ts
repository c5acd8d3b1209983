/** Which part of its picture a device shows (crop), and where in the frame that lands (compose). */
import {
  V4L2_SEL_FLAG_GE,
  V4L2_SEL_FLAG_LE,
  V4L2_SEL_TGT_COMPOSE,
  V4L2_SEL_TGT_COMPOSE_BOUNDS,
  V4L2_SEL_TGT_COMPOSE_DEFAULT,
  V4L2_SEL_TGT_CROP,
  V4L2_SEL_TGT_CROP_BOUNDS,
  V4L2_SEL_TGT_CROP_DEFAULT,
  type v4l2_rect,
  type v4l2_selection,
} from '../../abi/index.ts';
import { EINVAL, ERANGE, Errno } from '../../base/errno.ts';
import type { FrameRect, FrameSize } from '../../pixel/index.ts';

/** Parts begin and end at multiples of these or at an edge, as two pixels may share their chroma, and have so many at least. */
const STEP = 2;
const LEAST = 16;

const wholeOf = ({ width, height }: FrameSize): FrameRect => ({ left: 0, top: 0, width, height });

const isSame = (a: FrameRect, b: FrameRect): boolean =>
  a.left === b.left && a.top === b.top && a.width === b.width && a.height === b.height;

/** The nearest to `length` that is possible, upwards if `flags` say nothing. Throws ERANGE if they leave none. */
function fittingLength(length: number, flags: number, end: number): number {
  const [isLeast, isMost] = [(flags & V4L2_SEL_FLAG_GE) !== 0, (flags & V4L2_SEL_FLAG_LE) !== 0];
  const odd = length % STEP;
  const whole = isMost ? length - odd : length + odd;
  const fit = length >= end ? end : Math.min(Math.max(whole, LEAST), end);
  if ((isLeast && fit < length) || (isMost && fit > length))
    throw new Errno(
      ERANGE,
      `${length} pixels are not possible, the nearest are ${fit}, and the flags rule them out`,
    );
  return fit;
}

/** Where that many fit, at `first` or as near as possible. */
function fittingPlace(first: number, length: number, end: number): number {
  const latest = end - length;
  return Math.min(Math.max(0, first - (first % STEP)), latest - (latest % STEP));
}

/** The nearest to `wanted` that lies in `bounds`. Throws ERANGE if `flags` leave none. */
function nearestRect(wanted: FrameRect, flags: number, bounds: FrameSize): FrameRect {
  const width = fittingLength(wanted.width, flags, bounds.width);
  const height = fittingLength(wanted.height, flags, bounds.height);
  const left = fittingPlace(wanted.left, width, bounds.width);
  return { left, top: fittingPlace(wanted.top, height, bounds.height), width, height };
}

function fill(r: v4l2_rect, { left, top, width, height }: FrameRect): void {
  r.left = left;
  r.top = top;
  r.width = width;
  r.height = height;
}

/** For a device that scales: whatever part is chosen, it lands in whatever part of the frame. */
export class FrameSelection {
  readonly #picture: FrameRect;
  #crop: FrameRect;
  #compose: FrameRect;
  /** The format for whose frames that was chosen. */
  #format: FrameSize | undefined;

  /** The whole of `picture` is seen at first, and fills the frame. */
  constructor(picture: FrameSize) {
    this.#picture = wholeOf(picture);
    this.#crop = this.#picture;
    this.#compose = this.#picture;
  }

  get crop(): FrameRect {
    return this.#crop;
  }

  /** Frames of another format are filled again. */
  composeIn(format: FrameSize): FrameRect {
    if (format !== this.#format) {
      this.#format = format;
      this.#compose = wholeOf(format);
    }
    return this.#compose;
  }

  /** The picture is the frame, as it is. */
  isWhole(format: FrameSize): boolean {
    const whole = wholeOf(format);
    return (
      isSame(this.#crop, this.#picture) && isSame(this.#crop, whole) && isSame(this.composeIn(format), whole)
    );
  }

  /** For `vidioc_g_selection` of a device with frames of `format`. EINVAL for a target that is not there. */
  get(s: v4l2_selection, format: FrameSize): void {
    fill(s.r, this.#rectOf(s.target, format));
  }

  #rectOf(target: number, format: FrameSize): FrameRect {
    switch (target) {
      case V4L2_SEL_TGT_CROP:
        return this.#crop;
      case V4L2_SEL_TGT_CROP_DEFAULT:
      case V4L2_SEL_TGT_CROP_BOUNDS:
        return this.#picture;
      case V4L2_SEL_TGT_COMPOSE:
        return this.composeIn(format);
      case V4L2_SEL_TGT_COMPOSE_DEFAULT:
      case V4L2_SEL_TGT_COMPOSE_BOUNDS:
        return wholeOf(format);
      default:
        throw new Errno(EINVAL, `there is no rectangle ${target}`);
    }
  }

  /**
   * For `vidioc_s_selection`: the nearest that is possible, which is written back. EINVAL for a target that is not there or
   * follows from others, ERANGE if the flags leave no possibility.
   */
  set(s: v4l2_selection, format: FrameSize): void {
    const { target, flags, r } = s;
    if (target === V4L2_SEL_TGT_CROP) this.#crop = nearestRect(r, flags, this.#picture);
    else if (target === V4L2_SEL_TGT_COMPOSE) {
      this.composeIn(format);
      this.#compose = nearestRect(r, flags, format);
    } else throw new Errno(EINVAL, `rectangle ${target} cannot be set`);
    fill(r, this.#rectOf(target, format));
  }
}
