/** What happens between the program's QBUF or PREPARE_BUF and the moment the buffer can be queued. */
import type { Caller } from '../../vfs/file.ts';
import { acquirePlanes, releasePlanes } from './acquire.ts';
import { transition, type Vb2Buffer, type Vb2Plane } from './buffer.ts';
import { TRANSITIONS } from './buffer-state.ts';
import { callBufPrepare, callVbOp } from './call-op.ts';

/** Makes what the program wrote visible to the driver. */
function prepareMemory(vb: Vb2Buffer): void {
  if (vb.synced) return;
  vb.synced = true;
  if (vb.skipPrepare) return;
  for (let n = 0; n < vb.planes.length; n++) {
    const { memPriv, memOps, bytesused } = vb.planes[n] as Vb2Plane;
    if (memPriv !== undefined && memOps.prepare !== undefined) memOps.prepare(memPriv, bytesused);
  }
}

/**
 * Makes what the driver wrote visible to the program; the counterpart of {@link prepareMemory}. Without `filled`
 * the driver was stopped before it came to the buffer, and there is nothing that the program should see.
 */
export function finishMemory(vb: Vb2Buffer, filled: boolean): void {
  if (!vb.synced) return;
  vb.synced = false;
  if (vb.skipFinish) return;
  for (let n = 0; n < vb.planes.length; n++) {
    const { memPriv, memOps, bytesused } = vb.planes[n] as Vb2Plane;
    if (memPriv !== undefined && memOps.finish !== undefined) memOps.finish(memPriv, filled ? bytesused : 0);
  }
}

/**
 * Gets the memory of a buffer that is not prepared yet and lets the driver check it. What the program said about
 * it is in `vb` by now. On failure the buffer is as before: DEQUEUED (or IN_REQUEST), not prepared, and nothing
 * of the program's memory is held.
 */
export function prepareBuffer(vb: Vb2Buffer, caller: Caller | undefined): void {
  const end = vb.state === 'IN_REQUEST' ? TRANSITIONS.endPrepareInRequest : TRANSITIONS.endPrepare;
  if (vb.queue.isOutput) callVbOp(vb, 'bufOutValidate');
  if (!transition(vb, TRANSITIONS.prepare)) return;
  try {
    acquirePlanes(vb, caller);
    // Before bufPrepare, which may look at the frame of an output queue.
    prepareMemory(vb);
    callBufPrepare(vb);
    vb.prepared = true;
  } catch (error) {
    finishMemory(vb, false);
    releasePlanes(vb);
    throw error;
  } finally {
    transition(vb, end);
  }
}
