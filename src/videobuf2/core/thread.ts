/** A user of a queue within the kernel: it takes the place of a program, frame by frame. */
import { describeThrown, driverBug } from '../../base/bug.ts';
import { Errno } from '../../base/errno.ts';
import { Timer } from '../../base/timers.ts';
import { noUser } from './buf-ops.ts';
import type { Vb2Buffer } from './buffer.ts';
import { coreDqbuf } from './dequeue.ts';
import { queueAgain, startFileio } from './fileio.ts';
import type { Vb2Queue } from './queue.ts';
import { STATE } from './queue-state.ts';

/**
 * Called with each frame of a capture queue, and with each buffer of an output queue to be filled (it then sets
 * the payload). Returns false to end. It owns the buffer only until it returns.
 */
export type Vb2ThreadFunction<D> = (vb: Vb2Buffer<D>) => boolean;

/**
 * Feeds a function with the frames of an idle queue. While it runs the queue is busy for programs, as it is
 * while one of them reads; stop() gives it back.
 *
 * The function never runs from within the driver's `done()`: as a thread of the kernel would, it runs when
 * the driver has returned, driven by the clock. It ends by itself when the function has enough, when a buffer
 * cannot be queued again, and when the queue has failed.
 *
 * @kernel vb2_thread_start vb2_thread_stop
 */
export class Vb2Thread<D = unknown> {
  readonly #q: Vb2Queue<D>;
  readonly #function: Vb2ThreadFunction<D>;
  readonly #timer = new Timer(() => this.#run());
  readonly #wake = () => this.#q.clock.timers.arm(this.#timer, this.#q.clock.now());
  #running = true;

  /** Starts; throws what REQBUFS, QBUF or STREAMON would, and the queue is idle again. */
  constructor(q: Vb2Queue<D>, run: Vb2ThreadFunction<D>) {
    this.#q = q;
    this.#function = run;
    const fileio = startFileio(q, q.isOutput ? 'write' : 'read');
    fileio.onEnd = () => this.#leave();
    q[STATE].dqbufWq.add(this.#wake);
    if (q.isOutput) this.#fillAll();
  }

  #fillAll(): void {
    try {
      for (const vb of this.#q[STATE].bufs) if (vb !== undefined && this.#running) this.#handle(vb);
    } catch (error) {
      this.stop();
      throw error;
    }
  }

  get isRunning(): boolean {
    return this.#running;
  }

  /** Stops streaming and frees the buffers. Nothing happens if it has ended by itself. */
  stop(): void {
    if (this.#running) this.#q.release();
  }

  #leave(): void {
    this.#running = false;
    this.#q[STATE].dqbufWq.remove(this.#wake);
    this.#q.clock.timers.cancel(this.#timer);
  }

  #run(): void {
    while (this.#running && this.#q[STATE].doneList.length > 0) this.#step();
  }

  #step(): void {
    try {
      const vb = coreDqbuf(this.#q, undefined, undefined, noUser, undefined, undefined);
      if (vb !== undefined) this.#handle(vb);
    } catch (thrown) {
      if (!(thrown instanceof Errno))
        driverBug(`${this.#q.name}: Vb2Thread threw: ${describeThrown(thrown)}`);
      this.stop();
    }
  }

  #handle(vb: Vb2Buffer<D>): void {
    if (!this.#function(vb)) {
      this.stop();
      return;
    }
    if (!this.#running) return;
    queueAgain(vb, vb.planePayload(0));
  }
}
