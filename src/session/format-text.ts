import {
  fourccToString,
  V4L2_BUF_TYPE_META_CAPTURE,
  V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE,
  V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE,
  type v4l2_format,
} from '../abi/index.ts';
import { formatInfo } from '../pixel/index.ts';

const MPLANE = [V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE, V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE];

/** What a program has set, in a few words: `640x480 YUYV`. */
export function formatText({ type, fmt }: v4l2_format): string {
  if (type === V4L2_BUF_TYPE_META_CAPTURE) return fourccToString(fmt.meta.dataformat);
  const { width, height, pixelformat } = MPLANE.includes(type) ? fmt.pix_mp : fmt.pix;
  return `${width}x${height} ${formatInfo(pixelformat)?.name ?? `0x${pixelformat.toString(16)}`}`;
}
