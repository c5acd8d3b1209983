import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as abi from '../../src/abi/index.ts';
import { EBUSY, EINVAL } from '../../src/base/errno.ts';
import { VirtualClock } from '../../src/base/timers.ts';
import { createCameras, drivers, parseCamera } from '../../src/drivers/index.ts';
import { heapPages } from '../../src/memory/pages.ts';
import { Program } from '../../src/testing/in-process-client.ts';
import { createBars } from '../../src/tpg/index.ts';
import { type VideoDevice, VideoDeviceRegistry } from '../../src/v4l2-core/index.ts';
import { POLLERR, POLLIN, POLLOUT, POLLPRI } from '../../src/vfs/file.ts';
import { int, noise, pixFormat, Stream } from '../support/streams.ts';
import '../support/driver-bugs.ts';

const OUTPUT = abi.V4L2_BUF_TYPE_VIDEO_OUTPUT;
const CAPTURE = abi.V4L2_BUF_TYPE_VIDEO_CAPTURE;
const START = 7_000_000_000;
const SECOND = 1_000_000_000;
const WIDTH = 64;
const HEIGHT = 48;
const FRAME = WIDTH * HEIGHT * 2;
const loopbackFormatNames = drivers.find('loopback')?.settings.format?.values as readonly string[];

function loopback(settings = '') {
  const clock = new VirtualClock(START);
  const registry = new VideoDeviceRegistry(clock);
  const spec = parseCamera(`loopback,size=${WIDTH}x${HEIGHT}${settings}`);
  const devices = createCameras(spec, { clock, pages: heapPages, instance: 0 });
  for (const vdev of devices) registry.register(vdev);
  const [output, capture] = devices as [VideoDevice, VideoDevice];
  const program = new Program(8 << 20);
  return { clock, registry, output, capture, program };
}

type World = ReturnType<typeof loopback>;

function producer({ program, output }: World, buffers = 3): Stream {
  const stream = new Stream(program, program.open(output), OUTPUT).allocate(buffers);
  stream.streamon();
  return stream;
}

function consumer({ program, capture }: World, buffers = 3): Stream {
  const stream = new Stream(program, program.open(capture), CAPTURE).allocate(buffers).queueAll();
  stream.streamon();
  return stream;
}

/** Gives frame `n` to the producer's queue in a buffer that is free, and takes the buffer back. */
function send(stream: Stream, n: number, timestamp = 0): void {
  stream.queue(n % stream.planes.length, noise(FRAME, n), timestamp);
  stream.dequeue();
}

/** What a device shows that nobody produces for. */
function placeholder(): Uint8Array {
  const frame = new Uint8Array(FRAME);
  const shape = { fourcc: abi.V4L2_PIX_FMT_YUYV, width: WIDTH, height: HEIGHT, bytesperline: 2 * WIDTH };
  createBars(shape).paint(frame, 0, 0);
  return frame;
}

test('loopback gives every frame of the producer to the consumer, bit by bit, with number and time', () => {
  const world = loopback();
  const out = producer(world);
  const cap = consumer(world);
  for (let n = 0; n < 100; n++) {
    const timestamp = START + n * 40_000_000;
    send(out, n, timestamp);
    assert.equal(out.b.sequence, n);
    assert.deepEqual(cap.next(), { frame: noise(FRAME, n), sequence: n, timestamp });
  }
});

test('loopback passes the time of a wall clock on to the microsecond, also of a frame that it keeps', () => {
  const world = loopback();
  const cap = consumer(world, 2);
  const out = producer(world);
  const time = { tv_sec: 1_763_648_683, tv_usec: 15_838 };
  // One more than the consumer has buffers for: the last is delivered after its producer has gone.
  for (let n = 0; n < 3; n++) {
    const b = { index: n % out.planes.length, type: OUTPUT, memory: abi.V4L2_MEMORY_MMAP };
    Object.assign(out.b, b, { flags: 0, field: 0, bytesused: FRAME });
    Object.assign(out.b.timestamp, time);
    out.file.do(abi.VIDIOC_QBUF, out.b);
    if (n < 2) out.dequeue();
  }
  out.file.close();
  for (let n = 0; n < 3; n++) {
    const { timestamp, index } = cap.dequeue();
    assert.deepEqual([timestamp.tv_sec, timestamp.tv_usec], [time.tv_sec, time.tv_usec]);
    cap.queue(index);
  }
});

