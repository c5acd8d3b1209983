/** STREAMON, STREAMOFF, and the start that a QBUF makes possible. */
import { driverBug } from '../../base/bug.ts';
import { EINVAL, Errno } from '../../base/errno.ts';
import { transition, type Vb2Buffer } from './buffer.ts';
import { TRANSITIONS } from './buffer-state.ts';
import { callPrepareStreaming, callStartStreaming, callVoidQueueOp } from './call-op.ts';
import { queueCancel } from './cancel.ts';
import { bufferDone, enqueueInDriver } from './done.ts';
import type { Vb2Queue } from './queue.ts';
import { STATE } from './queue-state.ts';
import { coreStreamoffPoint, coreStreamonPoint, queueCounts, tellQueue } from './trace.ts';

/**
 * Starts the driver if STREAMON has been waiting for this buffer. If the driver fails, the QBUF fails with
 * its error and the program keeps the buffer.
 */
export function startIfReady(vb: Vb2Buffer): void {
  const q = vb.queue;
  const s = q[STATE];
  if (!s.streaming || s.startStreamingCalled || s.queuedList.length < q.minQueuedBuffers) return;
  try {
    startStreaming(q);
  } catch (error) {
    s.queuedList.remove(vb.queuedEntry);
    s.doneList.remove(vb.doneEntry);
    transition(vb, TRANSITIONS.unqbuf);
    q.doneWq.changed();
    throw error;
  }
}

/** Hands over all that is queued and starts the driver. */
function startStreaming(q: Vb2Queue): void {
  const s = q[STATE];
  for (let entry = s.queuedList.first; entry !== undefined; entry = entry.next) {
    if (entry.item.state === 'QUEUED') enqueueInDriver(entry.item);
  }
  s.startStreamingCalled = true;
  try {
    callStartStreaming(q);
  } catch (error) {
    s.startStreamingCalled = false;
    repairFailedStart(q);
    throw error;
  }
}

/** After a failed start the program must find all its buffers queued, so that it can try again. */
function repairFailedStart(q: Vb2Queue): void {
  const s = q[STATE];
  if (s.doneList.length > 0) {
    driverBug(
      `${q.name}: startStreaming failed and buffers are DONE or ERROR; give them back with done('QUEUED')`,
    );
  }
  if (s.ownedByDriver === 0) return;
  driverBug(
    `${q.name}: startStreaming failed and kept ${s.ownedByDriver} buffers; give them back with done('QUEUED')`,
  );
  for (let entry = s.queuedList.first; entry !== undefined; entry = entry.next) {
    if (entry.item.state === 'ACTIVE') bufferDone(entry.item, 'QUEUED');
  }
}

/** @kernel vb2_core_streamon */
export function coreStreamon(q: Vb2Queue, type: number): void {
  const s = q[STATE];
  if (type !== q.type) throw new Errno(EINVAL, `${q.name} has type ${q.type}, not ${type}`);
  if (s.streaming) return;
  if (s.numBuffers === 0) throw new Errno(EINVAL, 'no buffers are allocated');
  if (s.numBuffers < q.minQueuedBuffers) {
    throw new Errno(EINVAL, `the driver needs ${q.minQueuedBuffers} buffers, there are ${s.numBuffers}`);
  }
  if (coreStreamonPoint.enabled) coreStreamonPoint.tell({ queue: q, details: queueCounts(q) });
  callPrepareStreaming(q);
  if (s.queuedList.length >= q.minQueuedBuffers) {
    try {
      startStreaming(q);
    } catch (error) {
      callVoidQueueOp(q, 'unprepareStreaming');
      throw error;
    }
  }
  s.streaming = true;
  q.doneWq.changed();
}

/** @kernel vb2_core_streamoff */
export function coreStreamoff(q: Vb2Queue, type: number): void {
  if (type !== q.type) throw new Errno(EINVAL, `${q.name} has type ${q.type}, not ${type}`);
  tellQueue(coreStreamoffPoint, q);
  queueCancel(q);
  q[STATE].waitingForBuffers = !q.isOutput;
}
