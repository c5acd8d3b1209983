import {
  V4L2_MEMORY_MMAP,
  V4L2_MEMORY_OVERLAY,
  V4L2_MEMORY_USERPTR,
  V4L2_TYPE_IS_OUTPUT,
  type v4l2_buffer,
} from '../../abi/index.ts';
import { EBUSY, EINVAL, Errno } from '../../base/errno.ts';
import type { Caller } from '../../vfs/file.ts';
import type { VideobufBuffer } from './buffer.ts';
import { callBufPrepare, callBufQueue, callBufRelease } from './call-op.ts';
import type { VideobufQueue } from './queue.ts';
import type { Sleeping } from './sleep.ts';
import { bufferOf, mayBeginAtOnce } from './status.ts';

const NS_PER_S = 1e9;
const NS_PER_US = 1e3;

/**
 * VIDIOC_QBUF. The struct is left as it is. May sleep.
 *
 * @kernel videobuf_qbuf
 */
export function videobufQbuf(q: VideobufQueue, b: v4l2_buffer, caller: Caller): number {
  if (!mayBeginAtOnce(q, caller)) return q.tasks.run(caller, 'qbuf', () => qbuf(q, b, caller));
  const vb = queueable(q, b);
  if (hasOtherMemory(vb, b)) return q.tasks.run(caller, 'qbuf', () => qbuf(q, b, caller));
  enqueue(q, vb, b, caller);
  return 0;
}

function* qbuf(q: VideobufQueue, b: v4l2_buffer, caller: Caller): Sleeping<number> {
  yield* q.lock.lock();
  try {
    const vb = queueable(q, b);
    if (hasOtherMemory(vb, b)) yield* callBufRelease(q, vb);
    enqueue(q, vb, b, caller);
    return 0;
  } finally {
    q.lock.unlock();
  }
}

/** The buffer that a program gives, if it may. */
function queueable(q: VideobufQueue, b: v4l2_buffer): VideobufBuffer {
  if (q.reading) throw new Errno(EBUSY, 'somebody reads');
  const vb = bufferOf(q, b);
  if (vb.memory !== b.memory) throw new Errno(EINVAL, `buffer ${vb.i} is of memory ${vb.memory}`);
  if (vb.state !== 'NEEDS_INIT' && vb.state !== 'IDLE')
    throw new Errno(EINVAL, `buffer ${vb.i} is ${vb.state}`);
  // A scattered buffer that was unmapped while it was queued. Linux 6.1 put it on the list a second time.
  if (vb.stream.list !== undefined)
    throw new Errno(EINVAL, `buffer ${vb.i} is queued, with memory that has gone`);
  switch (b.memory) {
    case V4L2_MEMORY_MMAP:
      if (vb.map === undefined) throw new Errno(EINVAL, `buffer ${vb.i} is not mapped`);
      break;
    case V4L2_MEMORY_USERPTR:
      if (b.length < vb.bsize)
        throw new Errno(EINVAL, `${b.length} bytes for buffer ${vb.i}, which needs ${vb.bsize}`);
      break;
  }
  return vb;
}

/** A program comes with other memory than before: what is known of the old has to go first. */
function hasOtherMemory(vb: VideobufBuffer, b: v4l2_buffer): boolean {
  return b.memory === V4L2_MEMORY_USERPTR && vb.state !== 'NEEDS_INIT' && vb.baddr !== b.m.userptr;
}

function enqueue(q: VideobufQueue, vb: VideobufBuffer, b: v4l2_buffer, caller: Caller): void {
  takeArguments(q, vb, b);
  q.userMemory = caller.memory;
  try {
    callBufPrepare(q, vb);
  } finally {
    q.userMemory = undefined;
  }
  // In the kernel both have the same pages.
  if (V4L2_TYPE_IS_OUTPUT(q.type)) q.intOps.fetch?.(vb);
  const wasEmpty = q.stream.length === 0;
  q.stream.addTail(vb.stream);
  if (q.streaming) give(q, vb);
  q.wait.wakeUp();
  // Poll looks at the head.
  if (wasEmpty) q.doneWq.changed();
}

function takeArguments(q: VideobufQueue, vb: VideobufBuffer, b: v4l2_buffer): void {
  if (b.memory === V4L2_MEMORY_USERPTR) vb.baddr = b.m.userptr;
  else if (b.memory === V4L2_MEMORY_OVERLAY) vb.boff = b.m.offset;
  else if (V4L2_TYPE_IS_OUTPUT(q.type)) {
    vb.size = b.bytesused;
    vb.field = b.field;
    vb.ts = b.timestamp.tv_sec * NS_PER_S + b.timestamp.tv_usec * NS_PER_US;
  }
}

/** Hands the buffer to the driver, under the lock that its interrupts take. */
export function give(q: VideobufQueue, vb: VideobufBuffer): void {
  q.irqlock?.lock('videobuf, to give a buffer to the driver,');
  callBufQueue(q, vb);
  q.irqlock?.unlock();
}
