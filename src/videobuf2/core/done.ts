/** Between the queue and the driver: a buffer goes out by bufQueue and comes back by `vb.done()`. */
import { driverBug } from '../../base/bug.ts';
import { transition, type Vb2Buffer } from './buffer.ts';
import { TRANSITIONS } from './buffer-state.ts';
import { callBufQueue } from './call-op.ts';
import { finishMemory } from './prepare.ts';
import { STATE, wakeDqbuf } from './queue-state.ts';
import { vb2BufDone, vb2BufQueue } from './trace.ts';

/** What each word of `vb.done()` does. */
const ANSWERS = { DONE: TRANSITIONS.done, ERROR: TRANSITIONS.error, QUEUED: TRANSITIONS.giveBack } as const;

/** Gives a QUEUED buffer to the driver. */
export function enqueueInDriver(vb: Vb2Buffer): void {
  const q = vb.queue;
  if (!transition(vb, TRANSITIONS.bufQueue)) return;
  q[STATE].ownedByDriver++;
  if (vb2BufQueue.enabled) vb2BufQueue.tell(vb);
  // A driver that threw will not come back to this buffer: the program gets it, marked as bad.
  if (!callBufQueue(vb) && vb.state === 'ACTIVE') bufferDone(vb, 'ERROR');
}

/** The work of `vb.done()`. @kernel vb2_buffer_done */
export function bufferDone(vb: Vb2Buffer, state: 'DONE' | 'ERROR' | 'QUEUED'): void {
  const q = vb.queue;
  const s = q[STATE];
  if (s.bufs[vb.index] !== vb) {
    driverBug(`${vb.label} is finished and is none of the buffers any more`);
    return;
  }
  if (state !== 'DONE' && state !== 'ERROR' && state !== 'QUEUED') {
    driverBug(`${vb.label}: done('${String(state)}') is none of DONE, ERROR, QUEUED; taken as ERROR`);
    bufferDone(vb, 'ERROR');
    return;
  }
  if (!transition(vb, ANSWERS[state])) return;
  vb.calls.done++;
  s.ownedByDriver--;
  if (vb2BufDone.enabled) vb2BufDone.tell(vb);
  if (state === 'QUEUED') return;
  finishMemory(vb, state === 'DONE' || !s.stopping);
  s.doneList.addTail(vb.doneEntry);
  wakeDqbuf(q);
}
