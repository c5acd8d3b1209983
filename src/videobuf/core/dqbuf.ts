import { V4L2_BUF_FLAG_ERROR, V4L2_TYPE_IS_OUTPUT, type v4l2_buffer } from '../../abi/index.ts';
import { EAGAIN, EINVAL, Errno } from '../../base/errno.ts';
import type { Caller } from '../../vfs/file.ts';
import type { VideobufBuffer } from './buffer.ts';
import type { VideobufQueue } from './queue.ts';
import { type Sleeping, sleepOn } from './sleep.ts';
import { fillStatus, mayBeginAtOnce } from './status.ts';
import { videobufWaiton } from './waiton.ts';

/**
 * VIDIOC_DQBUF: the buffer at the head of the queue, and no other, in whatever order the driver finishes them. A sleep on
 * an empty stream has nothing, one on a buffer keeps the queue's lock. May sleep.
 *
 * @kernel videobuf_dqbuf
 */
export function videobufDqbuf(
  q: VideobufQueue,
  b: v4l2_buffer,
  nonblocking: boolean,
  caller: Caller,
): number {
  const head = q.stream.first?.item;
  if (q.streaming && head !== undefined && isOver(head) && mayBeginAtOnce(q, caller)) {
    takeHead(q, head, b);
    return 0;
  }
  return q.tasks.run(caller, 'dqbuf', () => dqbuf(q, b, nonblocking));
}

function isOver({ state }: VideobufBuffer): boolean {
  return state === 'DONE' || state === 'ERROR';
}

function* dqbuf(q: VideobufQueue, b: v4l2_buffer, nonblocking: boolean): Sleeping<number> {
  const lock = { isMine: false };
  try {
    yield* q.lock.lock();
    lock.isMine = true;
    const head = yield* nextBuffer(q, nonblocking, lock);
    yield* videobufWaiton(head, nonblocking, true);
    // The device may have gone meanwhile.
    if (head.stream.list !== q.stream) throw new Errno(EINVAL, 'the stream has ended');
    takeHead(q, head, b);
    return 0;
  } finally {
    if (lock.isMine) q.lock.unlock();
  }
}

/** The head of the stream; the queue's own lock is given back while there is none. */
function* nextBuffer(
  q: VideobufQueue,
  nonblocking: boolean,
  lock: { isMine: boolean },
): Sleeping<VideobufBuffer> {
  for (;;) {
    if (!q.streaming) throw new Errno(EINVAL, 'it does not stream');
    const head = q.stream.first?.item;
    if (head !== undefined) return head;
    if (nonblocking) throw new Errno(EAGAIN, 'nothing is queued');
    if (q.hasExtLock) {
      yield* sleepOn(q.wait, true);
      continue;
    }
    q.lock.unlock();
    lock.isMine = false;
    while (q.streaming && q.stream.length === 0) yield* sleepOn(q.wait, true);
    yield* q.lock.lock();
    lock.isMine = true;
  }
}

function takeHead(q: VideobufQueue, head: VideobufBuffer, b: v4l2_buffer): void {
  const { state } = head;
  if (!isOver(head)) throw new Errno(EINVAL, `buffer ${head.i} at the head is ${state}`);
  if (!V4L2_TYPE_IS_OUTPUT(q.type)) q.intOps.sync?.(head);
  head.state = 'IDLE';
  q.stream.remove(head.stream);
  b.$bytes.fill(0);
  fillStatus(b, head);
  if (state === 'ERROR') b.flags |= V4L2_BUF_FLAG_ERROR;
  q.doneWq.changed();
}
