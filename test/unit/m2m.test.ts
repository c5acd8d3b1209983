import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as abi from '../../src/abi/index.ts';
import { EBADR, EBUSY, EINVAL, ENODEV, EPERM } from '../../src/base/errno.ts';
import { VirtualClock } from '../../src/base/timers.ts';
import { createCamera, parseCamera } from '../../src/drivers/index.ts';
import { heapPages } from '../../src/memory/pages.ts';
import { Program } from '../../src/testing/in-process-client.ts';
import { VideoDeviceRegistry } from '../../src/v4l2-core/index.ts';
import { DST_QUEUE_OFF_BASE } from '../../src/v4l2-core/mem2mem/context.ts';
import { POLLERR, POLLIN, POLLOUT } from '../../src/vfs/file.ts';
import { nanoseconds, noise, pixFormat, Stream } from '../support/streams.ts';
import '../support/driver-bugs.ts';

const OUTPUT = abi.V4L2_BUF_TYPE_VIDEO_OUTPUT;
const CAPTURE = abi.V4L2_BUF_TYPE_VIDEO_CAPTURE;
const WIDTH = 16;
const HEIGHT = 18;
const MS = 1_000_000;

function m2m(settings = '') {
  const clock = new VirtualClock();
  const registry = new VideoDeviceRegistry(clock);
  const vdev = createCamera(parseCamera(`m2m${settings}`), { clock, pages: heapPages, instance: 0 });
  registry.register(vdev);
  return { clock, registry, vdev, program: new Program(4 << 20) };
}

type World = ReturnType<typeof m2m>;

/** An open file with both queues allocated, before STREAMON. */
function context({ program, vdev }: World, fourcc: number = abi.V4L2_PIX_FMT_YUYV, buffers = 2) {
  const file = program.open(vdev);
  file.do(abi.VIDIOC_S_FMT, pixFormat(program, OUTPUT, { width: WIDTH, height: HEIGHT, fourcc }));
  const out = new Stream(program, file, OUTPUT).allocate(buffers);
  const cap = new Stream(program, file, CAPTURE).allocate(buffers);
  return { file, out, cap, size: out.planes[0]?.[0]?.length ?? 0 };
}

function running(world: World, fourcc?: number, buffers?: number) {
  const opened = context(world, fourcc, buffers);
  opened.cap.queueAll();
  opened.out.streamon();
  opened.cap.streamon();
  return opened;
}

/** The same work done pixel by pixel, so slowly that it can't be wrong. */
function expected(op: string, frame: Uint8Array, bytes: number): Uint8Array {
  const line = WIDTH * bytes;
  const result = new Uint8Array(frame.length);
  for (let y = 0; y < HEIGHT; y++) {
    for (let x = 0; x < WIDTH; x++) {
      for (let i = 0; i < bytes; i++) {
        const toY = op === 'flip' ? HEIGHT - 1 - y : y;
        const toX = op === 'hflip' ? WIDTH - 1 - x : x;
        const value = frame[y * line + x * bytes + i] as number;
        result[toY * line + toX * bytes + i] = op === 'invert' ? 255 - value : value;
      }
    }
  }
  return result;
}

for (const op of ['copy', 'flip', 'hflip', 'invert']) {
  for (const [name, fourcc, bytes] of [
    ['GREY', abi.V4L2_PIX_FMT_GREY, 1],
    ['RGB565', abi.V4L2_PIX_FMT_RGB565, 2],
    ['RGB24', abi.V4L2_PIX_FMT_RGB24, 3],
    ['RGB32', abi.V4L2_PIX_FMT_RGB32, 4],
  ] as const) {
    test(`m2m with op=${op} gives back the exact bytes of ${name}`, () => {
      const { out, cap, size } = running(m2m(`,op=${op}`), fourcc);
      assert.equal(size, WIDTH * HEIGHT * bytes);
      const frame = noise(size, bytes);
      out.queue(0, frame);
      cap.dequeue();
      assert.deepEqual(cap.frame, expected(op, frame, bytes));
    });
  }
}

