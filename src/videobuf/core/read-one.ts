/** read() of single frames: one buffer, which is queued when a program reads and is released when it has been read. */
import { V4L2_MEMORY_USERPTR } from '../../abi/index.ts';
import { EIO, Errno } from '../../base/errno.ts';
import type { Caller } from '../../vfs/file.ts';
import type { VideobufBuffer } from './buffer.ts';
import { callBufPrepare, callBufRelease, callBufSetup } from './call-op.ts';
import { give } from './qbuf.ts';
import type { VideobufQueue } from './queue.ts';
import { copyOut, currentFrame, putBack, type ReadRequest } from './read.ts';
import type { Sleeping } from './sleep.ts';
import { videobufWaiton } from './waiton.ts';

/**
 * Reads one frame, or what is left of it; not more at once. It does not look at whether the queue streams. A read() that
 * may block and has room for a frame is tried straight into the program's memory first. May sleep.
 *
 * @kernel videobuf_read_one
 */
export function videobufReadOne(q: VideobufQueue, request: ReadRequest, caller: Caller): number {
  return q.tasks.run(caller, 'read-one', () => readOne(q, request, caller));
}

function* readOne(q: VideobufQueue, request: ReadRequest, caller: Caller): Sleeping<number> {
  yield* q.lock.lock();
  try {
    const setup = { count: 1, size: 0 };
    callBufSetup(q, setup);
    // A poll() has begun to read: there are frames of the queue. Linux 6.1 freed each of them when it had been read.
    if (q.reading) currentFrame(q);
    if (q.readBuf === undefined && !request.nonblocking && request.count >= setup.size) {
      const moved = yield* readStraight(q, request, caller);
      if (moved !== undefined) return moved;
    }
    return yield* readBounced(q, request, caller);
  } finally {
    q.lock.unlock();
  }
}

/** A buffer of memory that is the program's, or none yet, given to the driver. It stays no buffer of the queue. */
function begin(q: VideobufQueue, baddr: number, bsize: number, caller: Caller): VideobufBuffer {
  const vb = q.allocVb(0);
  vb.memory = V4L2_MEMORY_USERPTR;
  vb.baddr = baddr;
  vb.bsize = bsize;
  q.readBuf = vb;
  q.readOff = 0;
  q.userMemory = caller.memory;
  try {
    callBufPrepare(q, vb);
  } finally {
    q.userMemory = undefined;
  }
  give(q, vb);
  return vb;
}

function* end(q: VideobufQueue, vb: VideobufBuffer): Sleeping<void> {
  if (q.bufs[vb.i] === vb) {
    putBack(q, vb);
    return;
  }
  yield* callBufRelease(q, vb);
  q.readBuf = undefined;
}

/**
 * Without a copy. The wait cannot be interrupted: the device writes into the program. Undefined if the memory of the
 * program does not do. @kernel videobuf_read_zerocopy
 */
function* readStraight(
  q: VideobufQueue,
  { data, count }: ReadRequest,
  caller: Caller,
): Sleeping<number | undefined> {
  let vb: VideobufBuffer;
  try {
    vb = begin(q, data, count, caller);
  } catch (thrown) {
    if (q.readBuf !== undefined) yield* end(q, q.readBuf);
    if (thrown instanceof Errno) return undefined;
    throw thrown;
  }
  yield* videobufWaiton(vb, false, false);
  q.intOps.sync?.(vb);
  const { state, size } = vb;
  yield* end(q, vb);
  if (state === 'ERROR') throw new Errno(EIO, 'the frame has an error');
  return size;
}

function* readBounced(q: VideobufQueue, request: ReadRequest, caller: Caller): Sleeping<number> {
  const { data, count, nonblocking } = request;
  let vb = q.readBuf;
  if (vb === undefined) {
    try {
      vb = begin(q, 0, count, caller);
    } catch (thrown) {
      q.readBuf = undefined;
      throw thrown;
    }
  }
  yield* videobufWaiton(vb, nonblocking, true);
  if (vb.state === 'ERROR') {
    yield* end(q, vb);
    throw new Errno(EIO, 'the frame has an error');
  }
  const moved = copyOut(q, vb, data, count, caller);
  if (q.readOff >= vb.size) yield* end(q, vb);
  return moved;
}
