/** Cropping, and the selection rectangles that came after it. */
import { v4l2_fract, v4l2_rect } from './common.ts';
import { array, struct, u32, type ViewOf } from './layout.ts';

// `target`.
export const V4L2_SEL_TGT_CROP = 0x0000;
export const V4L2_SEL_TGT_CROP_DEFAULT = 0x0001;
export const V4L2_SEL_TGT_CROP_BOUNDS = 0x0002;
export const V4L2_SEL_TGT_NATIVE_SIZE = 0x0003;
export const V4L2_SEL_TGT_COMPOSE = 0x0100;
export const V4L2_SEL_TGT_COMPOSE_DEFAULT = 0x0101;
export const V4L2_SEL_TGT_COMPOSE_BOUNDS = 0x0102;
export const V4L2_SEL_TGT_COMPOSE_PADDED = 0x0103;
export const V4L2_SEL_TGT_CROP_ACTIVE = V4L2_SEL_TGT_CROP;
export const V4L2_SEL_TGT_COMPOSE_ACTIVE = V4L2_SEL_TGT_COMPOSE;

// `flags`.
export const V4L2_SEL_FLAG_GE = 1 << 0;
export const V4L2_SEL_FLAG_LE = 1 << 1;
export const V4L2_SEL_FLAG_KEEP_CONFIG = 1 << 2;

export const v4l2_cropcap = struct('v4l2_cropcap', {
  type: u32,
  bounds: v4l2_rect,
  defrect: v4l2_rect,
  pixelaspect: v4l2_fract,
});
export type v4l2_cropcap = ViewOf<typeof v4l2_cropcap.fields>;

export const v4l2_crop = struct('v4l2_crop', {
  type: u32,
  c: v4l2_rect,
});
export type v4l2_crop = ViewOf<typeof v4l2_crop.fields>;

export const v4l2_selection = struct('v4l2_selection', {
  type: u32,
  target: u32,
  flags: u32,
  r: v4l2_rect,
  reserved: array(u32, 9),
});
export type v4l2_selection = ViewOf<typeof v4l2_selection.fields>;
