/** Vertical blanking interval. */
import { array, over, packed, s32, struct, u8, u16, u32, type ViewOf } from './layout.ts';

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

export const v4l2_vbi_format = struct('v4l2_vbi_format', {
  sampling_rate: u32,
  offset: u32,
  samples_per_line: u32,
  sample_format: u32,
  start: array(s32, 2),
  count: array(u32, 2),
  flags: u32,
  reserved: array(u32, 2),
});
export type v4l2_vbi_format = ViewOf<typeof v4l2_vbi_format.fields>;

/** `service_lines[field][line]`. */
export const v4l2_sliced_vbi_format = struct('v4l2_sliced_vbi_format', {
  service_set: u16,
  service_lines: array(array(u16, 24), 2),
  io_size: u32,
  reserved: array(u32, 2),
});
export type v4l2_sliced_vbi_format = ViewOf<typeof v4l2_sliced_vbi_format.fields>;

/** `service_lines[field][line]`. */
export const v4l2_sliced_vbi_cap = struct('v4l2_sliced_vbi_cap', {
  service_set: u16,
  service_lines: array(array(u16, 24), 2),
  type: u32,
  reserved: array(u32, 3),
});
export type v4l2_sliced_vbi_cap = ViewOf<typeof v4l2_sliced_vbi_cap.fields>;

export const v4l2_sliced_vbi_data = struct('v4l2_sliced_vbi_data', {
  id: u32,
  field: u32,
  line: u32,
  reserved: u32,
  data: array(u8, 48),
});
export type v4l2_sliced_vbi_data = ViewOf<typeof v4l2_sliced_vbi_data.fields>;

export const v4l2_mpeg_vbi_itv0_line = packed('v4l2_mpeg_vbi_itv0_line', {
  id: u8,
  data: array(u8, 42),
});
export type v4l2_mpeg_vbi_itv0_line = ViewOf<typeof v4l2_mpeg_vbi_itv0_line.fields>;

export const v4l2_mpeg_vbi_itv0 = packed('v4l2_mpeg_vbi_itv0', {
  linemask: array(u32, 2),
  line: array(v4l2_mpeg_vbi_itv0_line, 35),
});
export type v4l2_mpeg_vbi_itv0 = ViewOf<typeof v4l2_mpeg_vbi_itv0.fields>;

export const v4l2_mpeg_vbi_ITV0 = packed('v4l2_mpeg_vbi_ITV0', {
  line: array(v4l2_mpeg_vbi_itv0_line, 36),
});
export type v4l2_mpeg_vbi_ITV0 = ViewOf<typeof v4l2_mpeg_vbi_ITV0.fields>;

export const v4l2_mpeg_vbi_fmt_ivtv = packed('v4l2_mpeg_vbi_fmt_ivtv', {
  magic: array(u8, 4),
  itv0: v4l2_mpeg_vbi_itv0,
  ITV0: over('itv0', v4l2_mpeg_vbi_ITV0),
});
export type v4l2_mpeg_vbi_fmt_ivtv = ViewOf<typeof v4l2_mpeg_vbi_fmt_ivtv.fields>;
