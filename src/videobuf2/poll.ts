import { POLLERR, POLLIN, POLLOUT, POLLRDNORM, POLLWRNORM } from '../vfs/file.ts';
import type { Vb2Queue } from './videobuf2-core.ts';

const READABLE = POLLIN | POLLRDNORM;
const WRITABLE = POLLOUT | POLLWRNORM;

/**
 * The poll bits of a queue. Who asks for neither frame bits nor their like (a program that only waits for
 * events) is never told ERR.
 *
 * @kernel vb2_core_poll
 */
export function corePoll(q: Vb2Queue, requested: number): number {
  const ready = q.isOutput ? WRITABLE : READABLE;
  if ((requested & ready) === 0) return 0;
  if (!q.streaming || q.failed) return POLLERR;
  // Nothing was queued since REQBUFS or STREAMOFF: to wait here would be to wait for ever.
  if (q.waitingForBuffers) return POLLERR;
  if (q.doneList.length > 0) return ready;
  return q.lastBufferDequeued ? READABLE : 0;
}
