/** The emulated kernel as the main thread sees it: a worker that is asked and tells. */
import type { Worker } from 'node:worker_threads';
import { AF_UNIX, SOCK_CLOEXEC, SOCK_STREAM } from '../linux/constants.ts';
import { send } from '../linux/libc.ts';
import { allocateNative } from '../linux/native-memory.ts';
import { socketPair } from '../linux/pass-fd.ts';
import type { TraceRecord } from '../trace/index.ts';
import type { KernelConfig, KernelMessage } from './kernel-worker.ts';

/** The kernel stands still for half a second at most, in which garbage is collected. */
const END_MS = 2000;
const native = allocateNative(4096);

export function newSocketPair(): [number, number] {
  const pair = socketPair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC);
  if (pair === undefined) throw new Error('cannot make a socket pair; raise ulimit -n');
  return pair;
}

export interface KernelEvents {
  /** The cameras are there, as these paths. */
  readonly ready: (nodes: readonly string[]) => void;
  /** There will be no cameras: why, as a sentence. */
  readonly refused: (text: string) => void;
  /** Something to be told to the user. */
  readonly report: (text: string) => void;
  /** What was traced, in order. */
  readonly trace: (records: readonly TraceRecord[]) => void;
  /** It ended by a bug of ours. */
  readonly failed: (error: Error) => void;
}

export class Kernel {
  /** Open files of all programs, as of the last {@link look}. */
  openFiles = 0;
  readonly #worker: Worker;
  readonly #wakeUp: number;
  readonly #ended: Promise<void>;

  /** `wakeUp` is the other end of the socket of that name in `config`. */
  constructor(worker: Worker, config: KernelConfig, wakeUp: number, events: KernelEvents) {
    this.#wakeUp = wakeUp;
    this.#worker = worker;
    worker.postMessage(config);
    this.#ended = new Promise((resolve) => {
      // By a word of its own, or by an error; it has no other reason to end.
      let isOver = false;
      const finish = () => {
        isOver = true;
        resolve();
      };
      this.#worker.on('message', (message: KernelMessage) => {
        if (message.kind === 'report') events.report(message.text);
        else if (message.kind === 'openFiles') this.openFiles = message.count;
        else if (message.kind === 'trace') events.trace(message.records);
        else if (message.kind === 'ready') events.ready(message.nodes);
        else finish();
        if (message.kind === 'refused') events.refused(message.text);
      });
      this.#worker.on('exit', () => {
        if (!isOver) events.failed(new Error('its thread was ended'));
        finish();
      });
      this.#worker.on('error', (error) => {
        finish();
        events.failed(error);
      });
    });
  }

  /** Asks how many files are open; the answer is in {@link openFiles} when it has come. */
  look(): void {
    this.#worker.postMessage('count');
    send(this.#wakeUp, native.address, 1, 0);
  }

  /** Settles when nobody is served any more. To stop a worker half-way through its start is fatal to Node. */
  async end(): Promise<void> {
    const limit = new Promise<void>((resolve) => {
      setTimeout(resolve, END_MS).unref();
    });
    await Promise.race([this.#ended, limit]);
  }
}
