/** What both queues of a loopback device ask of their buffers. */
import type { Vb2QueueSetup } from '../../videobuf2/index.ts';
import { type FrameFormat, setupFrames } from '../lib/frame-format.ts';

/** Two, so that one can be filled while the other is emptied, also by read() and write(). */
const MIN_BUFFERS = 2;

/** The work of queueSetup. */
export function setupQueue(format: FrameFormat, setup: Vb2QueueSetup): void {
  if (setup.numPlanes === 0) setup.count = Math.max(setup.count, MIN_BUFFERS);
  setupFrames(setup, format);
}