test('loopback gives a frame the present time when the producer gives it none', () => {
  const world = loopback();
  const out = producer(world);
  const cap = consumer(world);
  world.clock.advance(123_000_000);
  send(out, 0);
  assert.equal(cap.next().timestamp, START + 123_000_000);
});

test('loopback passes on what kind of frame it is and its timecode', () => {
  const world = loopback();
  const out = producer(world);
  const cap = consumer(world);
  const { b, file } = out;
  b.$bytes.fill(0);
  b.type = OUTPUT;
  b.memory = abi.V4L2_MEMORY_MMAP;
  b.flags = abi.V4L2_BUF_FLAG_KEYFRAME | abi.V4L2_BUF_FLAG_TIMECODE;
  b.timecode.frames = 17;
  file.do(abi.VIDIOC_QBUF, b);
  const got = cap.dequeue();
  assert.equal(got.flags & abi.V4L2_BUF_FLAG_KEYFRAME, abi.V4L2_BUF_FLAG_KEYFRAME);
  assert.equal(got.timecode.frames, 17);
});

for (const name of loopbackFormatNames) {
  test(`loopback carries ${name} and shows a placeholder of it`, () => {
    const world = loopback(`,format=${name}`);
    const cap = consumer(world);
    world.clock.advance(0);
    const shown = cap.next().frame;
    assert.ok(shown.length > 0 && new Set(shown).size > 2, 'there is a picture');
    const out = producer(world);
    const isCompressed = ['MJPEG', 'JPEG', 'H264'].includes(name);
    for (const [n, part] of [1, 0.5, 0.25].entries()) {
      const length = (out.planes[0]?.[0]?.length ?? 0) * (isCompressed ? part : 1);
      const frame = noise(length, n);
      out.queue(n, frame);
      out.dequeue();
      assert.deepEqual(cap.next().frame, frame);
    }
  });
}

test('loopback shows the format of the producer on the capture node, and gives no other while it is there', () => {
  const world = loopback();
  const { program } = world;
  const out = program.open(world.output);
  const cap = program.open(world.capture);
  const wanted = { width: 320, height: 240, fourcc: abi.V4L2_PIX_FMT_NV12 };
  out.do(abi.VIDIOC_S_FMT, pixFormat(program, OUTPUT, wanted));
  for (const cmd of [abi.VIDIOC_G_FMT, abi.VIDIOC_TRY_FMT, abi.VIDIOC_S_FMT]) {
    const f = pixFormat(program, CAPTURE, { width: 640, height: 480, fourcc: abi.V4L2_PIX_FMT_RGB24 });
    cap.do(cmd, f);
    const { width, height, pixelformat, bytesperline, sizeimage } = f.fmt.pix;
    assert.deepEqual([width, height, pixelformat], [320, 240, abi.V4L2_PIX_FMT_NV12]);
    assert.deepEqual([bytesperline, sizeimage], [320, (320 * 240 * 3) / 2]);
  }
  out.close();
  const free = pixFormat(program, CAPTURE, { width: 640, height: 480, fourcc: abi.V4L2_PIX_FMT_RGB24 });
  cap.do(abi.VIDIOC_S_FMT, free);
  assert.deepEqual([free.fmt.pix.width, free.fmt.pix.pixelformat], [640, abi.V4L2_PIX_FMT_RGB24]);
});

test('loopback lists the one format, size and interval of the producer on the capture node', () => {
  const world = loopback();
  const { program } = world;
  const desc = program.make(abi.v4l2_fmtdesc);
  const out = program.open(world.output);
  const cap = program.open(world.capture);
  const count = () => {
    let n = 0;
    for (; ; n++) {
      desc.index = n;
      desc.type = CAPTURE;
      if (cap.ioctl(abi.VIDIOC_ENUM_FMT, desc) !== 0) return n;
    }
  };
  assert.equal(count(), loopbackFormatNames.length);
  out.do(
    abi.VIDIOC_S_FMT,
    pixFormat(program, OUTPUT, { width: 320, height: 240, fourcc: abi.V4L2_PIX_FMT_GREY }),
  );
  assert.equal(count(), 1);
  const size = program.make(abi.v4l2_frmsizeenum);
  size.pixel_format = abi.V4L2_PIX_FMT_GREY;
  cap.do(abi.VIDIOC_ENUM_FRAMESIZES, size);
  assert.deepEqual([size.discrete.width, size.discrete.height], [320, 240]);
  size.index = 1;
  assert.notEqual(cap.ioctl(abi.VIDIOC_ENUM_FRAMESIZES, size), 0);
});

