import type { v4l2_framebuffer } from '../../abi/index.ts';
import type { VideobufBuffer } from './buffer.ts';
import type { VideobufQueue } from './queue.ts';

/**
 * Called by a driver in bufPrepare for a buffer that is NEEDS_INIT: makes its memory ready for the device. `fbuf` is where
 * overlay buffers lie. May fail: EINVAL for memory that this kind cannot do, EFAULT, ENOMEM.
 *
 * @kernel videobuf_iolock
 */
export function videobufIolock<D, B extends VideobufBuffer>(
  q: VideobufQueue<D, B>,
  vb: B,
  fbuf?: v4l2_framebuffer,
): void {
  q.intOps.iolock(vb, q.userMemory, fbuf);
}
