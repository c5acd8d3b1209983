/**
 * The answers that every driver with a videobuf2 queue would give: spread `vb2IoctlOps` into the ioctl ops and
 * use `vb2Fops` as the file operations of a device that was made with `queue`.
 */
import { ENODEV, Errno } from '../base/errno.ts';
import { Vb2Queue } from '../videobuf2/index.ts';
import { fhQueueFops, fhQueueIoctlOps } from './fh-queue.ts';
import type { V4l2Fh } from './v4l2-fh.ts';
import type { VideoDevice } from './video-device.ts';

/** The queue that a node was made with; ENODEV if it was made without, or with one of another framework. */
export function vb2QueueOf({ queue, label }: VideoDevice): Vb2Queue {
  if (queue instanceof Vb2Queue) return queue;
  throw new Errno(ENODEV, `${label} was made without a queue of videobuf2`);
}

const queueOf = (fh: V4l2Fh) => vb2QueueOf(fh.vdev);

/** The streaming ioctls; the queue says which memory it can do and answers the rest with EINVAL. */
export const vb2IoctlOps = fhQueueIoctlOps(queueOf);

/**
 * The file operations of a node with a queue.
 *
 * @kernel vb2_fop_mmap vb2_fop_poll vb2_fop_release vb2_fop_read vb2_fop_write
 */
export const vb2Fops = fhQueueFops(queueOf);
