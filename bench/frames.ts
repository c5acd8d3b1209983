/**
 * Frames a second through QBUF and DQBUF, with a client that only counts and a camera without a pace. Beside it
 * the same with frames in memory of the client (USERPTR), and what C alone can do with the same bytes: memcpy, and for USERPTR
 * memcpy and process_vm_writev to another process. The kernel moves them there page by page, which is most of the time.
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
    const args = ['/dev/video0', `${width}`, `${height}`, `${frames}`];
    const bytes = `${width * height * 2}`;
    const [ours = [], userptr = [], reference = [], other = []] = inTurns(ROUNDS, [
      () => measureWithCamera('vivi,fps=max', client, args),
      () => measureWithCamera('vivi,fps=max', client, [...args, 'userptr']),
      () => measure(memcpy, [bytes, `${frames}`]),
      () => measure(memcpy, [bytes, `${frames}`, 'other']),
    ]);
    const [a, u, b, o] = [median(ours), median(userptr), median(reference), median(other)];
    const size = `${width}x${height} YUYV`.padEnd(16);
    console.log(
      `${size} MMAP ${a.toFixed(0)}, ${(a / b).toFixed(2)} of memcpy (${b.toFixed(0)})   ` +
        `USERPTR ${u.toFixed(0)}, ${(u / a).toFixed(2)} of MMAP and ${(u / o).toFixed(2)} of C (${o.toFixed(0)}) frames/s`,
    );
  }
}