test('loopback takes the size of a compressed frame from the producer', () => {
  const { program, output, capture } = loopback();
  const wanted = { width: 640, height: 480, fourcc: abi.V4L2_PIX_FMT_MJPEG, sizeimage: 123_456 };
  program.open(output).do(abi.VIDIOC_S_FMT, pixFormat(program, OUTPUT, wanted));
  const f = pixFormat(program, CAPTURE);
  program.open(capture).do(abi.VIDIOC_G_FMT, f);
  assert.deepEqual([f.fmt.pix.sizeimage, f.fmt.pix.bytesperline], [123_456, 0]);
});

test('loopback keeps the frame size while a consumer has buffers, and the producer may only have the same', () => {
  const world = loopback();
  const { program, output } = world;
  const cap = consumer(world);
  const out = program.open(output);
  const other = { width: 320, height: 240, fourcc: abi.V4L2_PIX_FMT_YUYV };
  const same = { width: WIDTH, height: HEIGHT, fourcc: abi.V4L2_PIX_FMT_YUYV };
  assert.equal(out.ioctl(abi.VIDIOC_S_FMT, pixFormat(program, OUTPUT, other)), -EBUSY);
  assert.equal(out.ioctl(abi.VIDIOC_S_FMT, pixFormat(program, OUTPUT, same)), 0);
  cap.streamoff();
  assert.equal(cap.reqbufs(0), 0);
  assert.equal(out.ioctl(abi.VIDIOC_S_FMT, pixFormat(program, OUTPUT, other)), 0);
});

test('loopback shows the interval of the producer to consumers, who cannot change it', () => {
  const { program, output, capture } = loopback();
  const out = program.open(output);
  const cap = program.open(capture);
  out.do(abi.VIDIOC_S_FMT, pixFormat(program, OUTPUT, { width: WIDTH, height: HEIGHT }));
  const parm = program.make(abi.v4l2_streamparm);
  parm.type = OUTPUT;
  parm.parm.output.timeperframe.numerator = 1001;
  parm.parm.output.timeperframe.denominator = 24000;
  out.do(abi.VIDIOC_S_PARM, parm);
  parm.type = CAPTURE;
  for (const cmd of [abi.VIDIOC_S_PARM, abi.VIDIOC_G_PARM]) {
    parm.parm.capture.timeperframe.numerator = 1;
    parm.parm.capture.timeperframe.denominator = 5;
    cap.do(cmd, parm);
    const { numerator, denominator } = parm.parm.capture.timeperframe;
    assert.deepEqual([numerator, denominator], [1001, 24000]);
  }
});

test('loopback shows a placeholder at the frame rate until a producer streams, then its frames only', () => {
  const world = loopback(',fps=10');
  const cap = consumer(world);
  for (let n = 0; n < 5; n++) {
    world.clock.advance(n === 0 ? 0 : SECOND / 10);
    assert.deepEqual(cap.next(), { frame: placeholder(), sequence: n, timestamp: START + (n * SECOND) / 10 });
    assert.ok(cap.isEmpty);
  }
  const out = producer(world);
  send(out, 0, START);
  assert.deepEqual(cap.next(), { frame: noise(FRAME, 0), sequence: 5, timestamp: START });
  world.clock.advance(10 * SECOND);
  assert.ok(cap.isEmpty, 'no placeholder while a producer streams');
});

test('loopback goes on with the placeholder when the producer dies, and with frames when it is back', () => {
  const world = loopback(',fps=10');
  const cap = consumer(world);
  for (let round = 0; round < 3; round++) {
    const out = producer(world);
    for (let n = 0; n < 3; n++) {
      send(out, n);
      assert.deepEqual(cap.next().frame, noise(FRAME, n));
    }
    out.file.close();
    assert.ok(cap.isEmpty);
    world.clock.advance(SECOND / 10);
    const shown = cap.next();
    assert.deepEqual(shown.frame, placeholder());
    assert.equal(shown.sequence, round * 4 + 3);
  }
});

