/** What cameras show. */
export {
  type FrameShape,
  type FrameSource,
  type FrameTarget,
  type PaintedSource,
  type PictureSource,
  putFrame,
} from './frame-source.ts';
export { MovingPattern } from './moving-pattern.ts';
export { stillPicture } from './still-picture.ts';
