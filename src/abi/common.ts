/** Small structs and lengths that others are made of. */
import { s32, struct, time64, u32, type ViewOf } from './layout.ts';

// Lengths of arrays that structs are declared with.
export const VIDEO_MAX_FRAME = 32;
export const VIDEO_MAX_PLANES = 8;

/** LP64: both members are 64 bits wide. */
export const timeval = struct('timeval', {
  tv_sec: time64,
  tv_usec: time64,
});
export type timeval = ViewOf<typeof timeval.fields>;

/** LP64: both members are 64 bits wide. */
export const timespec = struct('timespec', {
  tv_sec: time64,
  tv_nsec: time64,
});
export type timespec = ViewOf<typeof timespec.fields>;

export const v4l2_rect = struct('v4l2_rect', {
  left: s32,
  top: s32,
  width: u32,
  height: u32,
});
export type v4l2_rect = ViewOf<typeof v4l2_rect.fields>;

export const v4l2_fract = struct('v4l2_fract', {
  numerator: u32,
  denominator: u32,
});
export type v4l2_fract = ViewOf<typeof v4l2_fract.fields>;

export const v4l2_area = struct('v4l2_area', {
  width: u32,
  height: u32,
});
export type v4l2_area = ViewOf<typeof v4l2_area.fields>;
