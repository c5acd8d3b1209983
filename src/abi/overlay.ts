/** Frame buffers of overlays. */

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
