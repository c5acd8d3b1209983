/** What happens between the program's QBUF or PREPARE_BUF and the moment the buffer can be queued. */
import { EINVAL, EIO, Errno } from '../base/errno.ts';
import { transition, type Vb2Buffer } from './buffer.ts';
import { callVbOp } from './call-op.ts';

/** Makes what the program wrote visible to the driver. */
function prepareMemory(vb: Vb2Buffer): void {
  if (vb.synced) return;
  const { memOps } = vb.queue;
  if (memOps.prepare !== undefined) {
    for (const plane of vb.planes) if (plane.memPriv !== undefined) memOps.prepare(plane.memPriv);
  }
  vb.synced = true;
}

/** Makes what the driver wrote visible to the program; the counterpart of {@link prepareMemory}. */
export function finishMemory(vb: Vb2Buffer): void {
  if (!vb.synced) return;
  const { memOps } = vb.queue;
  if (memOps.finish !== undefined) {
    for (const plane of vb.planes) {
      if (plane.memPriv !== undefined) memOps.finish(plane.memPriv, plane.bytesused);
    }
  }
  vb.synced = false;
}

/** Refuses a QBUF that the state of the queue or of the buffer does not allow. */
export function assertQueueable(vb: Vb2Buffer): void {
  if (vb.queue.failed) throw new Errno(EIO, `${vb.queue.name} has failed`);
  if (vb.state !== 'DEQUEUED' && vb.state !== 'IN_REQUEST') {
    throw new Errno(EINVAL, `Cannot queue ${vb.label}: state is ${vb.state}, expected DEQUEUED`);
  }
}

/** Refuses a PREPARE_BUF. A failed queue is looked at after the state, other than at QBUF. */
export function assertPreparable(vb: Vb2Buffer): void {
  if (vb.state !== 'DEQUEUED') {
    throw new Errno(EINVAL, `Cannot prepare ${vb.label}: state is ${vb.state}, expected DEQUEUED`);
  }
  if (vb.prepared) throw new Errno(EINVAL, `Cannot prepare ${vb.label}: it is prepared already`);
  if (vb.queue.failed) throw new Errno(EIO, `${vb.queue.name} has failed`);
}

/**
 * Lets the driver check a buffer that is not prepared yet. What the program said about it is in `vb` by now.
 * On failure the buffer is as before: DEQUEUED (or IN_REQUEST) and not prepared.
 */
export function prepareBuffer(vb: Vb2Buffer): void {
  const end = vb.state === 'IN_REQUEST' ? 'endPrepareInRequest' : 'endPrepare';
  if (vb.queue.isOutput) callVbOp(vb, 'bufOutValidate');
  if (!transition(vb, 'prepare')) return;
  try {
    callVbOp(vb, 'bufPrepare');
    prepareMemory(vb);
    vb.prepared = true;
  } finally {
    transition(vb, end);
  }
}