for (const [name, fourcc, before, after] of [
  ['YUYV', abi.V4L2_PIX_FMT_YUYV, [1, 20, 2, 21, 3, 22, 4, 23], [4, 22, 3, 23, 2, 20, 1, 21]],
  ['UYVY', abi.V4L2_PIX_FMT_UYVY, [20, 1, 21, 2, 22, 3, 23, 4], [22, 4, 23, 3, 20, 2, 21, 1]],
] as const) {
  test(`m2m with op=hflip mirrors the luma of ${name} and keeps the order of its chroma`, () => {
    const { out, cap, size } = running(m2m(',op=hflip'), fourcc);
    const frame = new Uint8Array(size);
    frame.set(before);
    out.queue(0, frame);
    cap.dequeue();
    const line = WIDTH * 2;
    assert.deepEqual([...cap.frame.subarray(line - after.length, line)], after);
  });
}

test('m2m passes the time and the timecode of a frame on and numbers both sides', () => {
  const { out, cap, size } = running(m2m());
  for (let n = 0; n < 20; n++) {
    out.queue(n % 2, noise(size, n), n * 1_000_000_000 + 5000);
    const b = cap.dequeue();
    assert.deepEqual([b.sequence, nanoseconds(b)], [n, n * 1_000_000_000 + 5000]);
    assert.equal(b.flags & abi.V4L2_BUF_FLAG_TIMESTAMP_MASK, abi.V4L2_BUF_FLAG_TIMESTAMP_COPY);
    assert.deepEqual(cap.frame, noise(size, n));
    cap.queue(b.index);
    assert.equal(out.dequeue().sequence, n);
  }
});

test('m2m passes the time of a wall clock on to the microsecond', () => {
  const { out, cap, file } = running(m2m());
  for (const [tv_sec, tv_usec] of [
    [1_763_648_683, 15_838],
    [1_763_648_683, 999_999],
  ] as const) {
    Object.assign(out.b, { index: 0, type: OUTPUT, memory: abi.V4L2_MEMORY_MMAP, flags: 0, field: 0 });
    Object.assign(out.b.timestamp, { tv_sec, tv_usec });
    file.do(abi.VIDIOC_QBUF, out.b);
    for (const { timestamp } of [cap.dequeue(), out.dequeue()])
      assert.deepEqual([timestamp.tv_sec, timestamp.tv_usec], [tv_sec, tv_usec]);
    cap.queue(cap.b.index);
  }
});

test('m2m gives the buffers of its capture queue offsets of their own', () => {
  const { out, cap } = context(m2m());
  assert.equal(out.tryQueue(0), 0);
  assert.ok(out.b.m.offset < DST_QUEUE_OFF_BASE);
  assert.equal(cap.tryQueue(1), 0);
  assert.ok(cap.b.m.offset > DST_QUEUE_OFF_BASE);
});

test('m2m has formats and queues for each open file', () => {
  const world = m2m(',op=invert');
  const first = running(world, abi.V4L2_PIX_FMT_RGB24);
  const second = running(world, abi.V4L2_PIX_FMT_GREY);
  assert.notEqual(first.size, second.size);
  first.out.queue(0, noise(first.size, 1));
  second.out.queue(0, noise(second.size, 2));
  first.cap.dequeue();
  second.cap.dequeue();
  assert.deepEqual(first.cap.frame, expected('invert', noise(first.size, 1), 3));
  assert.deepEqual(second.cap.frame, expected('invert', noise(second.size, 2), 1));
});

test('m2m works on one frame at a time, and contexts take turns', () => {
  const world = m2m(',time=10');
  const contexts = [running(world), running(world)] as const;
  for (const { out, size } of contexts) for (const n of [0, 1]) out.queue(n, noise(size, n));
  const done = () => contexts.map(({ cap }) => (cap.file.poll(POLLIN) & POLLIN) !== 0);
  assert.deepEqual(done(), [false, false]);
  world.clock.advance(10 * MS);
  assert.deepEqual(done(), [true, false]);
  world.clock.advance(10 * MS);
  assert.deepEqual(done(), [true, true]);
  for (const { cap } of contexts) cap.dequeue();
  world.clock.advance(10 * MS);
  assert.deepEqual(done(), [true, false]);
});

