/** Producers in threads of their own, as the emulated kernel starts and ends them. */
import type { Worker } from 'node:worker_threads';
import { processWork, threadWork, together } from '../linux/thread-work.ts';
import {
  type FrameOrder,
  FrameRing,
  PRODUCER_FAILED,
  PRODUCER_STILL,
  type Producer,
  type ProducerHost,
  type ProducerWork,
  type RingShape,
  sourceFile,
} from '../sources/index.ts';
import type { ProducerThreadOrder } from './producer-thread.ts';
import { neededFor, neededIn, Threads, type ThreadUser } from './threads.ts';
import { ffmpegTrouble, fileTrouble, troubleOf } from './trouble.ts';

/**
 * Frames that a producer is ahead of the camera, and the one that is shown: as many as there is memory for, so that a busy
 * machine has time to make up for what it missed.
 */
const RING_BYTES = 16 * 2 ** 20;
const LEAST_SLOTS = 4;
const MOST_SLOTS = 12;

/** The ring for frames with planes of these sizes. */
export function ringShape(planeSizes: readonly number[]): RingShape {
  const frameBytes = planeSizes.reduce((sum, bytes) => sum + bytes, 0);
  const slots = Math.floor(RING_BYTES / frameBytes);
  return { frameBytes, slots: Math.min(MOST_SLOTS, Math.max(LEAST_SLOTS, slots)) };
}

/** How long a program of the user's own may go on when it is to end; whatever is ours comes to an end. */
const END_MS = 10_000;

const threads = new Threads();

class ThreadProducer implements Producer, ThreadUser {
  readonly ring: FrameRing;
  readonly #isTheirs: boolean;
  #thread: Worker | undefined;

  constructor(order: FrameOrder) {
    this.#isTheirs = order.source.kind === 'script';
    const shape = ringShape(order.planeSizes);
    this.ring = FrameRing.shared(shape);
    if (order.view !== undefined) this.ring.view = order.view;
    threads.join(this);
    try {
      const thread = threads.take();
      threads.expect(neededFor(order.source));
      thread.on('error', (error) => this.ring.finish(PRODUCER_FAILED, troubleOf(error)));
      thread.on('exit', () => {
        this.#thread = undefined;
        this.ring.finish(PRODUCER_FAILED, 'cannot be shown: its thread has ended');
      });
      const begin: ProducerThreadOrder = { order, shape, memory: this.ring.memory };
      thread.postMessage(begin);
      this.#thread = thread;
    } catch (error) {
      this.ring.finish(PRODUCER_FAILED, troubleOf(error));
    }
  }

  work(): ProducerWork {
    const { makers } = this.ring;
    // One that has not begun yet is one of ours, and nobody knows which.
    if (makers.thread === 0) return { busy: processWork(process.pid).waited, isAtDisk: false };
    const thread = threadWork(makers.thread);
    // What runs for ever, and makes nothing, is somebody's program.
    if (this.#isTheirs) return { busy: thread.waited, isAtDisk: thread.isAtDisk };
    const all = makers.process > 0 ? together(thread, processWork(makers.process)) : thread;
    return { busy: all.ran + all.waited, isAtDisk: all.isAtDisk };
  }

  stop(): void {
    threads.leave(this);
    const thread = this.#thread;
    if (thread === undefined) return;
    thread.postMessage('stop');
    if (!this.#isTheirs) return;
    const limit = setInterval(() => this.#endStuck(thread), END_MS).unref();
    thread.once('exit', () => clearInterval(limit));
  }

  /** To end a thread half-way through its start, while it loads native code, is fatal to Node. */
  #endStuck(thread: Worker): void {
    if (this.ring.makers.thread !== 0) thread.terminate();
  }

  /** What stands for good needs nobody who makes it: told by the ring, as events come through a loop that seldom runs. */
  letGo(): Worker | undefined {
    if (this.ring.state !== PRODUCER_STILL) return undefined;
    const thread = this.#thread;
    this.#thread = undefined;
    return thread;
  }
}

/** A stream that may be asked at any time to show something that has to be made, in this format. */
function expectOrders(format: string): { stop(): void } {
  const user: ThreadUser = { letGo: () => undefined };
  threads.join(user);
  threads.expect(neededIn(format));
  threads.provide();
  return { stop: () => threads.leave(user) };
}

/** Those of a session; `isSteered` where its cameras may be asked at any time to show something else. */
export function threadProducers(isSteered: boolean): ProducerHost {
  return {
    check: (source) => {
      const file = sourceFile(source);
      return file === undefined ? undefined : fileTrouble(file);
    },
    lacks: (format) => (format === 'H264' ? ffmpegTrouble() : undefined),
    start: (order) => new ThreadProducer(order),
    ...(isSteered && { expect: expectOrders }),
  };
}
