/**
 * The answers that every driver with a videobuf2 queue would give: spread `vb2IoctlOps` into the ioctl ops and
 * use `vb2Fops` as the file operations of a device that was made with `queue`.
 */
import { ENODEV, Errno } from '../base/errno.ts';
import type { Vb2Queue } from '../videobuf2/index.ts';
import { fhQueueFops, fhQueueIoctlOps } from './fh-queue.ts';
import type { V4l2Fh } from './v4l2-fh.ts';

function queueOf(fh: V4l2Fh): Vb2Queue {
  const queue = fh.vdev.queue;
  if (queue === undefined) throw new Errno(ENODEV, `${fh.vdev.label} was made without a queue`);
  return queue;
}

/** The streaming ioctls; the queue says which memory it can do and answers the rest with EINVAL. */
export const vb2IoctlOps = fhQueueIoctlOps(queueOf);

/** The file operations of a node with a queue. @kernel vb2_fop_mmap vb2_fop_poll vb2_fop_release vb2_fop_read vb2_fop_write */
export const vb2Fops = fhQueueFops(queueOf);
