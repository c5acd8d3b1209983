/** JPEGs of what a camera makes of a picture: a part of it, in other colours. */
import type { Sharp } from 'sharp';
import type { FrameSize } from '../pixel/index.ts';
import { adjustmentMatrix, type FrameView, isAdjusted, isZoomed } from '../sources/index.ts';

const JPEG_QUALITY = 90;

/** The part that is seen: whole pixels, one at least. */
function partOf({ width, height }: FrameSize, { zoom, x, y }: FrameView) {
  const [w, h] = [width, height].map((length) => Math.max(1, Math.round((length * 100) / zoom))) as [
    number,
    number,
  ];
  const left = Math.round(((width - w) / 2) * (1 + x));
  const top = Math.round(((height - h) / 2) * (1 + y));
  return { left, top, width: w, height: h };
}

/** `picture`, which has this size, as a JPEG of this size. */
export async function jpegOf(picture: Sharp, size: FrameSize, view: FrameView): Promise<Uint8Array> {
  const { width, height } = size;
  let seen = picture.removeAlpha();
  if (isZoomed(view))
    seen = seen.extract(partOf(size, view)).resize(width, height, { kernel: 'nearest', fit: 'fill' });
  if (isAdjusted(view)) {
    const { matrix, offset } = adjustmentMatrix(view);
    seen = seen.recomb(matrix).linear(1, offset);
  }
  return seen.jpeg({ quality: JPEG_QUALITY }).toBuffer();
}
