/** What a camera shows while there is nothing to be shown: the test pattern, standing still. */
import { isCompressed, isPredicted, memorySizes } from '../pixel/index.ts';
import { FramePainter, h264Picture, JpegPattern, type Pattern, viviBars } from '../tpg/index.ts';
import type { FrameShape, PictureSource } from './frame-source.ts';
import { stillPicture } from './still-picture.ts';

const PATTERN = viviBars[0] as Pattern;

/** `room` is for how many bytes there is room in a frame of no fixed length. There is no picture if none fits. */
export function placeholderPicture(shape: FrameShape, room = 0): PictureSource {
  const { info, width, height } = shape;
  if (isPredicted(info)) return stillPicture(shape, [h264Picture(PATTERN, shape)]);
  if (isCompressed(info)) {
    const jpeg = new Uint8Array(room);
    const length = new JpegPattern(PATTERN, width, height).paint(jpeg);
    return length > 0 ? stillPicture(shape, [jpeg.slice(0, length)]) : stillPicture(shape);
  }
  const painter = new FramePainter(info, shape);
  const planes = memorySizes(info, shape).map((bytes) => new Uint8Array(bytes));
  for (const [n, plane] of planes.entries()) painter.paint(plane, n, PATTERN);
  return stillPicture(shape, planes);
}
