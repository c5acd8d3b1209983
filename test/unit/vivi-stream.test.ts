import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as abi from '../../src/abi/index.ts';
import { EAGAIN, EBUSY, EINVAL } from '../../src/base/errno.ts';
import { VirtualClock } from '../../src/base/timers.ts';
import { createCamera, parseCamera } from '../../src/drivers/index.ts';
import { heapPages } from '../../src/memory/pages.ts';
import { Capture, Program } from '../../src/testing/in-process-client.ts';
import { createBars } from '../../src/tpg/index.ts';
import { VideoDeviceRegistry, vb2QueueOf } from '../../src/v4l2-core/index.ts';
import { POLLERR, POLLIN } from '../../src/vfs/file.ts';
import '../support/driver-bugs.ts';

const START = 5_000_000_000;
const CAPTURE = abi.V4L2_BUF_TYPE_VIDEO_CAPTURE;
const WIDTH = 160;
const HEIGHT = 120;

/** A camera with small frames whose program has everything queued and is about to say STREAMON. */
function ready(settings = '', buffers = 4) {
  const clock = new VirtualClock(START);
  const registry = new VideoDeviceRegistry(clock);
  const spec = parseCamera(`vivi,size=${WIDTH}x${HEIGHT}${settings}`);
  const vdev = createCamera(spec, { clock, pages: heapPages, instance: 0 });
  registry.register(vdev);
  const program = new Program();
  const file = program.open(vdev);
  const capture = new Capture(program, file, buffers);
  return { clock, vdev, program, file, capture };
}

/** The same, streaming, before the first frame. */
function streaming(settings = '', buffers = 4) {
  const stream = ready(settings, buffers);
  stream.capture.streamon();
  return stream;
}

function nanoseconds(b: abi.v4l2_buffer): number {
  return b.timestamp.tv_sec * 1_000_000_000 + b.timestamp.tv_usec * 1000;
}

/** The first row under the text: all rows of a frame show the same bars. */
const barsRow = (frame: Uint8Array) => frame.slice((HEIGHT - 1) * WIDTH * 2);

function expectedRow(scroll: number, input = 0): Uint8Array {
  const shape = { fourcc: abi.V4L2_PIX_FMT_YUYV, width: WIDTH, height: 1, bytesperline: WIDTH * 2 };
  const row = new Uint8Array(WIDTH * 2);
  createBars(shape).paint(row, scroll, input);
  return row;
}

for (const [fps, denominator] of [
  ['30', 30n],
  ['60', 60n],
] as const) {
  test(`vivi delivers frame n exactly n/${fps} s after the start, numbered without gaps`, () => {
    const { clock, file, capture } = streaming(`,fps=${fps}`);
    for (let n = 0; n < 100; n++) {
      const due = START + Number((BigInt(n) * 1_000_000_000n) / denominator);
      if (n > 0) {
        clock.advance(due - clock.now() - 1);
        assert.equal(file.poll(POLLIN), 0);
      }
      clock.advance(due - clock.now());
      assert.equal(file.poll(POLLIN) & POLLIN, POLLIN);
      const b = capture.dqbuf();
      assert.equal(b.sequence, n);
      assert.equal(nanoseconds(b), Math.floor(due / 1000) * 1000);
      assert.equal(b.bytesused, WIDTH * HEIGHT * 2);
      assert.equal(b.field, abi.V4L2_FIELD_NONE);
      assert.equal(b.flags & abi.V4L2_BUF_FLAG_TIMESTAMP_MASK, abi.V4L2_BUF_FLAG_TIMESTAMP_MONOTONIC);
      assert.deepEqual(barsRow(capture.frame), expectedRow(2 * n));
      capture.qbuf(b.index);
    }
  });
}

test('vivi shows the other bars from the next frame on when the input changes', () => {
  const { clock, program, file, capture } = streaming();
  const { address, bytes } = program.alloc(4);
  bytes.set([2, 0, 0, 0]);
  clock.advance(0);
  file.do(abi.VIDIOC_S_INPUT, address);
  clock.advance(34_000_000);
  capture.dqbuf();
  assert.deepEqual(barsRow(capture.frame), expectedRow(0));
  capture.dqbuf();
  assert.deepEqual(barsRow(capture.frame), expectedRow(2, 2));
});

test('vivi writes the lines over the bars that fit', () => {
  const { clock, capture } = streaming();
  clock.advance(0);
  capture.dqbuf();
  const rows = new Set<number>();
  const plain = expectedRow(0);
  for (let y = 0; y < HEIGHT; y++) {
    const row = capture.frame.subarray(y * WIDTH * 2, (y + 1) * WIDTH * 2);
    if (!row.every((byte, i) => byte === plain[i])) rows.add(Math.floor(y / 16));
  }
  // All but the time are too long: that with the size has 18 characters, 144 pixels behind a margin of 16.
  assert.deepEqual([...rows], [1]);
});

test('vivi counts the frames for which no buffer was queued, and no others', () => {
  const { clock, capture } = streaming(',fps=10', 2);
  clock.advance(500_000_000);
  assert.deepEqual([capture.dqbuf().sequence, capture.dqbuf().sequence], [0, 1]);
  capture.qbuf(0);
  clock.advance(100_000_000);
  const b = capture.dqbuf();
  assert.equal(b.sequence, 6);
  assert.equal(nanoseconds(b), START + 600_000_000);
});

