/**
 * The V4L2 face of a queue: what the streaming ioctls of a device node do.
 *
 * The order of the checks is part of what programs see. `file` is the open file that calls: the one that
 * allocates the buffers owns the queue, by REQBUFS or CREATE_BUFS, until it frees them by REQBUFS(0) or is
 * closed; to all others the queue is busy. Each function changes the struct it was given; a failure is
 * thrown as `Errno`, and then nothing goes back to the program.
 */
import {
  V4L2_BUF_CAP_SUPPORTS_MAX_NUM_BUFFERS,
  V4L2_BUF_FLAG_DONE,
  V4L2_BUF_FLAG_LAST,
  V4L2_BUF_FLAG_REQUEST_FD,
  V4L2_MEMORY_FLAG_NON_COHERENT,
  type v4l2_buffer,
  type v4l2_create_buffers,
  type v4l2_exportbuffer,
  type v4l2_remove_buffers,
  type v4l2_requestbuffers,
} from '../../abi/index.ts';
import { EBADR, EBUSY, EINVAL, Errno } from '../../base/errno.ts';
import { type Caller, type File, WOULD_BLOCK } from '../../vfs/file.ts';
import { coreCreateBufs, coreRemoveBufs, coreReqbufs, verifyMemoryType } from '../core/allocate.ts';
import type { Vb2BufOps } from '../core/buf-ops.ts';
import type { Vb2Buffer } from '../core/buffer.ts';
import { coreDqbuf, coreUndqbuf } from '../core/dequeue.ts';
import { corePrepareBuf, coreQbuf, coreQuerybuf } from '../core/qbuf.ts';
import type { Vb2Queue } from '../core/queue.ts';
import { STATE } from '../core/queue-state.ts';
import { coreExpbuf } from '../core/share.ts';
import { coreStreamoff, coreStreamon } from '../core/streaming.ts';
import {
  copyTimestamp,
  fillUserBuffer,
  fillVb2Buffer,
  type Planes,
  verifyBuffer,
  verifyPlanesArray,
} from './buffer.ts';
import { bufferCapabilities, memoryFlags, planeSizes } from './formats.ts';

/** All that is asked of the open file here: who it is, and O_NONBLOCK. */
export type Vb2File = Pick<File, 'nonblock'>;

/** How the core tells of buffers in `struct v4l2_buffer`. @kernel v4l2_buf_ops */
const v4l2BufOps = { verifyPlanesArray, fillVb2Buffer, copyTimestamp, fillUserBuffer } satisfies Vb2BufOps<
  v4l2_buffer,
  Planes
>;

/** @kernel vb2_queue_is_busy */
export function assertNotOthers(q: Vb2Queue, file: Vb2File): void {
  const s = q[STATE];
  if (s.owner !== undefined && s.owner !== file) throw new Errno(EBUSY, 'another open file owns the queue');
}

function assertNoFileio(q: Vb2Queue): void {
  if (q[STATE].fileioActive) throw new Errno(EBUSY, 'read() or write() is using the queue');
}

function assertType(q: Vb2Queue, type: number): void {
  if (type !== q.type) throw new Errno(EINVAL, `${q.name} has type ${q.type}, not ${type}`);
}

function bufferAt(q: Vb2Queue, index: number): Vb2Buffer {
  const vb = q[STATE].bufs[index];
  if (vb === undefined) throw new Errno(EINVAL, `there is no buffer ${index}`);
  return vb;
}

function isNonCoherent(flags: number): boolean {
  return (flags & V4L2_MEMORY_FLAG_NON_COHERENT) !== 0;
}

/** VIDIOC_REQBUFS. @kernel vb2_ioctl_reqbufs */
export function vb2Reqbufs(q: Vb2Queue, file: Vb2File, req: v4l2_requestbuffers): void {
  req.capabilities = bufferCapabilities(q);
  req.flags = memoryFlags(q, req.memory, req.flags);
  verifyMemoryType(q, req.memory, req.type);
  assertNotOthers(q, file);
  const count = coreReqbufs(q, req.memory, req.count, isNonCoherent(req.flags));
  q[STATE].owner = count > 0 ? file : undefined;
  req.count = count;
}

/**
 * VIDIOC_CREATE_BUFS. With count 0 it only tells whether memory and type are possible.
 *
 * @kernel vb2_ioctl_create_bufs
 */
export function vb2CreateBufs(q: Vb2Queue, file: Vb2File, create: v4l2_create_buffers): void {
  const s = q[STATE];
  create.index = s.numBuffers;
  create.capabilities = bufferCapabilities(q);
  // Only a queue that says how many it takes: to programs of Linux 6.1 the field is reserved and must be 0.
  if (q.saysMaxNumBuffers) {
    create.capabilities |= V4L2_BUF_CAP_SUPPORTS_MAX_NUM_BUFFERS;
    create.max_num_buffers = q.maxNumBuffers;
  }
  create.flags = memoryFlags(q, create.memory, create.flags);
  try {
    verifyMemoryType(q, create.memory, create.format.type);
  } catch (error) {
    if (create.count === 0 && error instanceof Errno && error.code === EBUSY) return;
    throw error;
  }
  if (create.count === 0) return;
  assertNotOthers(q, file);
  const sizes = planeSizes(create.format);
  const allocated = coreCreateBufs(q, create.memory, create.count, sizes, isNonCoherent(create.flags));
  s.owner = file;
  create.index = allocated.first;
  create.count = allocated.count;
}

