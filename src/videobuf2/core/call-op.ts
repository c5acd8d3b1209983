/**
 * The only place that calls a driver. Every call that succeeded is counted; calls that belong together must
 * have the same count when the buffers are freed. What a driver throws is sorted here: an `Errno` from an op
 * that may fail is an answer to the program, everything else is a bug of the driver.
 */
import { answerFor, describeThrown, driverBug } from '../../base/bug.ts';
import type { Vb2Buffer } from './buffer.ts';
import type { Vb2QueueSetup } from './ops.ts';
import type { Vb2Queue } from './queue.ts';
import { STATE } from './queue-state.ts';
import {
  bufCleanup,
  bufFinish,
  bufInit,
  bufOutValidate,
  bufPrepare,
  prepareStreaming,
  queueSetup,
  startStreaming,
  stopStreaming,
  tellQueue,
  unprepareStreaming,
} from './trace.ts';

/** How often the ops of one buffer were called with success. `done` counts vb.done(), the answer to bufQueue. */
export interface BufferCalls {
  bufInit: number;
  bufOutValidate: number;
  bufPrepare: number;
  bufQueue: number;
  done: number;
  bufFinish: number;
  bufCleanup: number;
}

/** The same for the ops of the queue. */
export interface QueueCalls {
  queueSetup: number;
  prepareStreaming: number;
  startStreaming: number;
  stopStreaming: number;
  unprepareStreaming: number;
}

export function bufferCalls(): BufferCalls {
  return {
    bufInit: 0,
    bufOutValidate: 0,
    bufPrepare: 0,
    bufQueue: 0,
    done: 0,
    bufFinish: 0,
    bufCleanup: 0,
  };
}

export function queueCalls(): QueueCalls {
  return { queueSetup: 0, prepareStreaming: 0, startStreaming: 0, stopStreaming: 0, unprepareStreaming: 0 };
}

/** Calls an op of a buffer that may fail. */
export function callVbOp(vb: Vb2Buffer, name: 'bufInit' | 'bufOutValidate'): void {
  const point = name === 'bufInit' ? bufInit : bufOutValidate;
  if (point.enabled && vb.queue.ops[name] !== undefined) point.tell(vb);
  try {
    vb.queue.ops[name]?.(vb);
  } catch (thrown) {
    throw answerFor(thrown, `${vb.queue.name}: ${name}`);
  }
  vb.calls[name]++;
}

// The three ops that are called for every frame are written out: the name of an op that is a constant is
// looked up once, one that is a parameter for every call.

/** bufPrepare, which may fail. */
export function callBufPrepare(vb: Vb2Buffer): void {
  if (bufPrepare.enabled && vb.queue.ops.bufPrepare !== undefined) bufPrepare.tell(vb);
  try {
    vb.queue.ops.bufPrepare?.(vb);
  } catch (thrown) {
    throw answerFor(thrown, `${vb.queue.name}: bufPrepare`);
  }
  vb.calls.bufPrepare++;
}

/** bufQueue, which must not fail. Returns false if it did. */
export function callBufQueue(vb: Vb2Buffer): boolean {
  vb.calls.bufQueue++;
  try {
    vb.queue.ops.bufQueue(vb);
    return true;
  } catch (thrown) {
    driverBug(`${vb.queue.name}: bufQueue threw, but must not fail: ${describeThrown(thrown)}`);
    return false;
  }
}

/** bufFinish, which must not fail. */
export function callBufFinish(vb: Vb2Buffer): void {
  if (bufFinish.enabled && vb.queue.ops.bufFinish !== undefined) bufFinish.tell(vb);
  vb.calls.bufFinish++;
  try {
    vb.queue.ops.bufFinish?.(vb);
  } catch (thrown) {
    driverBug(`${vb.queue.name}: bufFinish threw, but must not fail: ${describeThrown(thrown)}`);
  }
}

/** bufCleanup, which must not fail. */
export function callBufCleanup(vb: Vb2Buffer): void {
  if (bufCleanup.enabled && vb.queue.ops.bufCleanup !== undefined) bufCleanup.tell(vb);
  vb.calls.bufCleanup++;
  try {
    vb.queue.ops.bufCleanup?.(vb);
  } catch (thrown) {
    driverBug(`${vb.queue.name}: bufCleanup threw, but must not fail: ${describeThrown(thrown)}`);
  }
}

export function callQueueSetup(q: Vb2Queue, setup: Vb2QueueSetup): void {
  try {
    q.ops.queueSetup(q, setup);
  } catch (thrown) {
    throw answerFor(thrown, `${q.name}: queueSetup`);
  }
  q[STATE].calls.queueSetup++;
  if (!queueSetup.enabled) return;
  const { count, numPlanes, sizes } = setup;
  const details = { count, num_planes: numPlanes, sizes: sizes.slice(0, numPlanes).join('+') };
  queueSetup.tell({ queue: q, details });
}

export function callPrepareStreaming(q: Vb2Queue): void {
  if (q.ops.prepareStreaming !== undefined) tellQueue(prepareStreaming, q);
  try {
    q.ops.prepareStreaming?.(q);
  } catch (thrown) {
    throw answerFor(thrown, `${q.name}: prepareStreaming`);
  }
  q[STATE].calls.prepareStreaming++;
}

export function callStartStreaming(q: Vb2Queue): void {
  const s = q[STATE];
  if (startStreaming.enabled && q.ops.startStreaming !== undefined)
    startStreaming.tell({ queue: q, details: { count: s.ownedByDriver } });
  try {
    q.ops.startStreaming?.(q, s.ownedByDriver);
  } catch (thrown) {
    throw answerFor(thrown, `${q.name}: startStreaming`);
  }
  s.calls.startStreaming++;
}

/** Calls an op of the queue that must not fail. */
export function callVoidQueueOp(q: Vb2Queue, name: 'stopStreaming' | 'unprepareStreaming'): void {
  if (q.ops[name] !== undefined) tellQueue(name === 'stopStreaming' ? stopStreaming : unprepareStreaming, q);
  q[STATE].calls[name]++;
  try {
    q.ops[name]?.(q);
  } catch (thrown) {
    driverBug(`${q.name}: ${name} threw, but must not fail: ${describeThrown(thrown)}`);
  }
}

function reportPair(where: string, first: string, second: string, counts: Record<string, number>): void {
  if (counts[first] === counts[second]) return;
  driverBug(`${where}: unbalanced calls: ${first} ${counts[first]}, ${second} ${counts[second]}`);
}

/** Reports calls that should have come in pairs and did not. Called when a buffer is freed. */
export function reportBufferBalance(where: string, calls: BufferCalls): void {
  const counts: Record<string, number> = { ...calls };
  reportPair(where, 'bufInit', 'bufCleanup', counts);
  reportPair(where, 'bufPrepare', 'bufFinish', counts);
  reportPair(where, 'bufQueue', 'done', counts);
}

/** The same for the queue. Called when all of its buffers are freed. */
export function reportQueueBalance(where: string, calls: QueueCalls): void {
  const counts: Record<string, number> = { ...calls };
  reportPair(where, 'prepareStreaming', 'unprepareStreaming', counts);
  reportPair(where, 'startStreaming', 'stopStreaming', counts);
}
