/** Frames that a program gives with write(): a whole one goes straight into the buffer of a reader. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as abi from '../../src/abi/index.ts';
import { EFAULT, EINTR, EINVAL } from '../../src/base/errno.ts';
import { VirtualClock } from '../../src/base/timers.ts';
import { createCameras, parseCamera } from '../../src/drivers/index.ts';
import { heapPages } from '../../src/memory/pages.ts';
import { BAD_ADDRESS, Program } from '../../src/testing/in-process-client.ts';
import { type VideoDevice, VideoDeviceRegistry } from '../../src/v4l2-core/index.ts';
import { type Caller, type UserMemory, WOULD_BLOCK } from '../../src/vfs/file.ts';
import { noise, Stream } from '../support/streams.ts';
import '../support/driver-bugs.ts';

const FRAME = 64 * 48 * 2;
const SECOND = 1_000_000_000;

/** A program that writes frames, and readers with `buffers` buffers each, all of them queued. */
function world({ settings = '', readers = 1, buffers = 3, size = '64x48' } = {}) {
  const clock = new VirtualClock();
  const registry = new VideoDeviceRegistry(clock);
  const spec = parseCamera(`loopback,size=${size}${settings}`);
  const [output, capture] = createCameras(spec, { clock, pages: heapPages, instance: 0 }) as [
    VideoDevice,
    VideoDevice,
  ];
  registry.register(output);
  registry.register(capture);
  const program = new Program(16 << 20);
  const caps = Array.from({ length: readers }, () => {
    const cap = new Stream(program, program.open(capture), abi.V4L2_BUF_TYPE_VIDEO_CAPTURE);
    cap.allocate(buffers).queueAll().streamon();
    return cap;
  });
  const memory = program.alloc(FRAME);
  const out = program.open(output);
  const start = (n: number) => {
    memory.bytes.set(noise(FRAME, n));
    return out.write(memory.address, FRAME);
  };
  return { clock, registry, output, program, out, start, caps, cap: caps[0] as Stream };
}

/** Which memory the calls of a program are read into. */
function watchReads(program: Program): Uint8Array[] {
  const memory = program.memory as UserMemory;
  const read = memory.read.bind(memory);
  const seen: Uint8Array[] = [];
  memory.read = (address, destination) => {
    seen.push(destination);
    read(address, destination);
  };
  return seen;
}

test('write() reads a frame into the memory of the reader that waits for it, and into no other', () => {
  const { program, start, cap } = world();
  start(0);
  cap.next();
  const seen = watchReads(program);
  for (let n = 1; n < 7; n++) {
    seen.length = 0;
    assert.equal(start(n).result, FRAME);
    assert.equal(seen.length, 1);
    const { index } = cap.dequeue();
    const plane = cap.planes[index]?.[0] as Uint8Array;
    assert.deepEqual([seen[0]?.buffer, seen[0]?.byteOffset], [plane.buffer, plane.byteOffset]);
    assert.deepEqual(plane, noise(FRAME, n));
    cap.queue(index);
  }
});

test('write() gives frames of all ways with their numbers and times, in their order', () => {
  const { clock, program, out, start, cap } = world();
  const memory = program.alloc(FRAME);
  for (let n = 0; n < 12; n++) {
    if (n > 0) clock.advance(1000);
    if (n % 3 !== 2) assert.equal(start(n).result, FRAME);
    else {
      memory.bytes.set(noise(FRAME, n));
      assert.equal(out.write(memory.address, 1000).result, 1000);
      assert.equal(out.write(memory.address + 1000, FRAME).result, FRAME - 1000);
    }
    assert.deepEqual(cap.next(), { frame: noise(FRAME, n), sequence: n, timestamp: clock.now() });
  }
});

test('write() gives every reader the frame', () => {
  const { start, caps } = world({ settings: ',readers=many', readers: 3 });
  for (let n = 0; n < 8; n++) {
    assert.equal(start(n).result, FRAME);
    for (const cap of caps) assert.deepEqual(cap.next().frame, noise(FRAME, n));
  }
});

test('write() waits while a reader has no buffer queued, and goes on when it has', () => {
  const { start, cap } = world({ buffers: 2 });
  assert.equal(start(0).result, FRAME);
  assert.equal(start(1).result, FRAME);
  const third = start(2);
  assert.equal(third.result, undefined);
  for (let n = 0; n < 2; n++) assert.deepEqual(cap.next().frame, noise(FRAME, n));
  assert.equal(third.result, FRAME);
  assert.deepEqual(cap.next().frame, noise(FRAME, 2));
});

test('write() does not wait with O_NONBLOCK: there are buffers of the producer first', () => {
  const { out, start, cap } = world({ buffers: 2 });
  for (let n = 0; n < 2; n++) assert.equal(start(n).result, FRAME);
  out.nonblock = true;
  assert.equal(start(2).result, FRAME);
  for (let n = 0; n < 3; n++) assert.deepEqual(cap.next().frame, noise(FRAME, n));
});

test('write() waits a second for a reader and then for none, until that queues a buffer again', () => {
  const { clock, start, cap } = world({ buffers: 2 });
  for (let n = 0; n < 2; n++) start(n);
  const third = start(2);
  clock.advance(SECOND - 1);
  assert.equal(third.result, undefined);
  clock.advance(1);
  assert.equal(third.result, FRAME);
  assert.equal(start(3).result, FRAME);
  for (let n = 0; n < 2; n++) assert.deepEqual(cap.next().frame, noise(FRAME, n));
  assert.equal(start(4).result, FRAME);
  const { frame, sequence } = cap.next();
  assert.deepEqual([frame, sequence], [noise(FRAME, 4), 4]);
});

