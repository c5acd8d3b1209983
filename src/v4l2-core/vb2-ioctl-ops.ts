/**
 * The answers that every driver with a videobuf2 queue would give: spread `vb2IoctlOps` into the ioctl ops and
 * use `vb2Fops` as the file operations of a device that was made with `queue`.
 */
import type { v4l2_exportbuffer } from '../abi/index.ts';
import { ENODEV, ENOTTY, Errno } from '../base/errno.ts';
import type { Caller, File } from '../vfs/file.ts';
import type { Vb2Queue } from '../videobuf2/videobuf2-core.ts';
import {
  vb2CreateBufs,
  vb2Dqbuf,
  vb2Expbuf,
  vb2FopRelease,
  vb2Mmap,
  vb2Poll,
  vb2PrepareBuf,
  vb2Qbuf,
  vb2Querybuf,
  vb2Read,
  vb2RemoveBufs,
  vb2Reqbufs,
  vb2Streamoff,
  vb2Streamon,
  vb2Undqbuf,
  vb2Write,
} from '../videobuf2/videobuf2-v4l2.ts';
import type { V4l2Fh } from './v4l2-fh.ts';
import type { V4l2FileOperations } from './v4l2-fops.ts';
import type { V4l2IoctlOps } from './v4l2-ioctl-ops.ts';

function queueOf(fh: V4l2Fh): Vb2Queue {
  const queue = fh.vdev.queue;
  if (queue === undefined) throw new Errno(ENODEV, `${fh.vdev.label} was made without a queue`);
  return queue;
}

/** Whether there is EXPBUF at all depends on the memory, which this table knows only when it is called. */
function expbuf(file: File, fh: V4l2Fh, exp: v4l2_exportbuffer, caller: Caller): void {
  const queue = queueOf(fh);
  if (queue.memOps.getDmabuf === undefined)
    throw new Errno(ENOTTY, `the memory of ${queue.name} cannot be exported`);
  vb2Expbuf(queue, file, exp, caller);
}

/** The streaming ioctls; the queue says which memory it can do and answers the rest with EINVAL. */
export const vb2IoctlOps = {
  vidioc_reqbufs: (file, fh, req) => vb2Reqbufs(queueOf(fh), file, req),
  vidioc_create_bufs: (file, fh, create) => vb2CreateBufs(queueOf(fh), file, create),
  vidioc_querybuf: (file, fh, b, _caller, planes) => vb2Querybuf(queueOf(fh), file, b, planes),
  vidioc_prepare_buf: (file, fh, b, caller, planes) => vb2PrepareBuf(queueOf(fh), file, b, caller, planes),
  vidioc_qbuf: (file, fh, b, caller, planes) => vb2Qbuf(queueOf(fh), file, b, caller, planes),
  vidioc_dqbuf: (file, fh, b, caller, planes) => vb2Dqbuf(queueOf(fh), file, b, caller, planes),
  vidioc_expbuf: expbuf,
  vidioc_remove_bufs: (file, fh, remove) => vb2RemoveBufs(queueOf(fh), file, remove),
  vidioc_streamon: (file, fh, type) => vb2Streamon(queueOf(fh), file, type),
  vidioc_streamoff: (file, fh, type) => vb2Streamoff(queueOf(fh), file, type),
} satisfies V4l2IoctlOps;

/** The file operations of a node with a queue. @kernel vb2_fop_mmap vb2_fop_poll vb2_fop_release vb2_fop_read vb2_fop_write */
export const vb2Fops = {
  release: (fh) => vb2FopRelease(queueOf(fh), fh.file),
  mmap: (fh, request) => vb2Mmap(queueOf(fh), request),
  poll: (fh, requested) => vb2Poll(queueOf(fh), fh.file, requested),
  read: (fh, address, count, caller) => vb2Read(queueOf(fh), fh.file, address, count, caller),
  write: (fh, address, count, caller) => vb2Write(queueOf(fh), fh.file, address, count, caller),
  undqbuf: (fh) => vb2Undqbuf(queueOf(fh), fh.file),
} satisfies V4l2FileOperations;
