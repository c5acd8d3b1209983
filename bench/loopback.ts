/**
 * Frames a second from process to process through a loopback camera (memory of the queues, mapped on both sides, and
 * on the side of the producer memory of its own, USERPTR, and write()), beside a plain pipe, beside shared memory with an eventfd each way, and beside the
 * same with a process between that copies each frame, which is the least for sides whose buffers are their own. Every byte
 * is written and read.
 *
 *     node dist/bench/loopback.js
 */
import { compile, inTurns, measure, measureWithCamera, median } from './support.ts';

const ROUNDS = 5;
const SIZES = [
  { width: 640, height: 480, frames: 2000 },
  { width: 1280, height: 720, frames: 1000 },
  { width: 1920, height: 1080, frames: 500 },
] as const;

const transfer = compile('transfer');
if (transfer === undefined) console.log('loopback: skipped, there is no C compiler for the programs');
else {
  for (const { width, height, frames } of SIZES) {
    const bytes = `${width * height * 2}`;
    const nodes = ['/dev/video0', '/dev/video1', `${width}`, `${height}`];
    const [ours = [], user = [], write = [], pipe = [], shm = [], relay = []] = inTurns(ROUNDS, [
      () => measureWithCamera('loopback', transfer, ['loopback', ...nodes, `${frames}`]),
      () => measureWithCamera('loopback', transfer, ['userptr', ...nodes, `${frames}`]),
      () => measureWithCamera('loopback', transfer, ['write', ...nodes, `${frames}`]),
      () => measure(transfer, ['pipe', bytes, `${frames}`]),
      () => measure(transfer, ['shm', bytes, `${frames}`]),
      () => measure(transfer, ['relay', bytes, `${frames}`]),
    ]);
    const [a, u, w, b, c, d] = [
      median(ours),
      median(user),
      median(write),
      median(pipe),
      median(shm),
      median(relay),
    ];
    const size = `${width}x${height} YUYV`.padEnd(16);
    const ratio = (x: number) => `(ratio ${(a / x).toFixed(2)})`;
    console.log(
      `${size} loopback ${a.toFixed(0)}   USERPTR ${u.toFixed(0)} (${(u / a).toFixed(2)} of it)   write() ${w.toFixed(0)}   pipe ${b.toFixed(0)} ${ratio(b)}   ` +
        `shared memory ${c.toFixed(0)} ${ratio(c)}   with a copy between ${d.toFixed(0)} ${ratio(d)} frames/s`,
    );
  }
}
