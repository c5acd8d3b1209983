/** read() of a stream of frames: buffers of our own, all of them queued, each given back when it has been read. */
import { V4L2_MEMORY_USERPTR, VIDEO_MAX_FRAME } from '../../abi/index.ts';
import { describeThrown, driverBug } from '../../base/bug.ts';
import { EBUSY, EFAULT, EIO, Errno } from '../../base/errno.ts';
import { pageAlign } from '../../memory/page-size.ts';
import type { Caller } from '../../vfs/file.ts';
import type { VideobufBuffer } from './buffer.ts';
import { callBufPrepare, callBufSetup } from './call-op.ts';
import { give } from './qbuf.ts';
import { eachBuffer, type VideobufQueue } from './queue.ts';
import { freeBuffers, setUpBuffers } from './reqbufs.ts';
import type { Sleeping } from './sleep.ts';
import { videobufQueueCancel } from './streaming.ts';
import { videobufWaiton } from './waiton.ts';

/** What a read() asks for. */
export interface ReadRequest {
  /** Where in the program it is to go. */
  readonly data: number;
  readonly count: number;
  readonly nonblocking: boolean;
}

/**
 * Reads on from where the last call stopped, across frames, until `count` bytes are there or, without blocking, no more
 * are. The first call begins to capture, whatever it asks for, and only the last close ends that. With `vbihack` the
 * last four bytes of each frame are its number. May sleep.
 *
 * @kernel videobuf_read_stream
 */
export function videobufReadStream(
  q: VideobufQueue,
  request: ReadRequest,
  vbihack: boolean,
  caller: Caller,
): number {
  return q.tasks.run(caller, 'read', () => readStream(q, request, vbihack, caller));
}

function* readStream(
  q: VideobufQueue,
  request: ReadRequest,
  vbihack: boolean,
  caller: Caller,
): Sleeping<number> {
  yield* q.lock.lock();
  try {
    if (q.streaming) throw new Errno(EBUSY, 'it streams');
    if (!q.reading) yield* videobufReadStart(q);
    return yield* readFrames(q, request, vbihack, caller);
  } finally {
    q.lock.unlock();
  }
}

function* readFrames(
  q: VideobufQueue,
  { data, count, nonblocking }: ReadRequest,
  vbihack: boolean,
  caller: Caller,
): Sleeping<number> {
  let moved = 0;
  while (moved < count) {
    const vb = currentFrame(q);
    if (vb === undefined) break;
    try {
      yield* videobufWaiton(vb, nonblocking, true);
    } catch (thrown) {
      // EAGAIN or a signal, behind bytes that the program has got.
      if (thrown instanceof Errno && moved > 0) return moved;
      throw thrown;
    }
    const isGood = vb.state === 'DONE';
    if (isGood) {
      if (vbihack) putFrameNumber(q, vb);
      moved += copyOut(q, vb, data + moved, count - moved, caller);
    }
    if (!isGood || q.readOff >= vb.size) putBack(q, vb);
    if (!isGood && moved === 0) throw new Errno(EIO, `the frame in buffer ${vb.i} has an error`);
  }
  return moved;
}

/** The buffer that is read, which is on no list; the next one, when the last has been read. */
export function currentFrame(q: VideobufQueue): VideobufBuffer | undefined {
  if (q.readBuf !== undefined) return q.readBuf;
  q.readBuf = q.stream.shift();
  q.readOff = 0;
  return q.readBuf;
}

/** The buffer has been read: it is queued again. */
export function putBack(q: VideobufQueue, vb: VideobufBuffer): void {
  q.readBuf = undefined;
  q.stream.addTail(vb.stream);
  give(q, vb);
  q.doneWq.changed();
}

/** Moves what fits of what has not been read; throws EFAULT, and nothing has been read then. */
export function copyOut(
  q: VideobufQueue,
  vb: VideobufBuffer,
  to: number,
  room: number,
  caller: Caller,
): number {
  const bytes = q.intOps.vaddr(vb);
  if (bytes === undefined) throw new Errno(EFAULT, `buffer ${vb.i} has no memory`);
  const length = Math.min(vb.size - q.readOff, room);
  if (length > 0) caller.memory.write(to, bytes.subarray(q.readOff, q.readOff + length));
  q.readOff += length;
  return length;
}

function putFrameNumber(q: VideobufQueue, vb: VideobufBuffer): void {
  const bytes = q.intOps.vaddr(vb);
  if (bytes === undefined || vb.size < 4) return;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  view.setUint32(Math.floor(vb.size / 4) * 4 - 4, Math.floor(vb.fieldCount / 2), true);
}

/**
 * Begins to capture for read(): at least two buffers, in the place of those that a program may have asked for; EBUSY if it
 * has one of those mapped. The caller has the queue's lock.
 *
 * @kernel videobuf_read_start
 */
export function* videobufReadStart(q: VideobufQueue): Sleeping<void> {
  const setup = { count: 0, size: 0 };
  callBufSetup(q, setup);
  const count = Math.min(Math.max(setup.count, 2), VIDEO_MAX_FRAME);
  if (q.stream.length > 0 && !isMapped(q)) {
    // In Linux 6.1 this freed buffers that were on a list, and ended in a kernel BUG.
    throw new Errno(EBUSY, 'buffers are queued');
  }
  yield* setUpBuffers(q, { count, size: pageAlign(setup.size), memory: V4L2_MEMORY_USERPTR });
  yield* prepareAll(q);
  for (let at = q.stream.first; at !== undefined; at = at.next) give(q, at.item);
  q.reading = true;
  q.doneWq.changed();
}

function isMapped(q: VideobufQueue): boolean {
  for (const vb of eachBuffer(q)) if (vb.map !== undefined) return true;
  return false;
}

/**
 * All or none: in Linux 6.1 a bufPrepare that failed here left buffers on the list that the next read() freed, and used
 * after that.
 */
function* prepareAll(q: VideobufQueue): Sleeping<void> {
  for (const vb of eachBuffer(q)) {
    try {
      callBufPrepare(q, vb);
    } catch (thrown) {
      q.stream.clear();
      yield* freeBuffers(q);
      throw thrown;
    }
    q.stream.addTail(vb.stream);
  }
}

/**
 * Ends reading, and frees its buffers. The caller has the queue's lock.
 *
 * @kernel videobuf_read_stop
 */
export function* videobufReadStop(q: VideobufQueue): Sleeping<void> {
  yield* videobufQueueCancel(q);
  q.readBuf = undefined;
  try {
    yield* freeBuffers(q);
  } catch (thrown) {
    driverBug(`${q.name}: buffers of a read() are mapped: ${describeThrown(thrown)}`);
  }
  q.reading = false;
}
