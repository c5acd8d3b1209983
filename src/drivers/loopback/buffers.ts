/** What both queues of a loopback device ask of their buffers. */
import { EINVAL, Errno } from '../../base/errno.ts';
import type { Vb2Buffer, Vb2QueueSetup } from '../../videobuf2/index.ts';
import type { Loopback } from './loopback.ts';

/** Two, so that one can be filled while the other is emptied, also by read() and write(). */
const MIN_BUFFERS = 2;

function checkSize(bytes: number, { format }: Loopback): void {
  if (bytes < format.sizeimage)
    throw new Errno(EINVAL, `${bytes} bytes cannot hold a frame of ${format.sizeimage}`);
}

/** The work of queueSetup. */
export function setupQueue(loopback: Loopback, setup: Vb2QueueSetup): void {
  if (setup.numPlanes > 0) {
    checkSize(setup.sizes[0] ?? 0, loopback);
    return;
  }
  setup.count = Math.max(setup.count, MIN_BUFFERS);
  setup.numPlanes = 1;
  setup.sizes[0] = loopback.format.sizeimage;
}

export function checkPlane<D>(loopback: Loopback, vb: Vb2Buffer<D>): void {
  checkSize(vb.planeSize(0), loopback);
}
