/** Test patterns where the camera cannot paint them itself. */
import type { FormatInfo } from '../pixel/index.ts';
import {
  type FrameOrder,
  type FrameRing,
  MovingPattern,
  patternNamed,
  RingTarget,
} from '../sources/index.ts';

/** It moves to the left by so many pixels a frame. */
const STEP = 2;

/** Fills `ring` with the pattern of this name, which there is, as long as the thread is left. */
export async function producePattern(
  order: FrameOrder,
  name: string,
  info: FormatInfo,
  ring: FrameRing,
): Promise<never> {
  const { width, height, planeSizes } = order;
  const source = new MovingPattern({ info, width, height }, patternNamed(name), STEP);
  const target = new RingTarget(ring, planeSizes);
  for (let number = 0; ; number++) {
    await ring.whenRoom();
    source.fill(target, number);
    target.publish();
  }
}
