import type { ZoomView } from '../pixel/index.ts';
import { JpegPattern, type Pattern } from '../tpg/index.ts';
import type { FrameShape, FrameTarget, PaintedSource } from './frame-source.ts';

/** A pattern, or a part of it, as JPEGs that moves to the left, sixteen pixels a frame. */
export class JpegPatternSource implements PaintedSource {
  readonly shape: FrameShape;
  readonly #pattern: JpegPattern;

  constructor(shape: FrameShape, pattern: Pattern, view?: ZoomView) {
    this.shape = shape;
    this.#pattern = new JpegPattern(pattern, shape.width, shape.height, view);
  }

  fill(target: FrameTarget, number: number): void {
    target.setPlanePayload(0, this.#pattern.paint(target.planeVaddr(0), number));
  }
}
