import { FramePainter, type Pattern } from '../tpg/index.ts';
import type { FrameShape, FrameTarget, PaintedSource } from './frame-source.ts';

/** A pattern of the test pattern generator that moves to the left, `step` pixels a frame. */
export class MovingPattern implements PaintedSource {
  readonly shape: FrameShape;
  readonly #pattern: Pattern;
  readonly #step: number;
  readonly #painter: FramePainter;

  constructor(shape: FrameShape, pattern: Pattern, step: number) {
    this.shape = shape;
    this.#pattern = pattern;
    this.#step = step;
    this.#painter = new FramePainter(shape.info, shape);
  }

  fill(target: FrameTarget, number: number): void {
    const planes = this.shape.info.memory.length;
    for (let n = 0; n < planes; n++)
      this.#painter.paint(target.planeVaddr(n), n, this.#pattern, number * this.#step);
  }
}
