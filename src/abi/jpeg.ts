/** JPEG compression, as it was asked for before there were controls. */
import { array, s32, struct, u8, u32, type ViewOf } from './layout.ts';

// `v4l2_jpegcompression.jpeg_markers`.
export const V4L2_JPEG_MARKER_DHT = 1 << 3;
export const V4L2_JPEG_MARKER_DQT = 1 << 4;
export const V4L2_JPEG_MARKER_DRI = 1 << 5;
export const V4L2_JPEG_MARKER_COM = 1 << 6;
export const V4L2_JPEG_MARKER_APP = 1 << 7;

export const v4l2_jpegcompression = struct('v4l2_jpegcompression', {
  quality: s32,
  APPn: s32,
  APP_len: s32,
  APP_data: array(u8, 60),
  COM_len: s32,
  COM_data: array(u8, 60),
  jpeg_markers: u32,
});
export type v4l2_jpegcompression = ViewOf<typeof v4l2_jpegcompression.fields>;
