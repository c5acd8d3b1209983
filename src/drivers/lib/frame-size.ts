/** Sizes of frames: what a camera can make, what it lists, and what a program gets that asks for another. */
import { V4L2_FRMSIZE_TYPE_STEPWISE, type v4l2_frmsizeenum } from '../../abi/index.ts';
import type { FrameSize } from '../../pixel/index.ts';

export type { FrameSize };

/** What can be set. Widths are multiples of `widthStep`, as are the bounds. */
export interface SizeLimits {
  readonly minWidth: number;
  readonly minHeight: number;
  readonly maxWidth: number;
  readonly maxHeight: number;
  readonly widthStep: number;
  /** A width between two steps becomes the smaller one, not the nearer: what is given to a device may be cut, not padded. */
  readonly roundsDown?: boolean;
}

/** What people expect of a camera, from small to large. */
const usualSizes: readonly FrameSize[] = [
  { width: 160, height: 120 },
  { width: 320, height: 180 },
  { width: 320, height: 240 },
  { width: 640, height: 360 },
  { width: 640, height: 480 },
  { width: 800, height: 600 },
  { width: 1280, height: 720 },
  { width: 1280, height: 960 },
  { width: 1600, height: 1200 },
  { width: 1920, height: 1080 },
];

function isSame(a: FrameSize, b: FrameSize): boolean {
  return a.width === b.width && a.height === b.height;
}

/**
 * The sizes to list for a camera that was made with `size`: first that one, for programs that take the first. The
 * bounds are among them: a camera that gives a program a size which it does not list would be one that scales.
 */
export function sizesWith(size: FrameSize, limits: SizeLimits): readonly FrameSize[] {
  const { minWidth, minHeight, maxWidth, maxHeight } = limits;
  const listed = [
    { width: minWidth, height: minHeight },
    ...usualSizes,
    { width: maxWidth, height: maxHeight },
  ];
  return [size, ...listed.filter((other) => !isSame(other, size))];
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

/** The size to use when `wanted` is asked for. @kernel v4l_bound_align_image */
export function nearestSize(wanted: FrameSize, limits: SizeLimits): FrameSize {
  const { minWidth, minHeight, maxWidth, maxHeight, widthStep, roundsDown = false } = limits;
  const width = clamp(wanted.width, minWidth, maxWidth) + (roundsDown ? 0 : widthStep / 2);
  return {
    width: Math.floor(width / widthStep) * widthStep,
    height: clamp(wanted.height, minHeight, maxHeight),
  };
}

/** All sizes within `limits`, as one answer of VIDIOC_ENUM_FRAMESIZES. */
export function fillSizeRange(frmsize: v4l2_frmsizeenum, limits: SizeLimits): void {
  frmsize.type = V4L2_FRMSIZE_TYPE_STEPWISE;
  const { stepwise } = frmsize;
  stepwise.min_width = limits.minWidth;
  stepwise.max_width = limits.maxWidth;
  stepwise.step_width = limits.widthStep;
  stepwise.min_height = limits.minHeight;
  stepwise.max_height = limits.maxHeight;
  stepwise.step_height = 1;
}
