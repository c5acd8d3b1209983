/** How often a frame is moved on its way through a loopback device, and when. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as abi from '../../src/abi/index.ts';
import { VirtualClock } from '../../src/base/timers.ts';
import { createCameras, parseCamera } from '../../src/drivers/index.ts';
import { heapPages } from '../../src/memory/pages.ts';
import { Program } from '../../src/testing/in-process-client.ts';
import { type VideoDevice, VideoDeviceRegistry } from '../../src/v4l2-core/index.ts';
import type { Caller, UserMemory } from '../../src/vfs/file.ts';
import { int, noise, Stream } from '../support/streams.ts';
import '../support/driver-bugs.ts';

const OUTPUT = abi.V4L2_BUF_TYPE_VIDEO_OUTPUT;
const CAPTURE = abi.V4L2_BUF_TYPE_VIDEO_CAPTURE;
const FRAME = 64 * 48 * 2;

/** The two nodes, and the program that uses both. */
function world(settings = '', size = '64x48') {
  const clock = new VirtualClock();
  const registry = new VideoDeviceRegistry(clock);
  const spec = parseCamera(`loopback,size=${size}${settings}`);
  const [output, capture] = createCameras(spec, { clock, pages: heapPages, instance: 0 }) as [
    VideoDevice,
    VideoDevice,
  ];
  registry.register(output);
  registry.register(capture);
  return { output, capture, program: new Program(8 << 20) };
}

type World = ReturnType<typeof world>;

function reader({ program, capture }: World, buffers: number): Stream {
  const cap = new Stream(program, program.open(capture), CAPTURE);
  cap.allocate(buffers).queueAll().streamon();
  return cap;
}

/**
 * Memory that is pinned is another place than the program's own, as it is when that is another process; gives where each
 * fetch went: undefined stands for that other place.
 */
function watchFetches(program: Program): (Uint8Array | undefined)[] {
  const memory = program.memory as UserMemory;
  const pin = memory.pin.bind(memory);
  const seen: (Uint8Array | undefined)[] = [];
  memory.pin = (address, length, written) => {
    assert.equal(written, false);
    const theirs = pin(address, length, written).bytes;
    const bytes = new Uint8Array(length);
    const fetch = (count: number, to?: Uint8Array) => {
      seen.push(to);
      (to ?? bytes).set(theirs.subarray(0, count));
      return true;
    };
    return { bytes, fetch, flush: () => true, release: () => {} };
  };
  return seen;
}

/** A producer whose frames are in memory of its own. */
function userptrProducer(world: World, isStreaming = true) {
  const { program, output } = world;
  const file = program.open(output);
  const req = program.make(abi.v4l2_requestbuffers);
  Object.assign(req, { count: 2, type: OUTPUT, memory: abi.V4L2_MEMORY_USERPTR });
  file.do(abi.VIDIOC_REQBUFS, req);
  const memories = [program.alloc(FRAME), program.alloc(FRAME)];
  const b = program.make(abi.v4l2_buffer);
  const streamon = () => file.do(abi.VIDIOC_STREAMON, int(program, OUTPUT));
  if (isStreaming) streamon();
  const describe = (index: number) => {
    b.$bytes.fill(0);
    Object.assign(b, {
      index,
      type: OUTPUT,
      memory: abi.V4L2_MEMORY_USERPTR,
      bytesused: FRAME,
      length: FRAME,
    });
    b.m.userptr = memories[index]?.address ?? 0;
  };
  const send = (n: number) => {
    const index = n % 2;
    memories[index]?.bytes.set(noise(FRAME, n));
    describe(index);
    file.do(abi.VIDIOC_QBUF, b);
    // The program is gone.
    memories[index]?.bytes.fill(0);
  };
  const dequeue = () => {
    describe(0);
    file.do(abi.VIDIOC_DQBUF, b);
  };
  return { send, dequeue, streamon };
}

test('a frame in memory of its program goes into the buffer of a reader that waits for it, and nowhere else', () => {
  const all = world();
  const fetched = watchFetches(all.program);
  const cap = reader(all, 3);
  const out = userptrProducer(all);
  for (let n = 0; n < 6; n++) {
    fetched.length = 0;
    out.send(n);
    out.dequeue();
    const { index } = cap.dequeue();
    const plane = cap.planes[index]?.[0] as Uint8Array;
    assert.deepEqual(plane, noise(FRAME, n));
    assert.equal(fetched.length, 1);
    assert.deepEqual([fetched[0]?.buffer, fetched[0]?.byteOffset], [plane.buffer, plane.byteOffset]);
    cap.queue(index);
  }
});