test('vivi skips to the present without a burst, and counts what it missed, when its timer comes late', () => {
  const { clock, capture } = streaming(',fps=10');
  clock.advance(0);
  // The process is held up for 3.5 frames: the timer runs once, at a time that is no frame's.
  const late = START + 350_000_000;
  clock.timers.run(late);
  clock.timers.run(late);
  assert.deepEqual([capture.dqbuf().sequence, nanoseconds(capture.buffer)], [0, START]);
  assert.deepEqual([capture.dqbuf().sequence, nanoseconds(capture.buffer)], [3, START + 300_000_000]);
  assert.equal(clock.timers.next(), START + 400_000_000);
});

test('vivi starts with the first buffer when STREAMON comes before it', () => {
  const { clock, program, file, capture, vdev } = ready();
  const { address, bytes } = program.alloc(4);
  bytes.set([CAPTURE, 0, 0, 0]);
  file.do(abi.VIDIOC_STREAMOFF, address);
  capture.streamon();
  clock.advance(1_000_000_000);
  assert.equal(vb2QueueOf(vdev).isStreaming(), true);
  capture.qbuf(0);
  clock.advance(0);
  assert.equal(capture.dqbuf().sequence, 0);
  assert.equal(nanoseconds(capture.buffer), START + 1_000_000_000);
});

test('VIDIOC_S_PARM changes the rate of a running stream from the last frame on', () => {
  const { clock, program, file, capture } = streaming(',fps=10');
  clock.advance(100_000_000);
  capture.dqbuf();
  capture.dqbuf();
  clock.advance(30_000_000);
  const p = program.make(abi.v4l2_streamparm);
  p.type = CAPTURE;
  p.parm.capture.timeperframe.numerator = 1;
  p.parm.capture.timeperframe.denominator = 20;
  file.do(abi.VIDIOC_S_PARM, p);
  clock.advance(1_000_000_000);
  assert.deepEqual([capture.dqbuf().sequence, nanoseconds(capture.buffer)], [2, START + 150_000_000]);
  assert.deepEqual([capture.dqbuf().sequence, nanoseconds(capture.buffer)], [3, START + 200_000_000]);
});

test('VIDIOC_DQBUF blocks until a frame is there, or answers EAGAIN as O_NONBLOCK is then', () => {
  const { clock, file, capture } = streaming();
  clock.advance(0);
  capture.dqbuf();
  const thread = file.start(abi.VIDIOC_DQBUF, capture.buffer);
  assert.equal(thread.result, undefined);
  clock.advance(34_000_000);
  assert.equal(thread.result, 0);
  assert.equal(capture.buffer.sequence, 1);
  file.nonblock = true;
  assert.equal(file.ioctl(abi.VIDIOC_DQBUF, capture.buffer), -EAGAIN);
});

test('VIDIOC_STREAMOFF ends a blocked DQBUF and starts again at frame 0', () => {
  const { clock, program, file, capture } = streaming();
  clock.advance(0);
  const taken = capture.dqbuf().index;
  const blocked = file.start(abi.VIDIOC_DQBUF, capture.buffer);
  const { address, bytes } = program.alloc(4);
  bytes.set([CAPTURE, 0, 0, 0]);
  file.do(abi.VIDIOC_STREAMOFF, address);
  assert.equal(blocked.result, -EINVAL);
  assert.equal(clock.timers.next(), Number.POSITIVE_INFINITY);
  assert.equal(file.poll(POLLIN), POLLERR);
  for (let index = 0; index < 4; index++) capture.qbuf(index);
  assert.equal(taken, 0);
  capture.streamon();
  clock.advance(0);
  assert.equal(capture.dqbuf().sequence, 0);
});

test('a second open file gets EBUSY while the first one owns the buffers', () => {
  const { program, vdev, capture } = streaming();
  const other = program.open(vdev);
  const req = program.make(abi.v4l2_requestbuffers);
  req.count = 1;
  req.type = CAPTURE;
  req.memory = abi.V4L2_MEMORY_MMAP;
  assert.equal(other.ioctl(abi.VIDIOC_REQBUFS, req), -EBUSY);
  assert.equal(other.ioctl(abi.VIDIOC_DQBUF, capture.buffer), -EBUSY);
  assert.equal(other.ioctl(abi.VIDIOC_QUERYBUF, capture.buffer), 0);
  other.close();
  assert.equal(vb2QueueOf(vdev).isStreaming(), true);
});

test('close of the owner stops the stream and frees the queue for others', () => {
  const { clock, program, vdev, file } = streaming();
  clock.advance(100_000_000);
  file.close();
  assert.equal(vb2QueueOf(vdev).isBusy(), false);
  assert.equal(clock.timers.next(), Number.POSITIVE_INFINITY);
  const next = new Capture(program, program.open(vdev), 2);
  next.streamon();
  clock.advance(0);
  assert.equal(next.dqbuf().sequence, 0);
});

test('VIDIOC_CREATE_BUFS takes a larger frame and refuses a smaller one', () => {
  const { program, file } = ready();
  const create = program.make(abi.v4l2_create_buffers);
  const ask = (sizeimage: number) => {
    create.$bytes.fill(0);
    create.count = 1;
    create.memory = abi.V4L2_MEMORY_MMAP;
    create.format.type = CAPTURE;
    create.format.fmt.pix.sizeimage = sizeimage;
    return file.ioctl(abi.VIDIOC_CREATE_BUFS, create);
  };
  assert.equal(ask(WIDTH * HEIGHT), -EINVAL);
  assert.equal(ask(WIDTH * HEIGHT * 4), 0);
  assert.equal(create.index, 4);
});
