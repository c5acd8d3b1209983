/** What a consumer sees while nobody produces: the test pattern, standing still. */
import { isCompressed } from '../../pixel/index.ts';
import { type PictureSource, stillPicture } from '../../sources/index.ts';
import { FramePainter, type Pattern, viviBars } from '../../tpg/index.ts';
import type { FrameFormat } from '../lib/frame-format.ts';
import { jpegPattern } from './placeholder-jpeg.ts';

const PATTERN = viviBars[0] as Pattern;

/** There is no picture if none fits into a frame of this format. */
export function createPlaceholder(format: FrameFormat): PictureSource {
  const { info, width, height } = format;
  const [sizeimage = 0] = format.planeSizes;
  if (isCompressed(info)) {
    const jpeg = jpegPattern(PATTERN, width, height);
    return jpeg.length <= sizeimage ? stillPicture(format, [jpeg]) : stillPicture(format);
  }
  const frame = new Uint8Array(sizeimage);
  new FramePainter(info, format).paint(frame, 0, PATTERN);
  return stillPicture(format, [frame]);
}
