import type { VideobufBuffer } from './buffer.ts';
import type { VideobufQueue } from './queue.ts';
import type { Sleeping } from './sleep.ts';

/** What bufSetup is asked and answers. */
export interface VideobufSetup {
  /** Buffers that are suggested, 0 for a read() that starts; the driver may raise or lower it. At most 32 are made. */
  count: number;
  /** Bytes of a frame, at most. */
  size: number;
}

/**
 * What a driver does with its buffers. "May fail" means: may throw an `Errno`, which the program is told; anything else that
 * is thrown is reported as a bug of the driver.
 *
 * @kernel videobuf_queue_ops
 */
export interface VideobufQueueOps<D = unknown, B extends VideobufBuffer = VideobufBuffer> {
  /**
   * Called when a program asks for buffers and when it begins to read, before anything else is looked at, also when that
   * will be refused because a buffer is mapped: says how many buffers there are to be, and how large. May fail.
   */
  bufSetup(q: VideobufQueue<D, B>, setup: VideobufSetup): void;

  /**
   * Called at QBUF, and for each buffer of a read(): sets `size`, `width`, `height` and `field`, passes a buffer that is
   * NEEDS_INIT to `videobufIolock`, and sets the state to PREPARED. May fail; the program then still has the buffer.
   */
  bufPrepare(q: VideobufQueue<D, B>, vb: B, field: number): void;

  /**
   * Called with the queue's irqlock held, for each buffer that is queued while streaming, at STREAMON for those that were
   * queued before, and each time that read() has emptied one: puts it at the end of the driver's list (`vb.queue`) and
   * sets the state to QUEUED. Must not fail, must not take the lock, must not call the framework.
   */
  bufQueue(q: VideobufQueue<D, B>, vb: B): void;

  /**
   * Called when the buffer is no longer intended to be used, in whatever state it is, and for buffers that were never
   * used too: waits until the device does not work on it (`yield* videobufWaiton(vb, false, false)`), passes it to the
   * free function of its kind, and sets the state to NEEDS_INIT. Must not fail.
   */
  bufRelease(q: VideobufQueue<D, B>, vb: B): Sleeping<void>;
}