test('loopback takes frames at once when nobody reads', () => {
  const out = producer(loopback());
  for (let n = 0; n < 10; n++) send(out, n);
  assert.equal(out.b.sequence, 9);
});

test('loopback numbers frames from the first that a consumer gets when it comes late', () => {
  const world = loopback();
  const out = producer(world);
  for (let n = 0; n < 10; n++) send(out, n);
  const cap = consumer(world);
  send(out, 10);
  const { frame, sequence } = cap.next();
  assert.deepEqual([frame, sequence], [noise(FRAME, 10), 0]);
});

test('loopback shows who comes late the last frame of a producer that stands still, once', () => {
  const world = loopback(',fps=10');
  const out = producer(world);
  for (let n = 0; n < 4; n++) send(out, n);
  for (let round = 0; round < 2; round++) {
    const cap = consumer(world);
    assert.ok(cap.isEmpty, 'the next one may come');
    world.clock.advance(SECOND / 10);
    const { frame, sequence, timestamp } = cap.next();
    assert.deepEqual([frame, sequence, timestamp], [noise(FRAME, 3), 0, world.clock.now()]);
    world.clock.advance(10 * SECOND);
    assert.ok(cap.isEmpty);
    cap.file.close();
  }
  const cap = consumer(world);
  send(out, 4);
  world.clock.advance(SECOND);
  assert.deepEqual([cap.next().frame, cap.isEmpty], [noise(FRAME, 4), true]);
});

test('loopback has no last frame of a producer that has stopped, or has freed the buffer of it', () => {
  const world = loopback(',fps=10');
  const out = producer(world);
  send(out, 0);
  const remove = world.program.make(abi.v4l2_remove_buffers);
  Object.assign(remove, { index: 0, count: 1, type: OUTPUT });
  out.file.do(abi.VIDIOC_REMOVE_BUFS, remove);
  const cap = consumer(world);
  world.clock.advance(SECOND);
  assert.ok(cap.isEmpty);
  send(out, 1);
  assert.deepEqual(cap.next().frame, noise(FRAME, 1));
  cap.streamoff();
  out.streamoff();
  cap.queueAll().streamon();
  world.clock.advance(0);
  assert.deepEqual(cap.next().frame, placeholder());
});

/** V4L2_EVENT_PRI_CLIENT_USAGE */
const USAGE = abi.V4L2_EVENT_PRIVATE_START + 0x08e0_0001;

test('loopback tells who has asked for it how many read, from the first word and at each change', () => {
  const world = loopback(',readers=many');
  const { program, output } = world;
  const out = program.open(output, { nonblock: true });
  const sub = program.make(abi.v4l2_event_subscription);
  Object.assign(sub, { type: USAGE, flags: abi.V4L2_EVENT_SUB_FL_SEND_INITIAL });
  const event = program.make(abi.v4l2_event);
  const told = (): number | undefined => {
    if (out.ioctl(abi.VIDIOC_DQEVENT, event) !== 0) return undefined;
    assert.equal(event.type, USAGE);
    return event.u.src_change.changes;
  };
  const first = consumer(world);
  out.do(abi.VIDIOC_SUBSCRIBE_EVENT, sub);
  assert.equal(told(), 1);
  const second = consumer(world);
  assert.deepEqual([out.poll(POLLPRI) & POLLPRI, told(), told()], [POLLPRI, 2, undefined]);
  second.streamoff();
  assert.equal(told(), 1);
  second.file.close();
  first.file.close();
  assert.deepEqual([told(), told()], [0, undefined]);
  Object.assign(sub, { type: USAGE + 1 });
  assert.equal(out.ioctl(abi.VIDIOC_SUBSCRIBE_EVENT, sub), -EINVAL);
});

