/**
 * Frames a second from process to process through a loopback camera, by each way in which a producer can give them, beside what
 * C programs do with the same bytes. Every byte is written and read.
 *
 *  - a producer with mapped buffers (MMAP), beside a relay: a process between that copies each frame from memory it
 *    shares with the one to memory it shares with the other. That is the least for sides whose buffers are their own;
 *    why they are, and what it means that both shared one memory (printed too), is in docs/decisions/0031-loopback-copies.md.
 *    The goal is at least 0.75 of the relay.
 *  - frames in memory of the producer (USERPTR), beside MMAP.
 *  - write(), beside a process between that reads each frame out of the sender's memory (process_vm_readv) into memory that it
 *    shares with the receiver, while the sender waits.
 *  - a pipe.
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
    const through = (how: string) => () =>
      measureWithCamera('loopback', transfer, [how, ...nodes, `${frames}`]);
    const without = (how: string) => () => measure(transfer, [how, bytes, `${frames}`]);
    const [mmap, user, write, pipe, shared, relay, move] = inTurns(ROUNDS, [
      ...['loopback', 'userptr', 'write'].map(through),
      ...['pipe', 'shm', 'relay', 'move'].map(without),
    ]).map(median) as [number, number, number, number, number, number, number];
    const beside = (value: number, other: number, name: string) =>
      `${(value / other).toFixed(2)} of ${name} (${other.toFixed(0)})`;
    console.log(
      `${width}x${height} YUYV`.padEnd(16),
      `MMAP ${mmap.toFixed(0)}, ${beside(mmap, relay, 'the relay')} and ${beside(mmap, shared, 'shared memory')}  `,
      `USERPTR ${user.toFixed(0)}, ${(user / mmap).toFixed(2)} of MMAP  `,
      `write() ${write.toFixed(0)}, ${beside(write, move, 'one move')}  `,
      `pipe ${pipe.toFixed(0)} frames/s`,
    );
  }
}
