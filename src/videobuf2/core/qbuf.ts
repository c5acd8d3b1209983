/** QBUF, PREPARE_BUF and QUERYBUF, for every user of a queue: the V4L2 face, read() and write(), Vb2Thread. */
import { EINVAL, EIO, Errno } from '../../base/errno.ts';
import type { Caller } from '../../vfs/file.ts';
import type { Vb2BufOps } from './buf-ops.ts';
import { transition, type Vb2Buffer } from './buffer.ts';
import { TRANSITIONS } from './buffer-state.ts';
import { enqueueInDriver } from './done.ts';
import { prepareBuffer } from './prepare.ts';
import { STATE } from './queue-state.ts';
import { startIfReady } from './streaming.ts';
import { vb2Qbuf } from './trace.ts';

/** Refuses a QBUF that the state of the queue or of the buffer does not allow. */
function assertQueueable(vb: Vb2Buffer): void {
  if (vb.queue[STATE].failed) throw new Errno(EIO, `${vb.queue.name} has failed`);
  if (vb.state !== 'DEQUEUED' && vb.state !== 'IN_REQUEST') {
    throw new Errno(EINVAL, `Cannot queue ${vb.label}: state is ${vb.state}, expected DEQUEUED`);
  }
}

/** Refuses a PREPARE_BUF. A failed queue is looked at after the state, other than at QBUF. */
function assertPreparable(vb: Vb2Buffer): void {
  if (vb.state !== 'DEQUEUED') {
    throw new Errno(EINVAL, `Cannot prepare ${vb.label}: state is ${vb.state}, expected DEQUEUED`);
  }
  if (vb.prepared) throw new Errno(EINVAL, `Cannot prepare ${vb.label}: it is prepared already`);
  if (vb.queue[STATE].failed) throw new Errno(EIO, `${vb.queue.name} has failed`);
}

/**
 * Tells all about a buffer, whatever its state and whoever owns it.
 *
 * @kernel vb2_core_querybuf
 */
export function coreQuerybuf<B, P>(vb: Vb2Buffer, ops: Vb2BufOps<B, P>, b: B, planes: P): void {
  vb.lookForUsers();
  ops.fillUserBuffer(vb, b, planes);
}

/**
 * Gets the memory of a buffer and lets the driver check it, ahead of its QBUF. Throws what that would.
 *
 * @kernel vb2_core_prepare_buf
 */
export function corePrepareBuf<B, P>(
  vb: Vb2Buffer,
  caller: Caller | undefined,
  ops: Vb2BufOps<B, P>,
  b: B,
  planes: P,
): void {
  assertPreparable(vb);
  ops.fillVb2Buffer(vb, b, planes);
  prepareBuffer(vb, caller);
  ops.fillUserBuffer(vb, b, planes);
}

/**
 * Puts a buffer at the tail of the queue: prepares it unless that is done, gives it to the driver if that runs, and
 * starts the driver if STREAMON has been waiting for this buffer. On failure the program has the buffer as before.
 * `caller` is whose memory a USERPTR or DMABUF buffer is in, `undefined` for the framework itself.
 *
 * @kernel vb2_core_qbuf
 */
export function coreQbuf<B, P>(
  vb: Vb2Buffer,
  caller: Caller | undefined,
  ops: Vb2BufOps<B, P>,
  b: B,
  planes: P,
): void {
  assertQueueable(vb);
  if (!vb.prepared) {
    ops.fillVb2Buffer(vb, b, planes);
    prepareBuffer(vb, caller);
  }
  ops.copyTimestamp(vb, b);
  queueBuffer(vb);
  // What the program is told is the buffer as it was queued, before a driver that starts now may finish it.
  ops.fillUserBuffer(vb, b, planes);
  startIfReady(vb);
}

function queueBuffer(vb: Vb2Buffer): void {
  const q = vb.queue;
  const s = q[STATE];
  if (!transition(vb, TRANSITIONS.qbuf)) return;
  s.queuedList.addTail(vb.queuedEntry);
  if (vb2Qbuf.enabled) vb2Qbuf.tell(vb);
  if (s.startStreamingCalled) enqueueInDriver(vb);
  if (!s.waitingForBuffers) return;
  // Poll stops saying ERR now that something is queued.
  s.waitingForBuffers = false;
  q.doneWq.changed();
}
