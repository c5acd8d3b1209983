/** What a program is told of a buffer. */
import {
  V4L2_BUF_FLAG_DONE,
  V4L2_BUF_FLAG_ERROR,
  V4L2_BUF_FLAG_MAPPED,
  V4L2_BUF_FLAG_QUEUED,
  V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC,
  V4L2_MEMORY_MMAP,
  V4L2_MEMORY_OVERLAY,
  V4L2_MEMORY_USERPTR,
  type v4l2_buffer,
} from '../../abi/index.ts';
import { EINVAL, Errno } from '../../base/errno.ts';
import type { Caller } from '../../vfs/file.ts';
import type { VideobufBuffer, VideobufState } from './buffer.ts';
import type { VideobufQueue } from './queue.ts';
import type { Sleeping } from './sleep.ts';

const NS_PER_S = 1e9;
const NS_PER_US = 1e3;

const flagsOf: Readonly<Record<VideobufState, number>> = {
  NEEDS_INIT: 0,
  IDLE: 0,
  PREPARED: V4L2_BUF_FLAG_QUEUED,
  QUEUED: V4L2_BUF_FLAG_QUEUED,
  ACTIVE: V4L2_BUF_FLAG_QUEUED,
  DONE: V4L2_BUF_FLAG_DONE,
  ERROR: V4L2_BUF_FLAG_DONE | V4L2_BUF_FLAG_ERROR,
};

/** Where the memory is. Of an overlay buffer the length is not told. */
function fillMemory(b: v4l2_buffer, vb: VideobufBuffer): void {
  b.memory = vb.memory;
  switch (vb.memory) {
    case V4L2_MEMORY_MMAP:
      b.m.offset = vb.boff;
      b.length = vb.bsize;
      break;
    case V4L2_MEMORY_USERPTR:
      b.m.userptr = vb.baddr;
      b.length = vb.bsize;
      break;
    case V4L2_MEMORY_OVERLAY:
      b.m.offset = vb.boff;
      break;
  }
}

/** @kernel videobuf_status */
export function fillStatus(b: v4l2_buffer, vb: VideobufBuffer): void {
  b.index = vb.i;
  b.type = vb.q.type;
  fillMemory(b, vb);
  const mapped = vb.map === undefined ? 0 : V4L2_BUF_FLAG_MAPPED;
  b.flags = V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC | mapped | flagsOf[vb.state];
  b.field = vb.field;
  const seconds = Math.floor(vb.ts / NS_PER_S);
  b.timestamp.tv_sec = seconds;
  b.timestamp.tv_usec = Math.floor((vb.ts - seconds * NS_PER_S) / NS_PER_US);
  b.bytesused = vb.size;
  b.sequence = Math.floor(vb.fieldCount / 2);
}

/** The buffer that a program means; EINVAL if there is none. */
export function bufferOf<B extends VideobufBuffer>(q: VideobufQueue<unknown, B>, b: v4l2_buffer): B {
  if (b.type !== q.type) throw new Errno(EINVAL, `the queue is of type ${q.type}, not ${b.type}`);
  const vb = q.bufs[b.index];
  if (vb === undefined) throw new Errno(EINVAL, `there is no buffer ${b.index}`);
  return vb;
}

/**
 * VIDIOC_QUERYBUF. May sleep, if another thread has the lock of the queue.
 *
 * @kernel videobuf_querybuf
 */
export function videobufQuerybuf(q: VideobufQueue, b: v4l2_buffer, caller: Caller): number {
  if (!mayBeginAtOnce(q, caller)) return q.tasks.run(caller, 'querybuf', () => querybuf(q, b));
  fillStatus(b, bufferOf(q, b));
  return 0;
}

function* querybuf(q: VideobufQueue, b: v4l2_buffer): Sleeping<number> {
  yield* q.lock.lock();
  try {
    fillStatus(b, bufferOf(q, b));
    return 0;
  } finally {
    q.lock.unlock();
  }
}

/** Nobody has the lock, and the caller has begun nothing: what does not sleep can be done without it. */
export function mayBeginAtOnce(q: VideobufQueue, caller: Caller): boolean {
  return !q.lock.isLocked && !q.tasks.has(caller);
}
