import { EBUSY, EINVAL, Errno } from '../../base/errno.ts';
import type { Caller } from '../../vfs/file.ts';
import type { VideobufBuffer } from './buffer.ts';
import { callBufRelease } from './call-op.ts';
import { give } from './qbuf.ts';
import { eachBuffer, type VideobufQueue } from './queue.ts';
import { videobufReadStop } from './read.ts';
import type { Sleeping } from './sleep.ts';

/**
 * VIDIOC_STREAMON: with or without buffers, and again. The driver gets what was queued before. May sleep.
 *
 * @kernel videobuf_streamon
 */
export function videobufStreamon(q: VideobufQueue, caller: Caller): number {
  return q.tasks.run(caller, 'streamon', () => streamon(q));
}

function* streamon(q: VideobufQueue): Sleeping<number> {
  yield* q.lock.lock();
  try {
    if (q.reading) throw new Errno(EBUSY, 'somebody reads');
    if (q.streaming) return 0;
    q.streaming = true;
    for (let at = q.stream.first; at !== undefined; at = at.next)
      if (at.item.state === 'PREPARED') give(q, at.item);
    q.doneWq.changed();
    return 0;
  } finally {
    q.lock.unlock();
  }
}

/**
 * VIDIOC_STREAMOFF: EINVAL if it does not stream. Waits for the buffer that the device works on. May sleep.
 *
 * @kernel videobuf_streamoff
 */
export function videobufStreamoff(q: VideobufQueue, caller: Caller): number {
  return q.tasks.run(caller, 'streamoff', () => streamoff(q));
}

function* streamoff(q: VideobufQueue): Sleeping<number> {
  yield* q.lock.lock();
  try {
    if (!q.streaming) throw new Errno(EINVAL, 'it does not stream');
    yield* videobufQueueCancel(q);
    return 0;
  } finally {
    q.lock.unlock();
  }
}

/**
 * Ends streaming and reading: buffers in the driver's list are taken out and become ERROR, all buffers are released, none
 * is queued any more. The caller has the queue's lock. Waits for buffers that are ACTIVE.
 *
 * @kernel videobuf_queue_cancel
 */
export function* videobufQueueCancel(q: VideobufQueue): Sleeping<void> {
  q.streaming = false;
  q.reading = false;
  q.wait.wakeUp();
  q.irqlock?.lock('videobuf, to cancel the queue,');
  const taken: VideobufBuffer[] = [];
  for (const vb of eachBuffer(q)) {
    if (vb.state !== 'QUEUED') continue;
    vb.queue.list?.remove(vb.queue);
    vb.state = 'ERROR';
    taken.push(vb);
  }
  q.irqlock?.unlock();
  for (const vb of taken) vb.done.wakeUp();
  for (const vb of eachBuffer(q)) yield* callBufRelease(q, vb);
  q.stream.clear();
  q.doneWq.wakeUp();
}

/** The buffer of a read() of single frames. Linux 6.1 left it in the driver's list, and never freed it. */
function* dropSingleFrame(q: VideobufQueue, vb: VideobufBuffer): Sleeping<void> {
  if (vb.state === 'QUEUED') {
    vb.queue.list?.remove(vb.queue);
    vb.state = 'ERROR';
  }
  yield* callBufRelease(q, vb);
  q.readBuf = undefined;
}

/**
 * The last close, first part: ends what goes on. The engine is the driver's to stop. Waits, so it is awaited.
 *
 * @kernel videobuf_stop
 */
export function* videobufStop(q: VideobufQueue): Sleeping<void> {
  yield* q.lock.lock();
  try {
    if (q.streaming) yield* videobufQueueCancel(q);
    const { readBuf } = q;
    if (readBuf !== undefined && q.bufs[readBuf.i] !== readBuf) yield* dropSingleFrame(q, readBuf);
    if (q.reading) yield* videobufReadStop(q);
  } finally {
    q.lock.unlock();
  }
}
