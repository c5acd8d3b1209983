/** Scenarios of the recorder with a driver that runs freely, as in client/scen.c. */
import { VIDIOC_DQBUF, v4l2_buffer } from 'usercam';
import {
  CAP,
  cl,
  currentWorld,
  dqbuf,
  fill,
  ioctl,
  MMAP,
  make,
  mapi,
  ms,
  note,
  off,
  on,
  op,
  par,
  qbuf,
  querybuf,
  reqbufs,
  say,
  tracing,
} from './calls.ts';
import { hex, outcome } from './words.ts';

const NS_PER_S = 1e9;

function dequeue(fd: number, last: number): { index: number; time: number } {
  const b = make(v4l2_buffer);
  b.type = CAP;
  b.memory = MMAP;
  const result = ioctl(fd, VIDIOC_DQBUF, b);
  if (result < 0) throw new Error(`DQBUF: ${outcome(result)}`);
  const time = b.timestamp.tv_sec + b.timestamp.tv_usec / 1e6;
  const age = currentWorld().clock.now() / NS_PER_S - time;
  const grows = time > last ? 'grows' : 'DOES NOT GROW';
  const near = age >= -1e-5 && age < 0.5 ? 'monotonic clock, just before' : 'not near the monotonic clock';
  say(
    `  DQBUF -> ok; index=${b.index} sequence=${b.sequence} flags=${hex(b.flags)} bytesused=${b.bytesused} ` +
      `field=${b.field} length=${b.length} timestamp ${grows}, ${near} now`,
  );
  return { index: b.index, time };
}

function streamFreely(fd: number, frames: number, pauses: boolean): void {
  const times: number[] = [];
  for (let i = 0; i < frames; i++) {
    const { index, time } = dequeue(fd, times.at(-1) ?? 0);
    times.push(time);
    if (pauses && i === frames / 2) {
      note(
        'pause of 300 ms: all buffers fill, then the driver has none; frames without a buffer are not counted',
      );
      ms(300);
    }
    qbuf(fd, index);
  }
  const intervals = times.slice(1).map((time, i) => time - (times[i] as number));
  const isUsual = Math.min(...intervals) > 0.04 && Math.max(...intervals) < 0.45;
  say(`  interval ${isUsual ? 'within 40..450 ms' : 'odd'}`);
}

function run(frames: number, pauses: boolean): void {
  const fd = op(0);
  tracing(false);
  reqbufs(fd, 3, CAP, MMAP);
  for (let i = 0; i < 3; i++) mapi(fd, i);
  for (let i = 0; i < 3; i++) qbuf(fd, i);
  note('first field_count of the device is 0; QUERYBUF before any frame');
  querybuf(fd, CAP, 0);
  on(fd, CAP);
  par('run', 1);
  streamFreely(fd, frames, pauses);
  par('active', 0);
  ms(200);
  par('run', 0);
  ms(100);
  off(fd, CAP);
  note("off and on: sequence goes on (the device's counter), QUERYBUF keeps the last values");
  querybuf(fd, CAP, 0);
  qbuf(fd, 0);
  querybuf(fd, CAP, 0);
  on(fd, CAP);
  fill(0, 0);
  dqbuf(fd);
  par('active', 0);
  par('run', 1);
  cl(fd);
  tracing(true);
}

export function meta(): void {
  par('fcmode', 0);
  run(8, true);
}

export function metaVivi(): void {
  par('fcmode', 1);
  note('field_count incremented once per frame in the buffer itself, as vivi of 2.6.3x');
  run(8, false);
}

export function metaActive(): void {
  par('active', 1);
  note('driver marks the head ACTIVE one period before it is done');
  run(4, false);
}
