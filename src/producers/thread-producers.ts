/** Producers in threads of their own, as the emulated kernel starts and ends them. */
import { Worker } from 'node:worker_threads';
import {
  type FrameOrder,
  FrameRing,
  PRODUCER_FAILED,
  type Producer,
  type ProducerHost,
  type RingShape,
  sourceFile,
} from '../sources/index.ts';
import type { ProducerThreadOrder } from './producer-thread.ts';
import { fileTrouble, troubleOf } from './trouble.ts';

/**
 * Frames that a producer is ahead of the camera, and the one that is shown: as many as there is memory for, so that a busy
 * machine has time to make up for what it missed.
 */
const RING_BYTES = 16 * 2 ** 20;
const LEAST_SLOTS = 4;
const MOST_SLOTS = 12;

function shapeFor({ planeSizes }: FrameOrder): RingShape {
  const frameBytes = planeSizes.reduce((sum, bytes) => sum + bytes, 0);
  const slots = Math.floor(RING_BYTES / frameBytes);
  return { frameBytes, slots: Math.min(MOST_SLOTS, Math.max(LEAST_SLOTS, slots)) };
}

/** A program of the user's own that does not come to an end is ended. */
const END_MS = 1000;

/** A thread that waits for its order. Nobody stays for it. */
function newThread(): Worker {
  const thread = new Worker(new URL('./producer-thread.js', import.meta.url), { trackUnmanagedFds: false });
  thread.unref();
  return thread;
}

/**
 * Threads for producers. To start one takes some ten milliseconds, more than from frame to frame: where sources follow
 * each other the next one finds a thread that is there already.
 */
class Threads {
  #spare: Worker | undefined;
  #count = 0;

  take(): Worker {
    const thread = this.#spare ?? newThread();
    this.#spare?.removeAllListeners();
    this.#spare = undefined;
    // Who has one source for ever needs no other thread.
    if (this.#count++ > 0) setImmediate(() => this.#provide()).unref();
    return thread;
  }

  #provide(): void {
    if (this.#spare !== undefined) return;
    try {
      const spare = newThread();
      const forget = () => {
        if (this.#spare === spare) this.#spare = undefined;
      };
      spare.on('error', forget).on('exit', forget);
      this.#spare = spare;
    } catch {
      // Too many threads at the moment: whoever needs one is told so.
    }
  }
}

const threads = new Threads();

class ThreadProducer implements Producer {
  readonly ring: FrameRing;
  #thread: Worker | undefined;

  constructor(order: FrameOrder) {
    const shape = shapeFor(order);
    this.ring = FrameRing.shared(shape);
    try {
      const thread = threads.take();
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

  stop(): void {
    const thread = this.#thread;
    if (thread === undefined) return;
    thread.postMessage('stop');
    const limit = setTimeout(() => thread.terminate(), END_MS);
    limit.unref();
    thread.once('exit', () => clearTimeout(limit));
  }
}

export const threadProducers: ProducerHost = {
  check: (source) => {
    const file = sourceFile(source);
    return file === undefined ? undefined : fileTrouble(file);
  },
  start: (order) => new ThreadProducer(order),
};
