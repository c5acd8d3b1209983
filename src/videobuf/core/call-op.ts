/** The only place that calls a driver: what it throws, and states that it should have set, are looked at here. */
import { answerFor, describeThrown, driverBug } from '../../base/bug.ts';
import type { VideobufBuffer } from './buffer.ts';
import type { VideobufSetup } from './ops.ts';
import type { VideobufQueue } from './queue.ts';
import type { Sleeping } from './sleep.ts';

export function callBufSetup(q: VideobufQueue, setup: VideobufSetup): void {
  try {
    q.ops.bufSetup(q, setup);
  } catch (thrown) {
    throw answerFor(thrown, `${q.name}: bufSetup`);
  }
}

/** bufPrepare, with the field that it is the turn of. */
export function callBufPrepare(q: VideobufQueue, vb: VideobufBuffer): void {
  const field = videobufNextField(q);
  try {
    q.ops.bufPrepare(q, vb, field);
  } catch (thrown) {
    throw answerFor(thrown, `${q.name}: bufPrepare`);
  }
  if (vb.state === 'PREPARED') return;
  driverBug(`${q.name}: bufPrepare left buffer ${vb.i} in ${vb.state}: it has to set the state to PREPARED`);
  vb.state = 'PREPARED';
}

/** bufQueue, whose lock the caller has taken. */
export function callBufQueue(q: VideobufQueue, vb: VideobufBuffer): void {
  try {
    q.ops.bufQueue(q, vb);
  } catch (thrown) {
    driverBug(`${q.name}: bufQueue threw, but must not fail: ${describeThrown(thrown)}`);
  }
  if (vb.state !== 'PREPARED') return;
  driverBug(`${q.name}: bufQueue left buffer ${vb.i} in PREPARED: it has to set the state to QUEUED`);
  vb.state = 'QUEUED';
}

/** bufRelease, which may sleep. */
export function* callBufRelease(q: VideobufQueue, vb: VideobufBuffer): Sleeping<void> {
  try {
    yield* q.ops.bufRelease(q, vb);
  } catch (thrown) {
    driverBug(`${q.name}: bufRelease threw, but must not fail: ${describeThrown(thrown)}`);
  }
  if (vb.state === 'NEEDS_INIT') return;
  driverBug(
    `${q.name}: bufRelease left buffer ${vb.i} in ${vb.state}: it has to set the state to NEEDS_INIT`,
  );
  vb.state = 'NEEDS_INIT';
}

/**
 * The field that the next buffer is for: that of the queue; with V4L2_FIELD_ALTERNATE top and bottom in turn, one step
 * for each buffer that is prepared, whatever comes of it.
 *
 * @kernel videobuf_next_field
 */
export function videobufNextField(q: VideobufQueue): number {
  return q.nextField();
}