test('m2m ends the job when its file is closed or stops, and goes on with the next', () => {
  for (const end of ['close', 'streamoff']) {
    const world = m2m(',time=10');
    const first = running(world);
    const second = running(world);
    first.out.queue(0, noise(first.size, 0));
    second.out.queue(0, noise(second.size, 1));
    world.clock.advance(5 * MS);
    if (end === 'close') first.file.close();
    else first.out.streamoff();
    world.clock.advance(10 * MS);
    assert.equal(second.cap.dequeue().sequence, 0);
    assert.deepEqual(second.cap.frame, noise(second.size, 1));
    assert.equal(world.clock.timers.next(), Number.POSITIVE_INFINITY);
  }
});

test('m2m begins when both sides stream and have a buffer, whichever comes last', () => {
  const orders = [
    ['out', 'cap', 'outBuffer', 'capBuffer'],
    ['cap', 'capBuffer', 'outBuffer', 'out'],
    ['outBuffer', 'capBuffer', 'out', 'cap'],
    ['capBuffer', 'out', 'cap', 'outBuffer'],
  ];
  for (const order of orders) {
    const { out, cap, size } = context(m2m());
    const steps: Record<string, () => void> = {
      out: () => out.streamon(),
      cap: () => cap.streamon(),
      outBuffer: () => out.queue(0, noise(size, 0)),
      capBuffer: () => cap.queue(0),
    };
    for (const step of order) {
      assert.equal(cap.file.poll(POLLIN) & POLLIN, 0);
      steps[step]?.();
    }
    assert.equal(cap.file.poll(POLLIN | POLLOUT) & (POLLIN | POLLOUT), POLLIN | POLLOUT, order.join());
  }
});

test('m2m polls ERR only while neither queue can do anything', () => {
  const { file, out, cap, size } = context(m2m());
  assert.equal(file.poll(POLLIN), POLLERR);
  assert.equal(file.poll(0), 0);
  out.streamon();
  assert.equal(file.poll(POLLIN | POLLOUT), POLLERR);
  out.queue(0, noise(size, 0));
  assert.equal(file.poll(POLLIN | POLLOUT), 0);
  cap.queueAll();
  cap.streamon();
  assert.equal(file.poll(POLLIN | POLLOUT) & POLLERR, 0);
  assert.equal(file.poll(POLLOUT) & POLLOUT, POLLOUT);
});

test('m2m tells who polls when the first buffer ends the error', () => {
  const { file, out, size } = context(m2m());
  out.streamon();
  let woken = 0;
  file.file.pollWait.add(() => woken++);
  out.queue(0, noise(size, 0));
  assert.ok(woken > 0);
});

test('m2m wakes a thread that waits for a frame', () => {
  const { out, cap, size } = running(m2m());
  const waits = cap.startDequeue();
  assert.equal(waits.result, undefined);
  out.queue(0, noise(size, 0));
  assert.equal(waits.result, 0);
});

test('m2m gives a frame to the next DQBUF when the answer to the last did not arrive', () => {
  const { vdev, ...world } = m2m();
  const { file, out, cap, size } = running({ vdev, ...world });
  out.queue(0, noise(size, 0));
  cap.dequeue();
  assert.equal(vdev.fops.undelivered(file.file, abi.VIDIOC_DQBUF), true);
  assert.equal(cap.dequeue().sequence, 0);
  out.dequeue();
  assert.equal(vdev.fops.undelivered(file.file, abi.VIDIOC_DQBUF), true);
  assert.equal(out.dequeue().sequence, 0);
});