test('a frame in memory of its program is ours when its QBUF is over, also if no reader is ready for it', () => {
  const all = world();
  const fetched = watchFetches(all.program);
  const cap = reader(all, 2);
  const out = userptrProducer(all);
  for (let n = 0; n < 2; n++) {
    out.send(n);
    out.dequeue();
  }
  fetched.length = 0;
  out.send(2);
  assert.deepEqual(fetched, [undefined]);
  for (let n = 0; n < 3; n++) assert.deepEqual(cap.next().frame, noise(FRAME, n));
  assert.equal(fetched.length, 1);
});

test('a frame in memory of its program is fetched at its QBUF when that comes before STREAMON', () => {
  const all = world();
  const fetched = watchFetches(all.program);
  const cap = reader(all, 2);
  const out = userptrProducer(all, false);
  out.send(0);
  assert.deepEqual(fetched, [undefined]);
  out.streamon();
  assert.deepEqual(cap.next().frame, noise(FRAME, 0));
  assert.equal(fetched.length, 1);
});

test('a frame in memory of its program is not fetched for nobody, and by each of several readers', () => {
  const all = world(',readers=many');
  const fetched = watchFetches(all.program);
  const out = userptrProducer(all);
  out.send(0);
  out.dequeue();
  assert.deepEqual(fetched, []);
  const caps = [reader(all, 2), reader(all, 2)];
  out.send(1);
  for (const cap of caps) assert.deepEqual(cap.next().frame, noise(FRAME, 1));
  assert.equal(fetched.length, 2);
});

/** A frame of more than one piece, and less than two. */
const LARGE = 640 * 480 * 2;

/** A mapped producer and a reader of two buffers each; what is left to be done after a QBUF of the producer is done by `later`. */
function inPieces() {
  const all = world('', '640x480');
  const cap = reader(all, 2);
  const { program, output } = all;
  const out = new Stream(program, program.open(output), OUTPUT);
  out.allocate(2).streamon();
  const later: (() => boolean)[] = [];
  const caller: Caller = {
    memory: program.memory,
    asleep: false,
    sleep: () => assert.fail('QBUF never sleeps'),
    installFd: (fd) => fd,
    takeFd: (fd) => fd,
    afterwards: (work) => {
      if (!later.includes(work)) later.push(work);
    },
  };
  const { file } = out.file;
  const send = (index: number, n: number) => {
    out.planes[index]?.[0]?.set(noise(LARGE, n));
    const b = program.make(abi.v4l2_buffer);
    Object.assign(b, { index, type: OUTPUT, memory: abi.V4L2_MEMORY_MMAP, bytesused: LARGE });
    assert.equal(file.device.fops.ioctl(file, abi.VIDIOC_QBUF, program.addressOf(b), caller), 0);
  };
  const plane = (index: number) => cap.planes[index]?.[0] as Uint8Array;
  return { ...all, cap, out, later, send, plane };
}

test('QBUF of a mapped frame is over before the frame is copied, and others are served between its pieces', () => {
  const { cap, later, send, plane } = inPieces();
  const frame = noise(LARGE, 7);
  send(0, 7);
  assert.equal(later.length, 1);
  assert.equal(
    plane(0).every((byte) => byte === 0),
    true,
  );
  assert.equal(later[0]?.(), true);
  assert.deepEqual(plane(0)[0], frame[0]);
  assert.equal(
    plane(0)
      .subarray(-1000)
      .every((byte) => byte === 0),
    true,
  );
  send(1, 8);
  assert.equal(later.length, 1);
  assert.equal(later[0]?.(), true);
  assert.deepEqual(cap.next().frame, frame);
  while (later[0]?.());
  assert.deepEqual(plane(1), noise(LARGE, 8));
});

test('who asks for a frame and does not wait gets one of which a piece is there', () => {
  const { cap, later, send } = inPieces();
  cap.file.nonblock = true;
  send(0, 1);
  later[0]?.();
  assert.deepEqual(cap.next().frame, noise(LARGE, 1));
  assert.equal(later[0]?.(), false);
  assert.equal(cap.isEmpty, true);
});

test('a reader or a producer that stops in the middle of a frame leaves the next ones whole', () => {
  const { cap, out, later, send } = inPieces();
  send(0, 1);
  later[0]?.();
  cap.streamoff();
  while (later[0]?.());
  out.dequeue();
  cap.queueAll().streamon();
  send(0, 2);
  later[0]?.();
  send(1, 3);
  out.streamoff();
  for (const n of [2, 3]) assert.deepEqual(cap.next().frame, noise(LARGE, n));
});
