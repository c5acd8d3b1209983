/**
 * What a frame costs a queue beside the frame itself: QBUF and DQBUF of one buffer in this process, with the
 * driver's done() between them, and whether anything is allocated on the way.
 *
 *     node --expose-gc dist/bench/vb2-pair.js
 */
import { pairsOfIoctls, pairsOfQueue } from './pair-of-calls.ts';

const ROUNDS = 15;
const PAIRS_OF_ROUND = 200_000;

function nanoseconds(body: (count: number) => void): number {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.hrtime.bigint();
    body(PAIRS_OF_ROUND);
    times.push(Number(process.hrtime.bigint() - start) / PAIRS_OF_ROUND);
  }
  return times.sort((a, b) => a - b)[ROUNDS >> 1] as number;
}

/** Bytes that a pair leaves on the heap. */
function bytesPerPair(body: (count: number) => void): number {
  const collect = globalThis.gc;
  if (collect === undefined) return Number.NaN;
  // A first time for what is made once; then there must be room enough that nothing is collected meanwhile.
  body(1000);
  collect();
  const before = process.memoryUsage().heapUsed;
  body(PAIRS_OF_ROUND);
  return (process.memoryUsage().heapUsed - before) / PAIRS_OF_ROUND;
}

for (const [name, body] of [
  ['QBUF + done + DQBUF', pairsOfQueue],
  ['the same by ioctl', pairsOfIoctls],
] as const) {
  const time = nanoseconds(body);
  const bytes = bytesPerPair(body);
  const heap = Number.isNaN(bytes) ? 'not measured: node --expose-gc' : `${bytes.toFixed(2)} bytes`;
  console.log(`${name.padEnd(20)} ${time.toFixed(0).padStart(5)} ns a pair, heap ${heap}`);
}
