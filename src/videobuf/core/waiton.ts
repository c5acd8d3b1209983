import { EAGAIN, Errno } from '../../base/errno.ts';
import type { VideobufBuffer } from './buffer.ts';
import { type Sleeping, sleepOn } from './sleep.ts';

/** The driver has it, or its hardware. */
function isBusy({ state }: VideobufBuffer): boolean {
  return state === 'QUEUED' || state === 'ACTIVE';
}

/**
 * Waits until the driver is done with the buffer; EAGAIN if it is not and `nonBlocking`. A wait that is not `intr` goes on
 * when a signal comes. Whoever has the queue's lock keeps it meanwhile, but for an external one.
 *
 * @kernel videobuf_waiton
 */
export function* videobufWaiton(vb: VideobufBuffer, nonBlocking: boolean, intr: boolean): Sleeping<void> {
  if (!isBusy(vb)) return;
  if (nonBlocking) throw new Errno(EAGAIN, `buffer ${vb.i} is not done`);
  const { lock, hasExtLock } = vb.q;
  const givesBack = hasExtLock && lock.isLocked;
  if (givesBack) lock.unlock();
  try {
    while (isBusy(vb)) yield* sleepOn(vb.done, intr);
  } finally {
    if (givesBack) yield* lock.lock();
  }
}