test('write() gives a slow reader up after a second although another one goes on', () => {
  const { clock, start, caps } = world({ settings: ',readers=many', readers: 2, buffers: 2 });
  const [quick] = caps as [Stream, Stream];
  start(0);
  quick.next();
  start(1);
  const held = quick.dequeue().index;
  const third = start(2);
  for (let i = 0; i < 10; i++) {
    assert.equal(third.result, undefined);
    // It wakes the writer, which tries again and does not begin to count anew.
    if (i === 4) quick.queue(held);
    clock.advance(SECOND / 10);
  }
  assert.equal(third.result, FRAME);
  assert.deepEqual(quick.next().frame, noise(FRAME, 2));
});

test('write() with drop=now never waits', () => {
  const { start, cap } = world({ settings: ',drop=now', buffers: 2 });
  for (let n = 0; n < 10; n++) assert.equal(start(n).result, FRAME);
  for (let n = 0; n < 2; n++) assert.deepEqual(cap.next().frame, noise(FRAME, n));
});

test('write() that is interrupted while it waits has given nothing', () => {
  const { start, cap } = world({ buffers: 2 });
  for (let n = 0; n < 2; n++) start(n);
  const third = start(2);
  third.interrupt();
  assert.equal(third.result, -EINTR);
  for (let n = 0; n < 2; n++) assert.deepEqual(cap.next().frame, noise(FRAME, n));
  assert.equal(start(3).result, FRAME);
  assert.deepEqual([cap.next().sequence], [2]);
});

test('write() of memory that is out of reach gives nothing and loses no buffer', () => {
  const { out, start, cap } = world({ buffers: 2 });
  start(0);
  cap.next();
  for (let i = 0; i < 5; i++) assert.equal(out.write(BAD_ADDRESS, FRAME).result, -EFAULT);
  for (let n = 1; n < 4; n++) {
    assert.equal(start(n).result, FRAME);
    const { frame, sequence } = cap.next();
    assert.deepEqual([frame, sequence], [noise(FRAME, n), n]);
  }
});

test('write() that waits is told when the device goes', () => {
  const { registry, output, start } = world({ buffers: 2 });
  for (let n = 0; n < 2; n++) start(n);
  const third = start(2);
  assert.equal(third.result, undefined);
  registry.unregister(output);
  assert.equal(third.result, -EINVAL);
});

test('write() that waits goes on when the reader stops', () => {
  const { start, cap } = world({ buffers: 2 });
  for (let n = 0; n < 2; n++) start(n);
  const third = start(2);
  cap.file.close();
  assert.equal(third.result, FRAME);
});

/** A frame of two pieces. */
const LARGE = 1280 * 720 * 2;

/** Large frames, after a first one; `begin` starts a write() of another, of which one piece is read. */
function inPieces() {
  const all = world({ buffers: 2, size: '1280x720' });
  const { program, output } = all;
  const memory = program.alloc(LARGE);
  const out = program.open(output);
  const begin = (n: number) => {
    memory.bytes.set(noise(LARGE, n));
    return out.write(memory.address, LARGE);
  };
  assert.equal(begin(0).result, LARGE);
  assert.deepEqual(all.cap.next().frame, noise(LARGE, 0));
  return { ...all, out, memory, begin };
}

test('write() that is interrupted in the middle of a frame has given nothing of it', () => {
  const { program, out, memory, begin, cap } = inPieces();
  let interrupted: (() => number | undefined) | undefined;
  const caller: Caller = {
    memory: program.memory,
    asleep: false,
    sleep(_queue, then) {
      interrupted = then;
      return WOULD_BLOCK;
    },
    installFd: (fd) => fd,
    takeFd: (fd) => fd,
    afterwards: () => {},
  };
  memory.bytes.set(noise(LARGE, 1));
  const { file } = out;
  assert.equal(file.device.fops.write(file, memory.address, LARGE, caller), WOULD_BLOCK);
  const other = begin(2);
  assert.equal(other.result, undefined);
  assert.equal(interrupted?.(), undefined);
  assert.equal(other.result, LARGE);
  const next = cap.next();
  assert.deepEqual([next.frame, next.sequence], [noise(LARGE, 2), 1]);
});

test('write() of a large frame reads it in pieces, and another write() comes after it', () => {
  const { program, begin, cap } = inPieces();
  const seen = watchReads(program);
  const first = begin(1);
  assert.deepEqual([first.asleep, seen.length], [true, 1]);
  const other = begin(1);
  assert.deepEqual([other.result, seen.length], [undefined, 1]);
  assert.deepEqual([first.result, seen.length], [LARGE, 2]);
  assert.deepEqual([other.result, seen.length], [LARGE, 4]);
  for (const sequence of [1, 2]) {
    const next = cap.next();
    assert.deepEqual([next.frame, next.sequence], [noise(LARGE, 1), sequence]);
  }
});

test('write() begins its frame anew when the reader has stopped in the middle of it', () => {
  const { begin, cap } = inPieces();
  const writer = begin(1);
  cap.streamoff();
  for (const [plane] of cap.planes) plane?.fill(0);
  cap.queueAll().streamon();
  assert.equal(writer.result, LARGE);
  assert.deepEqual(cap.next().frame, noise(LARGE, 1));
  const lost = begin(2);
  cap.file.close();
  assert.equal(lost.result, LARGE);
});