test('m2m has the same format on both sides and refuses another while there are buffers', () => {
  const { program, vdev } = m2m();
  const file = program.open(vdev);
  const wanted = { width: 321, height: 200, fourcc: abi.V4L2_PIX_FMT_BGR24 };
  file.do(abi.VIDIOC_S_FMT, pixFormat(program, OUTPUT, wanted));
  const f = pixFormat(program, CAPTURE);
  file.do(abi.VIDIOC_G_FMT, f);
  const { width, height, pixelformat, sizeimage } = f.fmt.pix;
  assert.deepEqual([width, height, pixelformat, sizeimage], [320, 200, wanted.fourcc, 320 * 200 * 3]);
  const cap = new Stream(program, file, CAPTURE).allocate(2);
  assert.equal(file.ioctl(abi.VIDIOC_S_FMT, pixFormat(program, OUTPUT, { width: 640, height: 480 })), -EBUSY);
  assert.equal(file.ioctl(abi.VIDIOC_S_FMT, pixFormat(program, OUTPUT, wanted)), 0);
  assert.equal(cap.reqbufs(0), 0);
  assert.equal(file.ioctl(abi.VIDIOC_S_FMT, pixFormat(program, OUTPUT, { width: 640, height: 480 })), 0);
});

test('m2m passes on how the program of the output side means its colours', () => {
  const { program, vdev } = m2m();
  const file = program.open(vdev);
  const f = pixFormat(program, OUTPUT, { width: 64, height: 64, fourcc: abi.V4L2_PIX_FMT_YUYV });
  f.fmt.pix.priv = abi.V4L2_PIX_FMT_PRIV_MAGIC;
  f.fmt.pix.colorspace = abi.V4L2_COLORSPACE_REC709;
  f.fmt.pix.quantization = abi.V4L2_QUANTIZATION_FULL_RANGE;
  file.do(abi.VIDIOC_S_FMT, f);
  const got = pixFormat(program, CAPTURE);
  file.do(abi.VIDIOC_G_FMT, got);
  const { colorspace, quantization } = got.fmt.pix;
  assert.deepEqual(
    [colorspace, quantization],
    [abi.V4L2_COLORSPACE_REC709, abi.V4L2_QUANTIZATION_FULL_RANGE],
  );
});

test('m2m answers EPERM to a capture buffer that names a request, and EBADR to an output buffer', () => {
  const { out, cap, file } = context(m2m());
  for (const [stream, code] of [
    [cap, EPERM],
    [out, EBADR],
  ] as const) {
    const b = { index: 0, type: stream.type, memory: abi.V4L2_MEMORY_MMAP, field: 0 };
    Object.assign(stream.b, b, { flags: abi.V4L2_BUF_FLAG_REQUEST_FD });
    assert.equal(file.ioctl(abi.VIDIOC_QBUF, stream.b), -code);
  }
});

test('m2m refuses fields, and types that it does not have', () => {
  const { out, file } = context(m2m());
  out.b.$bytes.fill(0);
  out.b.type = OUTPUT;
  out.b.memory = abi.V4L2_MEMORY_MMAP;
  out.b.field = abi.V4L2_FIELD_TOP;
  assert.equal(file.ioctl(abi.VIDIOC_QBUF, out.b), -EINVAL);
  out.b.field = abi.V4L2_FIELD_NONE;
  out.b.type = abi.V4L2_BUF_TYPE_VIDEO_OUTPUT_MPLANE;
  assert.equal(file.ioctl(abi.VIDIOC_QBUF, out.b), -EINVAL);
});

test('m2m frees everything and answers ENODEV when the device goes in the middle of a job', () => {
  const world = m2m(',time=10');
  const { file, out, cap, size } = running(world);
  out.queue(0, noise(size, 0));
  const waits = cap.startDequeue();
  world.registry.unregister(world.vdev);
  assert.equal(waits.result, -EINVAL);
  assert.equal(world.clock.timers.next(), Number.POSITIVE_INFINITY, 'the job is ended');
  assert.equal(file.ioctl(abi.VIDIOC_DQBUF, cap.b), -ENODEV);
  assert.equal(file.poll(POLLIN) & POLLERR, POLLERR);
  world.clock.advance(100 * MS);
  file.close();
  assert.equal(world.clock.timers.next(), Number.POSITIVE_INFINITY);
});
