/** What vivi-mplane can do: formats, and how a frame of each lies in planes. */
import {
  V4L2_COLORSPACE_SMPTE170M,
  V4L2_FIELD_NONE,
  V4L2_PIX_FMT_NV12,
  V4L2_PIX_FMT_NV12M,
  V4L2_PIX_FMT_NV16M,
  V4L2_PIX_FMT_YUV420M,
  type v4l2_pix_format_mplane,
} from '../../abi/index.ts';
import { type PlaneShape, planeBytes, planeLine } from '../../tpg/planar-bars.ts';
import type { FrameSize } from '../lib/frame-size.ts';

export interface MplaneFormat {
  readonly fourcc: number;
  readonly name: string;
  /** For each plane of memory, what lies in it one after the other. */
  readonly planes: readonly (readonly PlaneShape[])[];
}

const y: PlaneShape = { content: 'y', vertical: 1 };
const u420: PlaneShape = { content: 'u', vertical: 2 };
const v420: PlaneShape = { content: 'v', vertical: 2 };
const uv420: PlaneShape = { content: 'uv', vertical: 2 };
const uv422: PlaneShape = { content: 'uv', vertical: 1 };

/** The first is the default. */
export const mplaneFormats: readonly MplaneFormat[] = [
  { fourcc: V4L2_PIX_FMT_NV12M, name: 'NV12M', planes: [[y], [uv420]] },
  { fourcc: V4L2_PIX_FMT_YUV420M, name: 'YUV420M', planes: [[y], [u420], [v420]] },
  { fourcc: V4L2_PIX_FMT_NV16M, name: 'NV16M', planes: [[y], [uv422]] },
  { fourcc: V4L2_PIX_FMT_NV12, name: 'NV12', planes: [[y, uv420]] },
];

export function findFormat(fourcc: number): MplaneFormat | undefined {
  return mplaneFormats.find((format) => format.fourcc === fourcc);
}

/** Bytes of each plane of memory. */
export function planeSizes(format: MplaneFormat, { width, height }: FrameSize): readonly number[] {
  return format.planes.map((shapes) =>
    shapes.reduce((sum, shape) => sum + planeBytes(shape, width, height), 0),
  );
}

/** Writes a format as programs see it. */
export function fillPixMplane(pix: v4l2_pix_format_mplane, format: MplaneFormat, size: FrameSize): void {
  pix.width = size.width;
  pix.height = size.height;
  pix.pixelformat = format.fourcc;
  pix.field = V4L2_FIELD_NONE;
  pix.colorspace = V4L2_COLORSPACE_SMPTE170M;
  pix.flags = 0;
  pix.ycbcr_enc = 0;
  pix.quantization = 0;
  pix.xfer_func = 0;
  pix.num_planes = format.planes.length;
  const bytes = planeSizes(format, size);
  for (const [n, shapes] of format.planes.entries()) {
    const plane = pix.plane_fmt.get(n);
    plane.$bytes.fill(0);
    plane.sizeimage = bytes[n] ?? 0;
    plane.bytesperline = planeLine(shapes[0] ?? y, size.width);
  }
}
