/** The thread of a producer: it waits for its order, fills one ring, and ends when that is done or when it is told to. */
import { parentPort } from 'node:worker_threads';
import { type FormatInfo, pixelFormats } from '../pixel/index.ts';
import { type FrameOrder, FrameRing, PRODUCER_FAILED, type RingShape } from '../sources/index.ts';
import { produceFilm } from './film.ts';
import { produceQr } from './qr-code.ts';
import { produceScript } from './script.ts';
import { produceStill } from './still.ts';
import { troubleOf } from './trouble.ts';

export interface ProducerThreadOrder {
  readonly order: FrameOrder;
  readonly shape: RingShape;
  readonly memory: ArrayBufferLike;
}

async function produce(order: FrameOrder, ring: FrameRing, signal: AbortSignal): Promise<void> {
  const { source, format } = order;
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
    case 'pattern':
      throw new Error('patterns are painted by the camera itself');
  }
}

const stop = new AbortController();
const { order, shape, memory } = await new Promise<ProducerThreadOrder>((resolve) => {
  parentPort?.on('message', (message: ProducerThreadOrder | 'stop') => {
    if (message === 'stop') stop.abort();
    else resolve(message);
  });
});
const ring = new FrameRing(shape, memory);
const stopped = new Promise<void>((resolve) => stop.signal.addEventListener('abort', () => resolve()));
if (stop.signal.aborted) process.exit();
const film = produce(order, ring, stop.signal).catch((thrown) => {
  if (!stop.signal.aborted) ring.finish(PRODUCER_FAILED, troubleOf(thrown));
});
// A film has a process that ends with it; all others may be left where they are.
await (order.source.kind === 'film' ? film : Promise.race([film, stopped]));
process.exit();
