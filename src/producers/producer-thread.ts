/**
 * The thread of a producer: it waits for its order, fills a ring, and waits for the next one if the ring shows what stands for good;
 * else it ends when that is done. It ends when it is told to.
 */
import { parentPort } from 'node:worker_threads';
import { ownThread } from '../linux/thread-work.ts';
import { type FormatInfo, pixelFormats } from '../pixel/index.ts';
import {
  type FrameOrder,
  FrameRing,
  PRODUCER_FAILED,
  PRODUCER_STILL,
  type RingShape,
} from '../sources/index.ts';
import { produceFromCamera } from './camera-frames.ts';
import { produceFilm } from './film.ts';
import { produceH264 } from './h264.ts';
import { loadSharp } from './image-library.ts';
import { producePattern } from './pattern.ts';
import { produceQr } from './qr-code.ts';
import { prepareForScripts, produceScript } from './script.ts';
import { produceStill } from './still.ts';
import type { Expectation, Expected } from './threads.ts';
import { troubleOf } from './trouble.ts';

export interface ProducerThreadOrder {
  readonly order: FrameOrder;
  readonly shape: RingShape;
  readonly memory: ArrayBufferLike;
}

async function produce(order: FrameOrder, ring: FrameRing, signal: AbortSignal): Promise<void> {
  const { source, format } = order;
  if (format === 'H264') return produceH264(order, ring, signal, produce);
  const info = pixelFormats.find(({ name }) => name === format) as FormatInfo;
  switch (source.kind) {
    case 'film':
      return produceFilm(order, source, info, ring, signal);
    case 'still':
      return produceStill(order, source.path, info, ring);
    case 'qr':
      return produceQr(order, source.text, info, ring);
    case 'script':
      return produceScript(order, source.path, info, ring);
    case 'camera':
      return produceFromCamera(order, order.input, info, ring);
    case 'pattern':
      return producePattern(order, source.name, info, ring);
  }
}

/** What there is to do, in the order in which it came. */
class Orders {
  readonly #waiting: ProducerThreadOrder[] = [];
  #wake = () => {};

  add(order: ProducerThreadOrder): void {
    this.#waiting.push(order);
    this.#wake();
  }

  async next(): Promise<ProducerThreadOrder> {
    for (;;) {
      const order = this.#waiting.shift();
      if (order !== undefined) return order;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

const stop = new AbortController();
const orders = new Orders();
/** A film and an encoder have a process that ends with it; all others may be left where they are. */
let hasProcess = false;

parentPort?.on('message', (message: ProducerThreadOrder | Expected | 'stop') => {
  if (message === 'stop') {
    stop.abort();
    if (!hasProcess) process.exit();
  } else if ('expected' in message) prepareFor(message.expected);
  else orders.add(message);
});

/** Loads what will be needed, so that it need not be waited for. */
function prepareFor(expected: Expectation): void {
  const loaded = expected === 'sharp' ? loadSharp('') : prepareForScripts(expected.slice('program'.length));
  // Whether it is there is told when it is needed.
  loaded.catch(() => {});
}

/** Ends this thread unless it can do something else. */
async function carryOut({ order, shape, memory }: ProducerThreadOrder): Promise<void> {
  const ring = new FrameRing(shape, memory);
  ring.setMakers({ thread: ownThread() });
  hasProcess = order.source.kind === 'film' || order.format === 'H264';
  try {
    await produce(order, ring, stop.signal);
  } catch (thrown) {
    if (!stop.signal.aborted) ring.finish(PRODUCER_FAILED, troubleOf(thrown));
  }
  // Whoever has ordered it sees it by this.
  if (ring.state !== PRODUCER_STILL) process.exit();
}

async function work(): Promise<never> {
  for (;;) await carryOut(await orders.next());
}

work();
