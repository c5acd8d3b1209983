import { driverBug } from '../../base/bug.ts';
import { releaseUserMemory } from './acquire.ts';
import { transition, type Vb2Buffer } from './buffer.ts';
import { TRANSITIONS } from './buffer-state.ts';
import { callBufFinish, callVoidQueueOp } from './call-op.ts';
import { bufferDone } from './done.ts';
import { finishMemory } from './prepare.ts';
import type { Vb2Queue } from './queue.ts';
import { STATE, wakeDqbuf } from './queue-state.ts';
import { queueCancelPoint, queueCounts } from './trace.ts';

/** What a driver still owns after it was told to stop is taken from it, so that nobody waits for ever. */
function takeBack(q: Vb2Queue): void {
  const s = q[STATE];
  if (s.ownedByDriver === 0) return;
  driverBug(
    `${q.name}: stopStreaming kept ${s.ownedByDriver} buffers; give every one back with done('ERROR')`,
  );
  for (const vb of s.bufs) if (vb?.state === 'ACTIVE') bufferDone(vb, 'ERROR');
}

/**
 * Ends what a buffer has begun: bufFinish for its bufPrepare, and the program owns it again. REMOVE_BUFS
 * comes here too, because it allows buffers that are prepared.
 */
export function cancelBuffer(vb: Vb2Buffer): void {
  const held = vb.prepared || vb.state !== 'DEQUEUED';
  finishMemory(vb, false);
  if (vb.prepared) {
    callBufFinish(vb);
    vb.prepared = false;
  }
  if (vb.state !== 'DEQUEUED') transition(vb, TRANSITIONS.cancel);
  // The program's own memory is let go with the buffer: it may free it now.
  if (held) releaseUserMemory(vb);
}

/**
 * Stops streaming and gives every buffer back to the program, whatever its state: the end of every stream, by
 * STREAMOFF, close or unplug. REQBUFS, which is EBUSY while streaming, comes here for buffers that are queued or
 * prepared. Cannot fail and may be called at any time.
 *
 * @kernel __vb2_queue_cancel
 */
export function queueCancel(q: Vb2Queue): void {
  const s = q[STATE];
  if (queueCancelPoint.enabled) queueCancelPoint.tell({ queue: q, details: queueCounts(q) });
  s.stopping = true;
  if (s.startStreamingCalled) callVoidQueueOp(q, 'stopStreaming');
  if (s.streaming) callVoidQueueOp(q, 'unprepareStreaming');
  takeBack(q);
  s.stopping = false;
  s.streaming = false;
  s.startStreamingCalled = false;
  s.failed = false;
  s.lastBufferDequeued = false;
  s.lastDequeued = undefined;
  s.queuedList.clear();
  s.doneList.clear();
  for (const vb of s.bufs) if (vb !== undefined) cancelBuffer(vb);
  wakeDqbuf(q);
}
