/** DQBUF, and the way back when its answer did not arrive. */
import { EAGAIN, EBUSY, EINVAL, EIO, EPIPE, Errno } from '../../base/errno.ts';
import type { Caller, File } from '../../vfs/file.ts';
import type { Vb2BufOps } from './buf-ops.ts';
import { transition, type Vb2Buffer } from './buffer.ts';
import { TRANSITIONS } from './buffer-state.ts';
import { callBufFinish } from './call-op.ts';
import type { Vb2Queue } from './queue.ts';
import { STATE, wakeDqbuf } from './queue-state.ts';
import { vb2Dqbuf } from './trace.ts';

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
  const s = q[STATE];
  if (s.isWaitedFor(caller)) throw new Errno(EBUSY, 'somebody else waits in DQBUF');
  if (caller !== undefined && s.dqbufWaiter === caller) s.dqbufWaiter = undefined;
  if (!s.streaming) throw new Errno(EINVAL, 'streaming is off');
  if (s.failed) throw new Errno(EIO, `${q.name} has failed`);
  if (s.lastBufferDequeued) throw new Errno(EPIPE, 'the last buffer has been dequeued');
  const entry = s.doneList.first;
  if (entry !== undefined) return entry.item;
  if (caller === undefined || file === undefined || file.nonblock())
    throw new Errno(EAGAIN, 'no buffer is done');
  s.dqbufWaiter = caller;
  caller.sleep(s.dqbufWq);
  return undefined;
}

/**
 * Lets the driver finish a buffer, once for each bufPrepare: a buffer that comes here a second time, because
 * it was taken back by {@link coreUndqbuf}, is finished already.
 */
function finishBuffer(vb: Vb2Buffer): void {
  if (!vb.prepared) return;
  callBufFinish(vb);
  vb.prepared = false;
}

/** Takes a finished buffer out of the queue; the program owns it now. */
function takeDone(vb: Vb2Buffer): void {
  const q = vb.queue;
  const s = q[STATE];
  const state = vb.state;
  if (!transition(vb, TRANSITIONS.dqbuf)) return;
  s.doneList.remove(vb.doneEntry);
  s.queuedList.remove(vb.queuedEntry);
  s.lastDequeued = vb;
  s.lastDequeuedState = state === 'ERROR' ? 'ERROR' : 'DONE';
  if (vb2Dqbuf.enabled) vb2Dqbuf.tell(vb);
  if (s.doneList.length === 0) q.doneWq.changed();
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
  const s = q[STATE];
  const vb = s.lastDequeued;
  s.lastDequeued = undefined;
  if (vb === undefined || !s.streaming || vb.prepared) return undefined;
  if (vb.state !== 'DEQUEUED' || s.bufs[vb.index] !== vb) return undefined;
  transition(vb, s.lastDequeuedState === 'ERROR' ? TRANSITIONS.undqbufError : TRANSITIONS.undqbufDone);
  s.queuedList.addHead(vb.queuedEntry);
  s.doneList.addHead(vb.doneEntry);
  wakeDqbuf(q);
  return vb;
}
