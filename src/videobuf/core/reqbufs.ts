import {
  V4L2_MEMORY_MMAP,
  V4L2_MEMORY_OVERLAY,
  V4L2_MEMORY_USERPTR,
  VIDEO_MAX_FRAME,
  type v4l2_requestbuffers,
} from '../../abi/index.ts';
import { EBUSY, EINVAL, ENOMEM, Errno } from '../../base/errno.ts';
import { pageAlign } from '../../memory/page-size.ts';
import type { Caller } from '../../vfs/file.ts';
import { callBufRelease, callBufSetup } from './call-op.ts';
import { eachBuffer, type VideobufQueue } from './queue.ts';
import type { Sleeping } from './sleep.ts';

/**
 * True while buffers are in use, so that the format must not change.
 *
 * @kernel videobuf_queue_is_busy
 */
export function videobufQueueIsBusy<D>(q: VideobufQueue<D>): boolean {
  if (q.streaming || q.reading || q.stream.length > 0) return true;
  for (const vb of eachBuffer(q as VideobufQueue)) {
    if (vb.map !== undefined || vb.state === 'QUEUED' || vb.state === 'ACTIVE') return true;
  }
  return false;
}

/** Frees all buffers; EBUSY while one of them is mapped. */
export function* freeBuffers(q: VideobufQueue): Sleeping<void> {
  for (const vb of eachBuffer(q))
    if (vb.map !== undefined) throw new Errno(EBUSY, `buffer ${vb.i} is mapped`);
  for (const vb of eachBuffer(q)) {
    yield* callBufRelease(q, vb);
    q.bufs[vb.i] = undefined;
  }
}

/** Makes buffers in the place of those there are. @kernel __videobuf_mmap_setup */
export function* setUpBuffers(
  q: VideobufQueue,
  { count, size, memory }: { count: number; size: number; memory: number },
): Sleeping<void> {
  yield* freeBuffers(q);
  for (let i = 0; i < count; i++) {
    const vb = q.allocVb(i);
    vb.memory = memory;
    vb.bsize = size;
    if (memory === V4L2_MEMORY_MMAP) vb.boff = pageAlign(size) * i;
    q.bufs[i] = vb;
  }
}

/**
 * VIDIOC_REQBUFS. The memory may be any of three, whatever the kind of the queue can do with it: what it cannot do is
 * found out at QBUF. EBUSY while streaming or reading, while something is queued, and while something is mapped.
 * May sleep.
 *
 * @kernel videobuf_reqbufs
 */
export function videobufReqbufs(q: VideobufQueue, req: v4l2_requestbuffers, caller: Caller): number {
  return q.tasks.run(caller, 'reqbufs', () => reqbufs(q, req));
}

function checkRequest(q: VideobufQueue, { memory, type }: v4l2_requestbuffers): void {
  if (memory !== V4L2_MEMORY_MMAP && memory !== V4L2_MEMORY_USERPTR && memory !== V4L2_MEMORY_OVERLAY)
    throw new Errno(EINVAL, `memory ${memory} is none that videobuf knows`);
  if (type !== q.type) throw new Errno(EINVAL, `the queue is of type ${q.type}, not ${type}`);
}

function* reqbufs(q: VideobufQueue, req: v4l2_requestbuffers): Sleeping<number> {
  checkRequest(q, req);
  yield* q.lock.lock();
  try {
    if (q.streaming) throw new Errno(EBUSY, 'it streams');
    if (q.stream.length > 0) throw new Errno(EBUSY, 'buffers are queued');
    const { memory } = req;
    if (req.count === 0) {
      yield* freeBuffers(q);
      return 0;
    }
    const setup = { count: Math.min(req.count, VIDEO_MAX_FRAME), size: 0 };
    callBufSetup(q, setup);
    const count = Math.min(setup.count, VIDEO_MAX_FRAME);
    yield* setUpBuffers(q, { count, size: setup.size, memory });
    if (count === 0) throw new Errno(ENOMEM, 'the driver allows no buffers');
    req.count = count;
    return 0;
  } finally {
    q.lock.unlock();
  }
}

/**
 * Frees all buffers at the last close; EBUSY if one is still mapped, which cannot be: a mapping holds the file open. Waits
 * for the driver, so it is awaited.
 *
 * @kernel videobuf_mmap_free
 */
export function* videobufMmapFree(q: VideobufQueue): Sleeping<void> {
  yield* q.lock.lock();
  try {
    yield* freeBuffers(q);
  } finally {
    q.lock.unlock();
  }
}
