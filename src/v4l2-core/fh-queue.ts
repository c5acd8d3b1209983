/**
 * The streaming ioctls and file operations for whichever queue an open file means: both of a mem2mem context, the
 * one of each reader of a node with several, or, in `vb2IoctlOps` and `vb2Fops`, the one that a node has.
 */
import type { v4l2_exportbuffer } from '../abi/index.ts';
import { ENOTTY, Errno } from '../base/errno.ts';
import type { Caller, File } from '../vfs/file.ts';
import type { Vb2Queue } from '../videobuf2/index.ts';
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
} from '../videobuf2/index.ts';
import type { V4l2IoctlOps } from './ioctl/ops/index.ts';
import type { V4l2Fh } from './v4l2-fh.ts';
import type { V4l2FileOperations } from './v4l2-fops.ts';

/**
 * The queue that an open file means by a buffer type. For a type that is not there it may give any of its
 * queues: the queue itself refuses what is not its type.
 */
export type QueueOfFh<D = unknown, F = unknown> = (fh: V4l2Fh<D, F>, type: number) => Vb2Queue;

/** Whether there is EXPBUF at all depends on the memory, which the table knows only when it is called. */
function expbuf(q: Vb2Queue, file: File, exp: v4l2_exportbuffer, caller: Caller): void {
  if (q.memOps.getDmabuf === undefined) throw new Errno(ENOTTY, `the memory of ${q.name} cannot be exported`);
  vb2Expbuf(q, file, exp, caller);
}

/** The streaming ioctls. */
export function fhQueueIoctlOps<D, F>(queueOf: QueueOfFh<D, F>) {
  return {
    vidioc_reqbufs: (file, fh, req) => vb2Reqbufs(queueOf(fh, req.type), file, req),
    vidioc_create_bufs: (file, fh, create) => vb2CreateBufs(queueOf(fh, create.format.type), file, create),
    vidioc_querybuf: (file, fh, b, _caller, planes) => vb2Querybuf(queueOf(fh, b.type), file, b, planes),
    vidioc_prepare_buf: (file, fh, b, caller, planes) =>
      vb2PrepareBuf(queueOf(fh, b.type), file, b, caller, planes),
    vidioc_qbuf: (file, fh, b, caller, planes) => vb2Qbuf(queueOf(fh, b.type), file, b, caller, planes),
    vidioc_dqbuf: (file, fh, b, caller, planes) => vb2Dqbuf(queueOf(fh, b.type), file, b, caller, planes),
    vidioc_expbuf: (file, fh, exp, caller) => expbuf(queueOf(fh, exp.type), file, exp, caller),
    vidioc_remove_bufs: (file, fh, remove) => vb2RemoveBufs(queueOf(fh, remove.type), file, remove),
    vidioc_streamon: (file, fh, type) => vb2Streamon(queueOf(fh, type), file, type),
    vidioc_streamoff: (file, fh, type) => vb2Streamoff(queueOf(fh, type), file, type),
  } satisfies V4l2IoctlOps<D, F>;
}

/** The file operations of a node whose open files mean one queue each. */
export function fhQueueFops<D, F>(queueOf: (fh: V4l2Fh<D, F>) => Vb2Queue) {
  return {
    release: (fh) => vb2FopRelease(queueOf(fh), fh.file),
    mmap: (fh, request) => vb2Mmap(queueOf(fh), request),
    poll: (fh, requested) => vb2Poll(queueOf(fh), fh.file, requested),
    read: (fh, address, count, caller) => vb2Read(queueOf(fh), fh.file, address, count, caller),
    write: (fh, address, count, caller) => vb2Write(queueOf(fh), fh.file, address, count, caller),
    undqbuf: (fh) => vb2Undqbuf(queueOf(fh), fh.file),
  } satisfies V4l2FileOperations<D, F>;
}
