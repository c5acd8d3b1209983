/** What a device can do, and the priority of who uses it. */
import { array, chars, struct, u32, type ViewOf } from './layout.ts';

// `v4l2_capability.capabilities` and `device_caps`.
export const V4L2_CAP_VIDEO_CAPTURE = 0x00000001;
export const V4L2_CAP_VIDEO_OUTPUT = 0x00000002;
export const V4L2_CAP_VIDEO_OVERLAY = 0x00000004;
export const V4L2_CAP_VBI_CAPTURE = 0x00000010;
export const V4L2_CAP_VBI_OUTPUT = 0x00000020;
export const V4L2_CAP_SLICED_VBI_CAPTURE = 0x00000040;
export const V4L2_CAP_SLICED_VBI_OUTPUT = 0x00000080;
export const V4L2_CAP_RDS_CAPTURE = 0x00000100;
export const V4L2_CAP_VIDEO_OUTPUT_OVERLAY = 0x00000200;
export const V4L2_CAP_HW_FREQ_SEEK = 0x00000400;
export const V4L2_CAP_RDS_OUTPUT = 0x00000800;
export const V4L2_CAP_VIDEO_CAPTURE_MPLANE = 0x00001000;
export const V4L2_CAP_VIDEO_OUTPUT_MPLANE = 0x00002000;
export const V4L2_CAP_VIDEO_M2M_MPLANE = 0x00004000;
export const V4L2_CAP_VIDEO_M2M = 0x00008000;
export const V4L2_CAP_TUNER = 0x00010000;
export const V4L2_CAP_AUDIO = 0x00020000;
export const V4L2_CAP_RADIO = 0x00040000;
export const V4L2_CAP_MODULATOR = 0x00080000;
export const V4L2_CAP_SDR_CAPTURE = 0x00100000;
export const V4L2_CAP_EXT_PIX_FORMAT = 0x00200000;
export const V4L2_CAP_SDR_OUTPUT = 0x00400000;
export const V4L2_CAP_META_CAPTURE = 0x00800000;
export const V4L2_CAP_READWRITE = 0x01000000;
export const V4L2_CAP_EDID = 0x02000000;
export const V4L2_CAP_STREAMING = 0x04000000;
export const V4L2_CAP_META_OUTPUT = 0x08000000;
export const V4L2_CAP_TOUCH = 0x10000000;
export const V4L2_CAP_IO_MC = 0x20000000;
export const V4L2_CAP_DEVICE_CAPS = 0x80000000;
export const V4L2_CAP_ASYNCIO = 0x02000000;

// VIDIOC_S_PRIORITY.
export const V4L2_PRIORITY_UNSET = 0;
export const V4L2_PRIORITY_BACKGROUND = 1;
export const V4L2_PRIORITY_INTERACTIVE = 2;
export const V4L2_PRIORITY_RECORD = 3;
export const V4L2_PRIORITY_DEFAULT = V4L2_PRIORITY_INTERACTIVE;

export const v4l2_capability = struct('v4l2_capability', {
  driver: chars(16),
  card: chars(32),
  bus_info: chars(32),
  version: u32,
  capabilities: u32,
  device_caps: u32,
  reserved: array(u32, 3),
});
export type v4l2_capability = ViewOf<typeof v4l2_capability.fields>;