test('loopback lets a frame wait for a consumer that has no buffer queued, and loses none', () => {
  const world = loopback();
  const out = producer(world, 2);
  const cap = consumer(world, 2);
  for (let n = 0; n < 4; n++) {
    if (n >= 2) assert.equal(out.isEmpty, false);
    out.queue(n % 2, noise(FRAME, n));
  }
  const waits = out.startDequeue();
  assert.equal(waits.result, undefined, 'the producer waits');
  assert.equal(out.file.poll(POLLOUT), 0);
  for (let n = 0; n < 4; n++) {
    const { frame, sequence } = cap.next();
    assert.deepEqual([frame, sequence], [noise(FRAME, n), n]);
    if (n === 0) assert.equal(waits.result, 0);
  }
});

test('loopback with drop=late gives up a consumer after a second, until it queues a buffer again', () => {
  const world = loopback();
  const out = producer(world, 2);
  const cap = consumer(world, 2);
  for (let n = 0; n < 2; n++) send(out, n);
  out.queue(0, noise(FRAME, 2));
  world.clock.advance(SECOND - 1);
  assert.ok(out.isEmpty);
  world.clock.advance(1);
  assert.equal(out.isEmpty, false, 'the frame is dropped');
  for (let n = 3; n < 10; n++) send(out, n);
  assert.deepEqual(cap.next().frame, noise(FRAME, 0));
  send(out, 10);
  assert.deepEqual(cap.next().frame, noise(FRAME, 1));
  const { frame, sequence } = cap.next();
  assert.deepEqual([frame, sequence], [noise(FRAME, 10), 10], 'lost frames leave a gap');
});

test('loopback with drop=now never makes the producer wait', () => {
  const world = loopback(',drop=now');
  const out = producer(world, 2);
  const cap = consumer(world, 2);
  for (let n = 0; n < 10; n++) send(out, n);
  assert.deepEqual([cap.next().sequence, cap.next().sequence], [0, 1]);
  send(out, 10);
  assert.equal(cap.next().sequence, 10);
});

test('loopback with drop=never waits until the consumer stops', () => {
  const world = loopback(',drop=never');
  const out = producer(world, 2);
  const cap = consumer(world, 2);
  for (let n = 0; n < 2; n++) send(out, n);
  out.queue(0, noise(FRAME, 2));
  world.clock.advance(3600 * SECOND);
  assert.ok(out.isEmpty);
  cap.file.close();
  assert.equal(out.isEmpty, false);
});

test('loopback delivers what a producer had given when it closes before the consumer took it', () => {
  const world = loopback(',fps=10');
  const out = producer(world, 4);
  const cap = consumer(world, 2);
  for (let n = 0; n < 4; n++) out.queue(n, noise(FRAME, n), START + n * 1000);
  out.file.close();
  for (let n = 0; n < 4; n++) {
    assert.deepEqual(cap.next(), { frame: noise(FRAME, n), sequence: n, timestamp: START + n * 1000 });
  }
  world.clock.advance(SECOND);
  assert.deepEqual(cap.next().frame, placeholder());
});

test('loopback has one reader unless told otherwise: another one is refused buffers', () => {
  const world = loopback();
  consumer(world);
  const { program } = world;
  assert.equal(new Stream(program, program.open(world.capture), CAPTURE).reqbufs(2), -EBUSY);
});

test('loopback has one producer: another one is refused buffers', () => {
  const world = loopback();
  producer(world);
  const { program } = world;
  assert.equal(new Stream(program, program.open(world.output), OUTPUT).reqbufs(2), -EBUSY);
});

test('loopback with readers=many gives all frames to every reader, whenever it comes and goes', () => {
  const world = loopback(',readers=many');
  const out = producer(world);
  const first = consumer(world);
  send(out, 0);
  const second = consumer(world);
  for (let n = 1; n < 4; n++) {
    send(out, n);
    assert.deepEqual(second.next(), { frame: noise(FRAME, n), sequence: n - 1, timestamp: START });
    if (n < 2) continue;
    assert.equal(first.next().sequence, n - 2);
  }
  second.file.close();
  for (const n of [2, 3]) assert.deepEqual(first.next().frame, noise(FRAME, n));
  send(out, 4);
  assert.deepEqual(first.next(), { frame: noise(FRAME, 4), sequence: 4, timestamp: START });
});

