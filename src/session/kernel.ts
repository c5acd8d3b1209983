/** The emulated kernel as the main thread sees it: a worker that is asked and tells. */
import type { Worker } from 'node:worker_threads';
import { errorOf } from '../base/bug.ts';
import { MSG_NOSIGNAL } from '../linux/constants.ts';
import { send } from '../linux/libc.ts';
import { allocateNative } from '../linux/native-memory.ts';
import type { TraceRecord } from '../trace/index.ts';
import type { Answered, Given, KernelCalls, KernelConfig, KernelMessage, KernelRequest } from './protocol.ts';

/** The kernel stands still for half a second at most, in which garbage is collected. */
const END_MS = 2000;
const native = allocateNative(4096);

/** Something cannot be, and the message is a sentence for the user that says why. */
export class SessionError extends Error {}

export interface KernelEvents {
  /** Something to be told to the user. */
  readonly report: (text: string) => void;
  /** What was traced, in order. */
  readonly trace: (records: readonly TraceRecord[]) => void;
  /** A file of a driver was saved, see {@link KernelMessage}. */
  readonly saved: (file: string, path: string) => void;
  /** It ended by a bug of ours. */
  readonly failed: (error: Error) => void;
}

/** Who waits for the answer to a request. */
interface Asked {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
}

const OVER = 'the session has ended';

export class Kernel {
  /** Settles when the cameras are there, with their nodes; rejects with a SessionError if they cannot be. */
  readonly ready: Promise<readonly string[]>;
  readonly #worker: Worker;
  readonly #wakeUp: number;
  readonly #events: KernelEvents;
  readonly #ended: Promise<void>;
  readonly #asked = new Map<number, Asked>();
  #requests = 0;
  /** It has ended, or is about to. */
  #isOver = false;

  /** `wakeUp` is the other end of the socket of that name in `config`. */
  constructor(worker: Worker, config: KernelConfig, wakeUp: number, events: KernelEvents) {
    this.#worker = worker;
    this.#wakeUp = wakeUp;
    this.#events = events;
    this.ready = new Promise((resolve, reject) => {
      worker.on('message', (message: KernelMessage) => {
        if (message.kind === 'ready') resolve(message.nodes);
        else if (message.kind === 'refused') reject(new SessionError(message.text));
      });
    });
    // Whoever hears of the failure otherwise need not look here.
    this.ready.catch(() => {});
    this.#ended = new Promise((resolve) => {
      const finish = () => {
        this.#finish();
        resolve();
      };
      // By a word of its own, or by an error; it has no other reason to end.
      worker.on('message', (message: KernelMessage) => {
        if (message.kind === 'ended' || message.kind === 'refused') finish();
        else this.#hear(message);
      });
      worker.on('exit', () => {
        if (!this.#isOver) events.failed(new Error('its thread was ended'));
        finish();
      });
      worker.on('error', (thrown: unknown) => {
        finish();
        events.failed(errorOf(thrown));
      });
    });
    worker.postMessage(config);
  }

  /** Asks for something, when it is ready. Rejects with a SessionError if that cannot be, or the kernel ends before it answers. */
  ask<K extends keyof KernelCalls>(call: K, given: Given<K>): Promise<Answered<K>> {
    if (this.#isOver) return Promise.reject(new SessionError(OVER));
    const request: KernelRequest<K> = { id: this.#requests++, call, given };
    return new Promise((resolve, reject) => {
      this.#asked.set(request.id, { resolve: (answer) => resolve(answer as Answered<K>), reject });
      this.#worker.postMessage(request);
      send(this.#wakeUp, native.address, 1, MSG_NOSIGNAL);
    });
  }

  /**
   * Nothing can be asked of it any more; settles when it does nothing any more, for whom also. To stop a worker half-way through
   * its start is fatal to Node.
   */
  async end(): Promise<void> {
    this.ask('end', undefined).catch(() => {});
    this.#isOver = true;
    const limit = new Promise<void>((resolve) => {
      setTimeout(resolve, END_MS).unref();
    });
    await Promise.race([this.#ended, limit]);
  }

  #hear(message: KernelMessage): void {
    const { report, trace, saved } = this.#events;
    if (message.kind === 'report') report(message.text);
    else if (message.kind === 'trace') trace(message.records);
    else if (message.kind === 'saved') saved(message.file, message.path);
    else if (message.kind === 'done') this.#take(message.id)?.resolve(message.answer);
    else if (message.kind === 'error') this.#take(message.id)?.reject(new SessionError(message.text));
  }

  /** Who waits for the answer to request `id`, and waits no longer. */
  #take(id: number): Asked | undefined {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    return asked;
  }

  #finish(): void {
    this.#isOver = true;
    // Its thread stays, and nobody for it.
    this.#worker.unref();
    for (const { reject } of this.#asked.values()) reject(new SessionError(OVER));
    this.#asked.clear();
  }
}
