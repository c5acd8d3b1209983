/** Frame buffers of overlays. */
import { v4l2_rect } from './common.ts';
import { pointer, struct, u8, u32, type ViewOf } from './layout.ts';

// `v4l2_framebuffer.capability`.
export const V4L2_FBUF_CAP_EXTERNOVERLAY = 0x0001;
export const V4L2_FBUF_CAP_CHROMAKEY = 0x0002;
export const V4L2_FBUF_CAP_LIST_CLIPPING = 0x0004;
export const V4L2_FBUF_CAP_BITMAP_CLIPPING = 0x0008;
export const V4L2_FBUF_CAP_LOCAL_ALPHA = 0x0010;
export const V4L2_FBUF_CAP_GLOBAL_ALPHA = 0x0020;
export const V4L2_FBUF_CAP_LOCAL_INV_ALPHA = 0x0040;
export const V4L2_FBUF_CAP_SRC_CHROMAKEY = 0x0080;

// `v4l2_framebuffer.flags`.
export const V4L2_FBUF_FLAG_PRIMARY = 0x0001;
export const V4L2_FBUF_FLAG_OVERLAY = 0x0002;
export const V4L2_FBUF_FLAG_CHROMAKEY = 0x0004;
export const V4L2_FBUF_FLAG_LOCAL_ALPHA = 0x0008;
export const V4L2_FBUF_FLAG_GLOBAL_ALPHA = 0x0010;
export const V4L2_FBUF_FLAG_LOCAL_INV_ALPHA = 0x0020;
export const V4L2_FBUF_FLAG_SRC_CHROMAKEY = 0x0040;

export const v4l2_framebuffer_fmt = struct('v4l2_framebuffer.fmt', {
  width: u32,
  height: u32,
  pixelformat: u32,
  field: u32,
  bytesperline: u32,
  sizeimage: u32,
  colorspace: u32,
  priv: u32,
});
export type v4l2_framebuffer_fmt = ViewOf<typeof v4l2_framebuffer_fmt.fields>;

export const v4l2_framebuffer = struct('v4l2_framebuffer', {
  capability: u32,
  flags: u32,
  base: pointer,
  fmt: v4l2_framebuffer_fmt,
});
export type v4l2_framebuffer = ViewOf<typeof v4l2_framebuffer.fields>;

export const v4l2_clip = struct('v4l2_clip', {
  c: v4l2_rect,
  next: pointer,
});
export type v4l2_clip = ViewOf<typeof v4l2_clip.fields>;

export const v4l2_window = struct('v4l2_window', {
  w: v4l2_rect,
  field: u32,
  chromakey: u32,
  clips: pointer,
  clipcount: u32,
  bitmap: pointer,
  global_alpha: u8,
});
export type v4l2_window = ViewOf<typeof v4l2_window.fields>;
