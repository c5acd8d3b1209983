import type { WaitQueue } from '../base/wait-queue.ts';

/**
 * What the core asks of whatever moves the frames of a node or of an open file: a `Vb2Queue` is one, and so is the queue
 * of any other framework. Its ioctls and file operations are the driver's ops; the core needs no more than this.
 */
export interface FrameQueue {
  /** Told whenever the answer of the driver's poll may have changed, in either direction; woken by what is news. */
  readonly doneWq: WaitQueue;
  /**
   * Called once, when the device goes while files are open: stop streaming, free the buffers, forget who owned them,
   * and wake who waits for a frame; its call is made again and must fail, not wait. Must not fail.
   */
  vanish(): void;
}
