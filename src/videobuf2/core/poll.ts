import { Errno } from '../../base/errno.ts';
import { POLL_NOW, POLLERR, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from '../../vfs/file.ts';
import { startFileio } from './fileio.ts';
import { VB2_READ, VB2_WRITE } from './io-modes.ts';
import type { Vb2Queue } from './queue.ts';
import { STATE } from './queue-state.ts';

const READABLE = POLLIN | POLLRDNORM;
const WRITABLE = POLLOUT | POLLWRNORM;

/**
 * The poll bits of a queue. Who asks for neither frame bits nor their like (a program that only waits for
 * events) is never told ERR.
 *
 * @kernel vb2_core_poll
 */
export function corePoll(q: Vb2Queue, requested: number): number {
  const s = q[STATE];
  const ready = q.isOutput ? WRITABLE : READABLE;
  if ((requested & ready) === 0) return 0;
  // The read() that returns 0 need not wait.
  if (s.fileioAtEnd) return ready;
  if (s.numBuffers === 0 && !s.fileioActive && canFileio(q)) {
    // read() and write() begin by themselves and wait for as long as they must.
    if ((requested & POLL_NOW) === 0) return ready;
    if (!start(q)) return POLLERR;
    if (q.isOutput) return ready;
  }
  if (!s.streaming || s.failed) return POLLERR;
  // Nothing was queued since REQBUFS or STREAMOFF: to wait here would be to wait for ever.
  if (s.waitingForBuffers) return POLLERR;
  if (s.fileio?.ready) return ready;
  if (s.doneList.length > 0) return ready;
  return s.lastBufferDequeued ? READABLE : 0;
}

/** DQBUF would not wait: a buffer is done, or the last one has gone out. */
export function coreHasDone(q: Vb2Queue): boolean {
  const s = q[STATE];
  return s.doneList.length > 0 || s.lastBufferDequeued;
}

/** The queue can neither have a buffer that is done nor get one. */
export function coreIsIdle(q: Vb2Queue): boolean {
  const s = q[STATE];
  return !s.streaming || s.failed || (s.queuedList.length === 0 && !s.lastBufferDequeued);
}

function canFileio(q: Vb2Queue): boolean {
  return (q.ioModes & (q.isOutput ? VB2_WRITE : VB2_READ)) !== 0;
}

function start(q: Vb2Queue): boolean {
  try {
    startFileio(q, q.isOutput ? 'write' : 'read');
    return true;
  } catch (error) {
    if (error instanceof Errno) return false;
    throw error;
  }
}