test('loopback with readers=many does not let a reader that hangs stop the others for more than a second', () => {
  const world = loopback(',readers=many');
  const out = producer(world, 2);
  const hangs = consumer(world, 2);
  const reads = consumer(world, 2);
  for (let n = 0; n < 2; n++) send(out, n);
  for (let n = 0; n < 2; n++) reads.next();
  out.queue(0, noise(FRAME, 2));
  assert.equal(reads.next().sequence, 2);
  assert.ok(out.isEmpty, 'the frame waits for the one that hangs');
  world.clock.advance(SECOND);
  assert.equal(out.isEmpty, false);
  for (let n = 3; n < 20; n++) {
    send(out, n);
    assert.deepEqual(reads.next().frame, noise(FRAME, n));
  }
  assert.equal(hangs.next().sequence, 0);
});

test('loopback with readers=many wakes and ends all readers when the device goes', () => {
  const world = loopback(',readers=many');
  const cap = consumer(world);
  producer(world);
  const waits = cap.startDequeue();
  assert.equal(waits.result, undefined);
  world.registry.unregister(world.capture);
  assert.ok((waits.result ?? 0) < 0);
  assert.equal(cap.file.poll(POLLIN) & POLLERR, POLLERR);
  cap.file.close();
});

test('loopback takes raw frames by write() in pieces of any size', () => {
  const world = loopback();
  const { program, output } = world;
  const cap = consumer(world);
  const file = program.open(output);
  const frames = [noise(FRAME, 1), noise(FRAME, 2)];
  const all = new Uint8Array(2 * FRAME);
  for (const [n, frame] of frames.entries()) all.set(frame, n * FRAME);
  const address = cap.bytesAt(all);
  for (let at = 0; at < all.length; ) {
    const written = file.write(address + at, Math.min(1000, all.length - at)).result ?? -1;
    assert.ok(written > 0);
    at += written;
  }
  for (const frame of frames) assert.deepEqual(cap.next().frame, frame);
  const other = program.open(output);
  assert.equal(other.write(address, FRAME).result, -EBUSY);
});

test('loopback takes each write() as a frame when frames are compressed', () => {
  const world = loopback(',format=MJPEG');
  const cap = consumer(world);
  const { program, output } = world;
  const out = program.open(output);
  out.do(
    abi.VIDIOC_S_FMT,
    pixFormat(program, OUTPUT, { width: WIDTH, height: HEIGHT, fourcc: abi.V4L2_PIX_FMT_MJPEG }),
  );
  for (const length of [1000, 10, 4000]) {
    const frame = noise(length, length);
    assert.equal(out.write(cap.bytesAt(frame), length).result, length);
    assert.deepEqual(cap.next().frame, frame);
  }
});

test('loopback can be read() while it is written', () => {
  const world = loopback();
  const { program, output, capture } = world;
  const out = program.open(output);
  const cap = program.open(capture);
  const bytes = noise(FRAME, 3);
  const { address, bytes: got } = program.alloc(FRAME);
  const from = program.alloc(FRAME);
  from.bytes.set(bytes);
  assert.equal(out.write(from.address, FRAME).result, FRAME);
  const reading = cap.read(address, FRAME);
  assert.equal(reading.result, undefined);
  assert.equal(out.write(from.address, FRAME).result, FRAME);
  assert.equal(reading.result, FRAME);
  assert.deepEqual(got, bytes);
});

test('loopback leaves no timer behind when both sides have closed', () => {
  const world = loopback();
  const out = producer(world);
  const cap = consumer(world, 2);
  for (let n = 0; n < 2; n++) send(out, n);
  out.queue(0, noise(FRAME, 9));
  cap.file.close();
  out.file.close();
  assert.equal(world.clock.timers.next(), Number.POSITIVE_INFINITY);
});

test('loopback answers as an output device: one output, no input', () => {
  const { program, output } = loopback();
  const file = program.open(output);
  const out = program.make(abi.v4l2_output);
  file.do(abi.VIDIOC_ENUMOUTPUT, out);
  assert.equal(out.type, abi.V4L2_OUTPUT_TYPE_ANALOG);
  file.do(abi.VIDIOC_S_OUTPUT, int(program, 0));
  assert.notEqual(file.ioctl(abi.VIDIOC_S_OUTPUT, int(program, 1)), 0);
  assert.notEqual(file.ioctl(abi.VIDIOC_ENUMINPUT, program.make(abi.v4l2_input)), 0);
});
