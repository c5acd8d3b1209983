/** What a program can set at the mem2mem device while it runs: flips, and how transactions go. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as abi from '../../src/abi/index.ts';
import { VirtualClock } from '../../src/base/timers.ts';
import { createCamera, parseCamera } from '../../src/drivers/index.ts';
import { heapPages } from '../../src/memory/pages.ts';
import { type ClientFile, Program } from '../../src/testing/in-process-client.ts';
import { VideoDeviceRegistry } from '../../src/v4l2-core/index.ts';
import { POLLIN } from '../../src/vfs/file.ts';
import { noise, pixFormat, Stream } from '../support/streams.ts';
import '../support/driver-bugs.ts';

const OUTPUT = abi.V4L2_BUF_TYPE_VIDEO_OUTPUT;
const CAPTURE = abi.V4L2_BUF_TYPE_VIDEO_CAPTURE;
const TIME = abi.V4L2_CID_USER_BASE + 0x1000;
const BUFFERS = abi.V4L2_CID_USER_BASE + 0x1001;
const SIDE = 16;
const MS = 1_000_000;

function running(settings = '', count = 4) {
  const clock = new VirtualClock();
  const vdev = createCamera(parseCamera(`m2m${settings}`), { clock, pages: heapPages, instance: 0 });
  new VideoDeviceRegistry(clock).register(vdev);
  const program = new Program(4 << 20);
  const open = () => {
    const file = program.open(vdev);
    const shape = { width: SIDE, height: SIDE, fourcc: abi.V4L2_PIX_FMT_GREY };
    file.do(abi.VIDIOC_S_FMT, pixFormat(program, OUTPUT, shape));
    const out = new Stream(program, file, OUTPUT).allocate(count);
    const cap = new Stream(program, file, CAPTURE).allocate(count).queueAll();
    out.streamon();
    cap.streamon();
    return { file, out, cap };
  };
  const set = (file: ClientFile, id: number, value: number) => {
    const control = program.make(abi.v4l2_control);
    control.id = id;
    control.value = value;
    file.do(abi.VIDIOC_S_CTRL, control);
    return control.value;
  };
  return { clock, open, set };
}

const isDone = ({ file }: { file: ClientFile }) => (file.poll(POLLIN) & POLLIN) !== 0;
const frame = noise(SIDE * SIDE, 5);
const turned = (hflip: boolean, vflip: boolean) =>
  frame.map((_, i) => {
    const [x, y] = [i % SIDE, Math.floor(i / SIDE)];
    return frame[(vflip ? SIDE - 1 - y : y) * SIDE + (hflip ? SIDE - 1 - x : x)] as number;
  });

test('flips count from the next frame on, together too, and for the open file alone', () => {
  const { open, set } = running(',op=flip');
  const [one, other] = [open(), open()];
  const next = ({ out, cap }: typeof one, n: number) => {
    out.queue(n, frame);
    return cap.next().frame;
  };
  assert.deepEqual(next(one, 0), turned(false, true));
  set(one.file, abi.V4L2_CID_HFLIP, 1);
  assert.deepEqual(next(one, 1), turned(true, true));
  set(one.file, abi.V4L2_CID_VFLIP, 0);
  assert.deepEqual(next(one, 2), turned(true, false));
  assert.deepEqual(next(other, 0), turned(false, true));
});

test('a transaction takes as long as the program says, and begins when its buffers are there', () => {
  const { clock, open, set } = running();
  const { file, out, cap } = open();
  assert.equal(set(file, TIME, 20_000), 10_001);
  set(file, TIME, 40);
  set(file, BUFFERS, 2);
  out.queue(0, frame);
  clock.advance(100 * MS);
  assert.equal(isDone(cap), false);
  out.queue(1, frame);
  clock.advance(39 * MS);
  assert.equal(isDone(cap), false);
  clock.advance(1 * MS);
  assert.equal(isDone(cap), true);
  cap.next();
  clock.advance(40 * MS);
  assert.equal(cap.next().sequence, 1);
});
