import type { FrameShape, PictureSource } from './frame-source.ts';

/** One picture for ever; none if `planes` is left out. */
export function stillPicture(shape: FrameShape, planes?: readonly Uint8Array[]): PictureSource {
  return { shape, latest: () => planes };
}
