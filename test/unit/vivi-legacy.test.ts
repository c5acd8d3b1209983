/** vivi-legacy in this process, on a virtual clock. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  V4L2_BUF_TYPE_VIDEO_CAPTURE,
  V4L2_MEMORY_MMAP,
  VIDIOC_DQBUF,
  VIDIOC_QBUF,
  VIDIOC_QUERYBUF,
  VIDIOC_REQBUFS,
  VIDIOC_STREAMON,
  v4l2_buffer,
  v4l2_requestbuffers,
} from '../../src/abi/index.ts';
import { EIO } from '../../src/base/errno.ts';
import { VirtualClock } from '../../src/base/timers.ts';
import { createCamera, parseCamera } from '../../src/drivers/index.ts';
import type { ViviLegacy } from '../../src/drivers/vivi-legacy/vivi-legacy.ts';
import { heapPages } from '../../src/memory/pages.ts';
import { type ClientFile, Program } from '../../src/testing/in-process-client.ts';
import { VideoDeviceRegistry } from '../../src/v4l2-core/index.ts';
import { MAP_SHARED, PROT_READ, PROT_WRITE } from '../../src/vfs/file.ts';
import { checkYuyv } from '../support/bars.ts';
import '../support/driver-bugs.ts';

const SECOND = 1_000_000_000;
const FRAME = 2 * 640 * 480;

function camera(settings = '') {
  const clock = new VirtualClock();
  const registry = new VideoDeviceRegistry(clock);
  const node = createCamera(parseCamera(`vivi-legacy${settings}`), {
    clock,
    pages: heapPages,
    instance: 0,
  });
  registry.register(node);
  const program = new Program(1 << 23);
  return { clock, registry, node, program, device: node.drvdata as ViviLegacy };
}

/** A stream of two mapped buffers, both queued. */
function streaming(file: ClientFile, program: Program) {
  const req = program.make(v4l2_requestbuffers);
  Object.assign(req, { count: 2, type: V4L2_BUF_TYPE_VIDEO_CAPTURE, memory: V4L2_MEMORY_MMAP });
  file.do(VIDIOC_REQBUFS, req);
  const b = program.make(v4l2_buffer);
  const mappings = [0, 1].map((index) => {
    Object.assign(b, { index, type: V4L2_BUF_TYPE_VIDEO_CAPTURE, memory: V4L2_MEMORY_MMAP });
    file.do(VIDIOC_QUERYBUF, b);
    const mapping = file.mmap(b.m.offset, b.length, { prot: PROT_READ | PROT_WRITE, flags: MAP_SHARED });
    file.do(VIDIOC_QBUF, b);
    return mapping;
  });
  const type = program.alloc(4);
  type.bytes.set([V4L2_BUF_TYPE_VIDEO_CAPTURE, 0, 0, 0]);
  file.do(VIDIOC_STREAMON, type.address);
  return { b, mappings };
}

for (const memory of ['vmalloc', 'dma-sg', 'dma-contig'])
  test(`vivi-legacy shows bars when its buffers are of ${memory}`, () => {
    const { clock, program, node, device } = camera(`,memory=${memory},fps=10`);
    const file = program.open(node);
    const { b, mappings } = streaming(file, program);
    for (let n = 0; n < 4; n++) {
      const waiting = file.start(VIDIOC_DQBUF, b);
      assert.equal(waiting.result, undefined);
      clock.advance(SECOND / 10);
      assert.equal(waiting.result, 0);
      assert.deepEqual([b.index, b.sequence, b.bytesused], [n % 2, n, FRAME]);
      const plane = (mappings[b.index] as { bytes: Uint8Array }).bytes.subarray(0, FRAME);
      assert.deepEqual(checkYuyv(plane, 640, 480), { frames: 1, wrong: [] });
      file.do(VIDIOC_QBUF, b);
    }
    for (const mapping of mappings) mapping.unmap();
    file.close();
    // The end of the mapping of a scattered buffer waits for its frame.
    clock.advance(SECOND);
    assert.equal(device.files.size, 0);
  });

test('vivi-legacy fills nothing while nobody waits, as the document has it', () => {
  const { clock, program, node } = camera(',fps=10');
  const file = program.open(node, { nonblock: true });
  const { b } = streaming(file, program);
  clock.advance(SECOND);
  assert.equal(file.ioctl(VIDIOC_DQBUF, b), -11);
});

test('each open file of vivi-legacy has a queue of its own, and all of them get frames', () => {
  const { clock, program, node } = camera(',fps=10');
  const files = [program.open(node), program.open(node)];
  const streams = files.map((file) => ({ file, ...streaming(file, program) }));
  for (const { file, b } of streams) {
    const waiting = file.start(VIDIOC_DQBUF, b);
    clock.advance(SECOND);
    assert.equal(waiting.result, 0);
  }
});

test('a mapping holds the file open: the stream of vivi-legacy goes on after close()', () => {
  const { clock, program, node, device } = camera(',fps=10');
  const file = program.open(node);
  const { mappings } = streaming(file, program);
  file.close();
  assert.equal(device.files.size, 1);
  for (const mapping of mappings) mapping.unmap();
  clock.advance(0);
  assert.equal(device.files.size, 0);
});

test('what sleeps in read() when vivi-legacy goes hears EIO as of a bad frame, and all is freed at the last close', () => {
  for (const read of ['stream', 'one']) {
    const { clock, registry, program, node, device } = camera(`,read=${read}`);
    const file = program.open(node);
    const { address } = program.alloc(2 * FRAME);
    const reading = file.read(address, 2 * FRAME);
    assert.equal(reading.result, undefined);
    registry.unregister(node);
    assert.equal(reading.result, -EIO);
    file.close();
    clock.advance(SECOND);
    assert.deepEqual([device.files.size, device.active.length], [0, 0]);
  }
});
