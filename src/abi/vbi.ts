/** Vertical blanking interval. */

// `v4l2_vbi_format.flags`.
export const V4L2_VBI_UNSYNC = 1 << 0;
export const V4L2_VBI_INTERLACED = 1 << 1;

// First line of each field.
export const V4L2_VBI_ITU_525_F1_START = 1;
export const V4L2_VBI_ITU_525_F2_START = 264;
export const V4L2_VBI_ITU_625_F1_START = 1;
export const V4L2_VBI_ITU_625_F2_START = 314;

// Sliced services.
export const V4L2_SLICED_TELETEXT_B = 0x0001;
export const V4L2_SLICED_VPS = 0x0400;
export const V4L2_SLICED_CAPTION_525 = 0x1000;
export const V4L2_SLICED_WSS_625 = 0x4000;
export const V4L2_SLICED_VBI_525 = V4L2_SLICED_CAPTION_525;
export const V4L2_SLICED_VBI_625 = V4L2_SLICED_TELETEXT_B | V4L2_SLICED_VPS | V4L2_SLICED_WSS_625;

// Sliced services inside MPEG streams of ivtv.
export const V4L2_MPEG_VBI_IVTV_TELETEXT_B = 1;
export const V4L2_MPEG_VBI_IVTV_CAPTION_525 = 4;
export const V4L2_MPEG_VBI_IVTV_WSS_625 = 5;
export const V4L2_MPEG_VBI_IVTV_VPS = 7;
export const V4L2_MPEG_VBI_IVTV_MAGIC0 = 'itv0';
export const V4L2_MPEG_VBI_IVTV_MAGIC1 = 'ITV0';
