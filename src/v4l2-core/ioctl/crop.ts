/**
 * Selections, and the older cropping ioctls. Drivers know only selections; the core translates, as the kernel does.
 */
import {
  V4L2_BUF_TYPE_VIDEO_CAPTURE,
  V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE,
  V4L2_BUF_TYPE_VIDEO_OUTPUT,
  V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE,
  V4L2_SEL_TGT_COMPOSE,
  V4L2_SEL_TGT_COMPOSE_BOUNDS,
  V4L2_SEL_TGT_COMPOSE_DEFAULT,
  V4L2_SEL_TGT_CROP,
  V4L2_SEL_TGT_CROP_BOUNDS,
  V4L2_SEL_TGT_CROP_DEFAULT,
  V4L2_TYPE_IS_OUTPUT,
  type v4l2_crop,
  type v4l2_cropcap,
  type v4l2_rect,
  v4l2_selection,
} from '../../abi/index.ts';
import type { Caller, File } from '../../vfs/file.ts';
import type { V4l2Fh } from '../v4l2-fh.ts';

type SelectionTarget = number;

/** Selections know single-planar types only, whatever the queue of the driver is. */
function selectionType(type: number): number {
  if (type === V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE) return V4L2_BUF_TYPE_VIDEO_CAPTURE;
  if (type === V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE) return V4L2_BUF_TYPE_VIDEO_OUTPUT;
  return type;
}

function copyRect(from: v4l2_rect, to: v4l2_rect): void {
  to.$bytes.set(from.$bytes);
}

function selection(type: number, target: SelectionTarget): v4l2_selection {
  const s = v4l2_selection.make();
  s.type = selectionType(type);
  s.target = target;
  return s;
}

/**
 * The driver is asked with the type that it knows; the program finds the one that it gave.
 *
 * @kernel v4l_g_selection
 */
export function v4lGSelection(file: File, fh: V4l2Fh, s: v4l2_selection, caller: Caller): void {
  const { type } = s;
  s.type = selectionType(type);
  fh.vdev.ioctlOps.vidioc_g_selection?.(file, fh, s, caller);
  s.type = type;
}

/** @kernel v4l_s_selection */
export function v4lSSelection(file: File, fh: V4l2Fh, s: v4l2_selection, caller: Caller): void {
  const { type } = s;
  s.type = selectionType(type);
  fh.vdev.ioctlOps.vidioc_s_selection?.(file, fh, s, caller);
  s.type = type;
}

interface Call {
  readonly file: File;
  readonly fh: V4l2Fh;
  readonly caller: Caller;
}

function gSelection({ file, fh, caller }: Call, type: number, target: SelectionTarget): v4l2_rect {
  const s = selection(type, target);
  fh.vdev.ioctlOps.vidioc_g_selection?.(file, fh, s, caller);
  return s.r;
}

/** What is cropped on the way in is the picture of the device; on the way out it is where the picture lands. @kernel v4l_g_crop */
export function v4lGCrop(file: File, fh: V4l2Fh, crop: v4l2_crop, caller: Caller): void {
  const target = V4L2_TYPE_IS_OUTPUT(crop.type) ? V4L2_SEL_TGT_COMPOSE : V4L2_SEL_TGT_CROP;
  copyRect(gSelection({ file, fh, caller }, crop.type, target), crop.c);
}

/** @kernel v4l_s_crop */
export function v4lSCrop(file: File, fh: V4l2Fh, crop: v4l2_crop, caller: Caller): void {
  const s = selection(crop.type, V4L2_TYPE_IS_OUTPUT(crop.type) ? V4L2_SEL_TGT_COMPOSE : V4L2_SEL_TGT_CROP);
  copyRect(crop.c, s.r);
  fh.vdev.ioctlOps.vidioc_s_selection?.(file, fh, s, caller);
}

/** @kernel v4l_cropcap */
export function v4lCropcap(file: File, fh: V4l2Fh, cap: v4l2_cropcap, caller: Caller): void {
  const output = V4L2_TYPE_IS_OUTPUT(cap.type);
  const call = { file, fh, caller };
  const bounds = output ? V4L2_SEL_TGT_COMPOSE_BOUNDS : V4L2_SEL_TGT_CROP_BOUNDS;
  const defrect = output ? V4L2_SEL_TGT_COMPOSE_DEFAULT : V4L2_SEL_TGT_CROP_DEFAULT;
  copyRect(gSelection(call, cap.type, bounds), cap.bounds);
  copyRect(gSelection(call, cap.type, defrect), cap.defrect);
  cap.pixelaspect.numerator = 1;
  cap.pixelaspect.denominator = 1;
  const { type } = cap;
  cap.type = selectionType(type);
  fh.vdev.ioctlOps.vidioc_g_pixelaspect?.(file, fh, cap, caller);
  cap.type = type;
}
