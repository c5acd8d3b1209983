/** Pictures in files. */
import type { FormatInfo } from '../pixel/index.ts';
import { type FrameOrder, type FrameRing, PRODUCER_STILL } from '../sources/index.ts';
import { loadSharp } from './image-library.ts';
import { PictureWriter } from './picture-writer.ts';
import { Trouble } from './trouble.ts';

/** Fills `ring` with the one frame that the picture in `path` is. Throws Trouble. */
export async function produceStill(
  order: FrameOrder,
  path: string,
  info: FormatInfo,
  ring: FrameRing,
): Promise<void> {
  const [sharp, writer] = await Promise.all([loadSharp('as a picture'), PictureWriter.of(order, info, ring)]);
  const { width, height, playing } = order;
  const image = sharp(path);
  // What cannot be read is told here, and nothing else is.
  await image.metadata().catch(() => {
    throw new Trouble(
      `is no picture that can be read: name another one (PNG, JPEG, WebP, SVG, GIF, AVIF, TIFF), or write film:${path} for ffmpeg`,
    );
  });
  // As it is meant to be seen: a photograph says which way is up. Behind what is transparent it is black.
  const rgba = await image
    .autoOrient()
    .resize(width, height, { fit: playing.fit, background: 'black' })
    .flatten({ background: 'black' })
    .toColourspace('srgb')
    .ensureAlpha()
    .raw()
    .toBuffer();
  await writer.write(rgba);
  ring.finish(PRODUCER_STILL);
}
