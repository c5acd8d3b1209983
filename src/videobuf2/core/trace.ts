/**
 * The trace points of videobuf2. Steps of a buffer and of a queue have the names of the kernel's functions (four of them
 * are trace points there too), calls of the driver those of its `vb2_ops`.
 */
import { TracePoint } from '../../base/trace.ts';
import type { Vb2Buffer } from './buffer.ts';
import type { Vb2Queue } from './queue.ts';
import { STATE } from './queue-state.ts';

/** Something happens to a queue; `details` are what it is called with, or has answered. */
export interface Vb2QueueEvent {
  readonly queue: Vb2Queue;
  readonly details: Readonly<Record<string, number | string>>;
}

const ofBuffer = (name: string) => new TracePoint<Vb2Buffer>('vb2', name);
const ofQueue = (name: string) => new TracePoint<Vb2QueueEvent>('vb2', name);

/** The program has queued it. */
export const vb2Qbuf = ofBuffer('vb2_qbuf');
/** The driver gets it. */
export const vb2BufQueue = ofBuffer('vb2_buf_queue');
/** The driver has given it back. */
export const vb2BufDone = ofBuffer('vb2_buf_done');
/** The program gets it. */
export const vb2Dqbuf = ofBuffer('vb2_dqbuf');
export const bufInit = ofBuffer('buf_init');
export const bufOutValidate = ofBuffer('buf_out_validate');
export const bufPrepare = ofBuffer('buf_prepare');
export const bufFinish = ofBuffer('buf_finish');
export const bufCleanup = ofBuffer('buf_cleanup');

export const queueSetup = ofQueue('queue_setup');
export const prepareStreaming = ofQueue('prepare_streaming');
export const startStreaming = ofQueue('start_streaming');
export const stopStreaming = ofQueue('stop_streaming');
export const unprepareStreaming = ofQueue('unprepare_streaming');
export const coreReqbufsPoint = ofQueue('vb2_core_reqbufs');
export const coreCreateBufsPoint = ofQueue('vb2_core_create_bufs');
export const coreRemoveBufsPoint = ofQueue('vb2_core_remove_bufs');
export const coreStreamonPoint = ofQueue('vb2_core_streamon');
export const coreStreamoffPoint = ofQueue('vb2_core_streamoff');
export const queueCancelPoint = ofQueue('__vb2_queue_cancel');

export const vb2BufferPoints: readonly TracePoint<Vb2Buffer>[] = [
  vb2Qbuf,
  vb2BufQueue,
  vb2BufDone,
  vb2Dqbuf,
  bufInit,
  bufOutValidate,
  bufPrepare,
  bufFinish,
  bufCleanup,
];

export const vb2QueuePoints: readonly TracePoint<Vb2QueueEvent>[] = [
  queueSetup,
  prepareStreaming,
  startStreaming,
  stopStreaming,
  unprepareStreaming,
  coreReqbufsPoint,
  coreCreateBufsPoint,
  coreRemoveBufsPoint,
  coreStreamonPoint,
  coreStreamoffPoint,
  queueCancelPoint,
];

const NOTHING = {};

/** Tells of a step that has no more to say. */
export function tellQueue(point: TracePoint<Vb2QueueEvent>, queue: Vb2Queue): void {
  if (point.enabled) point.tell({ queue, details: NOTHING });
}

/** How many buffers the program and the driver have left in a queue. */
export function queueCounts(queue: Vb2Queue): Readonly<Record<string, number>> {
  const { queuedList, ownedByDriver } = queue[STATE];
  return { queued_count: queuedList.length, owned_by_drv_count: ownedByDriver };
}

/** What the kernel's own trace points say of a buffer, and its state; of a frame only when there is one. */
export function bufferDetails(vb: Vb2Buffer): Readonly<Record<string, number | string>> {
  const { index, state, planes, sequence, timestamp } = vb;
  const bytesused = planes.map((plane) => plane.bytesused).join('+');
  const frame = timestamp === 0 ? {} : { sequence, timestamp };
  return { index, state, ...queueCounts(vb.queue), bytesused, ...frame };
}
