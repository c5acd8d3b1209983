import type { Vb2MemOps } from '../../memory/mem-ops.ts';
import type { Vb2Buffer } from './buffer.ts';
import type { Vb2Queue } from './queue.ts';

/** What queueSetup is asked and answers. */
export interface Vb2QueueSetup {
  /** Buffers that are wanted; the driver may raise or lower it. */
  count: number;
  /** Planes per buffer. 0 at REQBUFS: the driver says; otherwise CREATE_BUFS: the driver checks. */
  numPlanes: number;
  /** Bytes of each plane, up to `numPlanes`. */
  readonly sizes: number[];
  /**
   * The back end of each plane, where it is not the queue's: a driver with two DMA engines, or with one plane
   * in memory of its own, says so here at REQBUFS and CREATE_BUFS alike.
   */
  readonly allocDevs: (Vb2MemOps | undefined)[];
}

/**
 * What a driver does with its buffers. A plain object (`satisfies Vb2Ops<MyDevice>`) that serves any number
 * of queues; the device is `q.drvPriv`.
 *
 * Only the framework calls these, one at a time, and never while another one is running. "May fail" means: may
 * throw an `Errno`, which the program sees as the result of its ioctl. Anything else that is thrown, and
 * anything thrown by an op that may not fail, is reported as a bug of the driver.
 *
 * The life of a buffer, as the driver sees it:
 *
 *     bufInit ( bufPrepare [ bufQueue → vb.done() ] bufFinish )* bufCleanup
 */
export interface Vb2Ops<D = unknown> {
  /**
   * How many buffers, with how many planes of what size.
   *
   * Called at REQBUFS with `numPlanes` 0: fill in `numPlanes` and `sizes` from the current format, change
   * `count` if need be. Called at CREATE_BUFS with both filled in from the program's format: refuse them with
   * EINVAL if a frame of the current format does not fit, otherwise leave them (or raise the sizes). If
   * not all of the memory could be had, it is called a second time with the `count` there is; refuse that by
   * raising `count` again. `q.numBuffers` is what the queue has already. May fail.
   */
  queueSetup(q: Vb2Queue<D>, setup: Vb2QueueSetup): void;

  /**
   * The memory of the buffer is there for the first time: after its allocation for MMAP, and each time the
   * program comes with other memory for USERPTR and DMABUF. User memory is let go when streaming stops, so for
   * USERPTR also at the first QBUF after each STREAMOFF, be it with the same memory. Undone by bufCleanup. May
   * fail; the buffer is then not created (MMAP) or not queued.
   */
  bufInit?(vb: Vb2Buffer<D>): void;

  /**
   * Output queues only, first thing at QBUF and PREPARE_BUF: check what the program says about the buffer,
   * above all `vb.field`. May fail, typically with EINVAL.
   */
  bufOutValidate?(vb: Vb2Buffer<D>): void;

  /**
   * Called for every QBUF (or for the PREPARE_BUF before it): check that the planes are large enough for the
   * format, set the payload. The CPU may touch the planes. May fail; the buffer is then not queued.
   */
  bufPrepare?(vb: Vb2Buffer<D>): void;

  /**
   * Called once for every successful bufPrepare, before the program gets the buffer back: at DQBUF, and for
   * every buffer that was not dequeued when streaming stops. The CPU may touch the planes. `vb.state` is DONE
   * or ERROR at DQBUF and anything when streaming stops. Must not fail.
   */
  bufFinish?(vb: Vb2Buffer<D>): void;

  /** The memory of the buffer is about to go. Called once for every successful bufInit. Must not fail. */
  bufCleanup?(vb: Vb2Buffer<D>): void;

  /**
   * The driver gets the buffer and owns it until it calls `vb.done()`. Called at QBUF while streaming and,
   * before startStreaming, for all that was queued until then; so the hardware may not be running yet.
   * `done()` may be called from in here. Must not fail.
   */
  bufQueue(vb: Vb2Buffer<D>): void;

  /**
   * Called after STREAMON as soon as `minQueuedBuffers` are queued: at once, or by a later QBUF. `count` buffers
   * have been given to bufQueue. May fail; the driver must first give all of them back with
   * `vb.done('QUEUED')`, because the program still has them queued and may try STREAMON again.
   */
  startStreaming?(q: Vb2Queue<D>, count: number): void;

  /**
   * Called at STREAMOFF, the close of the owner and unplug, if startStreaming succeeded. The driver stops
   * and gives back every buffer that it owns, with `vb.done('ERROR')` (or DONE, when the frame is complete).
   * Nothing may touch a buffer after this returns. Must not fail.
   */
  stopStreaming?(q: Vb2Queue<D>): void;

  /**
   * Called at STREAMON before anything else, also when there are not enough buffers to start: claim what the
   * stream needs. May fail. Undone by unprepareStreaming.
   */
  prepareStreaming?(q: Vb2Queue<D>): void;

  /** Called when STREAMON fails after prepareStreaming, and when streaming stops. Must not fail. */
  unprepareStreaming?(q: Vb2Queue<D>): void;
}
