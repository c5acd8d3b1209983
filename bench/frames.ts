/**
 * Frames a second through QBUF and DQBUF, with a client that only counts and a camera without a pace. Beside it
 * what memcpy alone could do with the same bytes.
 *
 *     node dist/bench/frames.js
 */
import { compile, inTurns, measure, measureWithCamera, median } from './support.ts';

const ROUNDS = 5;
const SIZES = [
  { width: 640, height: 480, frames: 6000 },
  { width: 1920, height: 1080, frames: 1500 },
] as const;

const client = compile('count-client');
const memcpy = compile('memcpy-client');
if (client === undefined || memcpy === undefined) {
  console.log('frames: skipped, there is no C compiler for the clients');
} else {
  for (const { width, height, frames } of SIZES) {
    const [ours = [], reference = []] = inTurns(ROUNDS, [
      () => measureWithCamera('vivi,fps=max', client, ['/dev/video0', `${width}`, `${height}`, `${frames}`]),
      () => measure(memcpy, [`${width * height * 2}`, `${frames}`]),
    ]);
    const [a, b] = [median(ours), median(reference)];
    const size = `${width}x${height} YUYV`.padEnd(16);
    console.log(
      `${size} ${a.toFixed(0)} frames/s   memcpy alone ${b.toFixed(0)}   ratio ${(a / b).toFixed(2)}`,
    );
  }
}
