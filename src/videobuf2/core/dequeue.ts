/** DQBUF, and the way back when its answer did not arrive. */
import { EAGAIN, EBUSY, EINVAL, EIO, EPIPE, Errno } from '../../base/errno.ts';
import type { Caller, File } from '../../vfs/file.ts';
import type { Vb2BufOps } from './buf-ops.ts';
import { transition, type Vb2Buffer } from './buffer.ts';
import { callVoidVbOp } from './call-op.ts';
import type { Vb2Queue } from './queue.ts';

/** Whether who asks would rather not wait (O_NONBLOCK); looked at only when there is nothing to hand out. */
type Waits = Pick<File, 'nonblock'>;

/**
 * The buffer that DQBUF will hand out; `undefined` if there is none and `caller` sleeps now. It is called
 * again from the start when the sleeper wakes, so STREAMOFF, an error and the last frame end the wait.
 *
 * @kernel __vb2_get_done_vb
 */
function nextDone<D>(
  q: Vb2Queue<D>,
  file: Waits | undefined,
  caller: Caller | undefined,
): Vb2Buffer<D> | undefined {
  if (q.isWaitedFor(caller)) throw new Errno(EBUSY, 'somebody else waits in DQBUF');
  if (caller !== undefined && q.dqbufWaiter === caller) q.dqbufWaiter = undefined;
  if (!q.streaming) throw new Errno(EINVAL, 'streaming is off');
  if (q.failed) throw new Errno(EIO, `${q.name} has failed`);
  if (q.lastBufferDequeued) throw new Errno(EPIPE, 'the last buffer has been dequeued');
  const entry = q.doneList.first;
  if (entry !== undefined) return entry.item;
  if (caller === undefined || file === undefined || file.nonblock())
    throw new Errno(EAGAIN, 'no buffer is done');
  q.dqbufWaiter = caller;
  caller.sleep(q.dqbufWq);
  return undefined;
}

/**
 * Lets the driver finish a buffer, once for each bufPrepare: a buffer that comes here a second time, because
 * it was taken back by {@link coreUndqbuf}, is finished already.
 */
function finishBuffer(vb: Vb2Buffer): void {
  if (!vb.prepared) return;
  callVoidVbOp(vb, 'bufFinish');
  vb.prepared = false;
}

/** Takes a finished buffer out of the queue; the program owns it now. */
function takeDone(vb: Vb2Buffer): void {
  const q = vb.queue;
  const state = vb.state;
  if (!transition(vb, 'dqbuf')) return;
  q.doneList.remove(vb.doneEntry);
  q.queuedList.remove(vb.queuedEntry);
  q.lastDequeued = vb;
  q.lastDequeuedState = state === 'ERROR' ? 'ERROR' : 'DONE';
  q.tracer?.vb2_dqbuf?.(vb);
  if (q.doneList.length === 0) q.doneWq.wakeUp();
}

/**
 * Hands out the buffer that was done first: the driver finishes it, and who calls owns it. `undefined` if there is none
 * and `caller` sleeps now; without `file` or `caller` nobody sleeps and there is EAGAIN.
 *
 * @kernel vb2_core_dqbuf
 */
export function coreDqbuf<D, B, P>(
  q: Vb2Queue<D>,
  file: Waits | undefined,
  caller: Caller | undefined,
  ops: Vb2BufOps<B, P>,
  b: B,
  planes: P,
): Vb2Buffer<D> | undefined {
  const vb = nextDone(q, file, caller);
  if (vb === undefined) return undefined;
  ops.verifyPlanesArray(vb, b, planes);
  finishBuffer(vb);
  // While the buffer still is DONE or ERROR: that is what the program wants to know.
  ops.fillUserBuffer(vb, b, planes);
  takeDone(vb);
  return vb;
}

/**
 * Takes the last DQBUF back, because its answer did not reach the program: the buffer is at the head of the
 * done list again, in the state it had. Returns it, `undefined` if the queue has moved on.
 */
export function coreUndqbuf(q: Vb2Queue): Vb2Buffer | undefined {
  const vb = q.lastDequeued;
  q.lastDequeued = undefined;
  if (vb === undefined || !q.streaming || vb.prepared) return undefined;
  if (vb.state !== 'DEQUEUED' || q.bufs[vb.index] !== vb) return undefined;
  transition(vb, q.lastDequeuedState === 'ERROR' ? 'undqbufError' : 'undqbufDone');
  q.queuedList.addHead(vb.queuedEntry);
  q.doneList.addHead(vb.doneEntry);
  q.wakeDqbuf();
  return vb;
}
