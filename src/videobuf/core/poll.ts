import { V4L2_TYPE_IS_OUTPUT } from '../../abi/index.ts';
import { EBUSY, Errno } from '../../base/errno.ts';
import { type File, POLL_NOW, POLLERR, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from '../../vfs/file.ts';
import type { VideobufBuffer } from './buffer.ts';
import { eachBuffer, type VideobufQueue } from './queue.ts';
import { currentFrame, videobufReadStart } from './read.ts';
import type { Sleeping } from './sleep.ts';

const READABLE = POLLIN | POLLRDNORM;
const WRITABLE = POLLOUT | POLLWRNORM;

/**
 * The poll bits of a queue for `file`: whether the buffer at the head is done, or ERR where there is none. Who asks for
 * input while nothing goes on begins to read, which throws away buffers that were requested and are not mapped.
 *
 * In the kernel whoever asks waits for the queue's lock; here the answer is given at once. A face that is kept up to date
 * ({@link POLL_NOW} is not among the bits) shows a queue on which a read() could begin as readable.
 *
 * @kernel videobuf_poll_stream
 */
export function videobufPollStream<D>(file: File, queue: VideobufQueue<D>, requested: number): number {
  const q = queue as VideobufQueue;
  q.polledBy(file);
  if (q.streaming) return bitsOf(q, q.stream.first?.item);
  if ((requested & READABLE) === 0) return POLLERR;
  const isNow = (requested & POLL_NOW) !== 0;
  if (!q.reading) {
    if (!isNow) return isUntouched(q) ? READABLE : POLLERR;
    if (!startReading(q)) return POLLERR;
  }
  return bitsOf(q, isNow ? currentFrame(q) : (q.readBuf ?? q.stream.first?.item));
}

function bitsOf(q: VideobufQueue, vb: VideobufBuffer | undefined): number {
  if (vb === undefined) return POLLERR;
  if (vb.state !== 'DONE' && vb.state !== 'ERROR') return 0;
  return V4L2_TYPE_IS_OUTPUT(q.type) ? WRITABLE : READABLE;
}

/** No program has asked for buffers. */
function isUntouched(q: VideobufQueue): boolean {
  return eachBuffer(q).next().done === true;
}

/** Begins to read for somebody who polls; false if that cannot be, or not at once. */
function startReading(q: VideobufQueue): boolean {
  if (q.lock.isLocked) return false;
  q.background.run(readStart(q));
  return q.reading;
}

function* readStart(q: VideobufQueue): Sleeping<void> {
  yield* q.lock.lock();
  try {
    if (q.streaming || q.reading) throw new Errno(EBUSY, 'something goes on already');
    yield* videobufReadStart(q);
  } finally {
    q.lock.unlock();
  }
}
