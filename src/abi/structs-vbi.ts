/** Data of the vertical blanking interval: raw, sliced, and embedded in MPEG streams. */
import { array, over, packed, s32, struct, u8, u16, u32, type ViewOf } from './layout.ts';

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