/** VIDIOC_REMOVE_BUFS. @kernel vb2_ioctl_remove_bufs */
export function vb2RemoveBufs(q: Vb2Queue, file: Vb2File, remove: v4l2_remove_buffers): void {
  assertType(q, remove.type);
  if (remove.count === 0) return;
  assertNotOthers(q, file);
  assertNoFileio(q);
  coreRemoveBufs(q, remove.index, remove.count);
}

/** VIDIOC_QUERYBUF. Any open file may look. @kernel vb2_querybuf */
export function vb2Querybuf(q: Vb2Queue, _file: Vb2File, b: v4l2_buffer, planes?: Planes): void {
  assertType(q, b.type);
  const vb = bufferAt(q, b.index);
  verifyPlanesArray(vb, b, planes);
  coreQuerybuf(vb, v4l2BufOps, b, planes);
}

/** The buffer that a QBUF or PREPARE_BUF means. @kernel vb2_queue_or_prepare_buf */
function bufferToQueue(q: Vb2Queue, b: v4l2_buffer, planes: Planes): Vb2Buffer {
  const s = q[STATE];
  assertType(q, b.type);
  const vb = bufferAt(q, b.index);
  if (b.memory !== s.memory)
    throw new Errno(EINVAL, `the buffers have memory type ${s.memory}, not ${b.memory}`);
  verifyPlanesArray(vb, b, planes);
  return vb;
}

/** VIDIOC_PREPARE_BUF. @kernel vb2_ioctl_prepare_buf */
export function vb2PrepareBuf(
  q: Vb2Queue,
  file: Vb2File,
  b: v4l2_buffer,
  caller: Caller,
  planes?: Planes,
): void {
  assertNotOthers(q, file);
  assertNoFileio(q);
  if ((b.flags & V4L2_BUF_FLAG_REQUEST_FD) !== 0) throw new Errno(EINVAL, 'PREPARE_BUF takes no request');
  const vb = bufferToQueue(q, b, planes);
  if (!vb.prepared) verifyBuffer(vb, b, planes);
  corePrepareBuf(vb, caller, v4l2BufOps, b, planes);
}

/** VIDIOC_QBUF. What was said at PREPARE_BUF counts; a QBUF after it only adds the time. @kernel vb2_ioctl_qbuf */
export function vb2Qbuf(q: Vb2Queue, file: Vb2File, b: v4l2_buffer, caller: Caller, planes?: Planes): void {
  assertNotOthers(q, file);
  assertNoFileio(q);
  const vb = bufferToQueue(q, b, planes);
  const request = (b.flags & V4L2_BUF_FLAG_REQUEST_FD) !== 0;
  if (request && vb.state !== 'DEQUEUED') throw new Errno(EINVAL, `${vb.label} is not DEQUEUED`);
  if (!vb.prepared) verifyBuffer(vb, b, planes);
  if (request) throw new Errno(EBADR, `${q.name} does not support requests`);
  coreQbuf(vb, caller, v4l2BufOps, b, planes);
}

/**
 * VIDIOC_DQBUF: 0, or WOULD_BLOCK with the caller asleep on the queue. It looks at O_NONBLOCK only when
 * there is nothing to hand out.
 *
 * @kernel vb2_ioctl_dqbuf
 */
export function vb2Dqbuf(
  q: Vb2Queue,
  file: Vb2File,
  b: v4l2_buffer,
  caller: Caller,
  planes?: Planes,
): number {
  const s = q[STATE];
  assertNotOthers(q, file);
  // An answer that was followed by another DQBUF has arrived.
  s.lastDequeued = undefined;
  assertNoFileio(q);
  assertType(q, b.type);
  if (coreDqbuf(q, file, caller, v4l2BufOps, b, planes) === undefined) return WOULD_BLOCK;
  if (!q.isOutput && (b.flags & V4L2_BUF_FLAG_LAST) !== 0) {
    s.lastBufferDequeued = true;
    q.doneWq.changed();
  }
  b.flags &= ~V4L2_BUF_FLAG_DONE;
  return 0;
}

/**
 * The answer of the last DQBUF of `file` did not reach the program. True if the buffer is back in the queue
 * as if that DQBUF had never been; false if the queue has moved on.
 */
export function vb2Undqbuf(q: Vb2Queue, file: Vb2File): boolean {
  const s = q[STATE];
  if (s.owner !== file) return false;
  const vb = coreUndqbuf(q);
  if (vb === undefined) return false;
  if (!q.isOutput && (vb.flags & V4L2_BUF_FLAG_LAST) !== 0) s.lastBufferDequeued = false;
  return true;
}

/** VIDIOC_STREAMON. @kernel vb2_ioctl_streamon */
export function vb2Streamon(q: Vb2Queue, file: Vb2File, type: number): void {
  assertNotOthers(q, file);
  assertNoFileio(q);
  coreStreamon(q, type);
}

/** VIDIOC_STREAMOFF. @kernel vb2_ioctl_streamoff */
export function vb2Streamoff(q: Vb2Queue, file: Vb2File, type: number): void {
  assertNotOthers(q, file);
  assertNoFileio(q);
  coreStreamoff(q, type);
}

/**
 * VIDIOC_EXPBUF: `fd` becomes a descriptor of the caller, which can be mapped at offset 0.
 *
 * @kernel vb2_ioctl_expbuf
 */
export function vb2Expbuf(q: Vb2Queue, file: Vb2File, exp: v4l2_exportbuffer, caller: Caller): void {
  assertNotOthers(q, file);
  assertType(q, exp.type);
  exp.fd = coreExpbuf(bufferAt(q, exp.index), exp.plane, exp.flags, caller);
}
