/** readers=many on cameras that make their own frames: each open file has a queue and a stream of its own. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as abi from '../../src/abi/index.ts';
import { EBUSY } from '../../src/base/errno.ts';
import { VirtualClock } from '../../src/base/timers.ts';
import { createCamera, type FrameFormat, memOpsOf, parseCamera } from '../../src/drivers/index.ts';
import { captureNode } from '../../src/drivers/lib/capture-device.ts';
import { captureOps, oneInputOps } from '../../src/drivers/lib/capture-ioctl.ts';
import type { CaptureCamera } from '../../src/drivers/lib/capture-reader.ts';
import { usualLimits } from '../../src/drivers/lib/usual-limits.ts';
import { heapPages } from '../../src/memory/pages.ts';
import { formatsNamed } from '../../src/pixel/index.ts';
import type { FrameSource, FrameTarget } from '../../src/sources/index.ts';
import { Program } from '../../src/testing/in-process-client.ts';
import { type VideoDevice, VideoDeviceRegistry } from '../../src/v4l2-core/index.ts';
import { bugsIn } from '../support/driver-bugs.ts';
import { pixFormat, Stream } from '../support/streams.ts';

const INTERVAL = 1_000_000_000 / 25;
const TYPES = {
  vivi: abi.V4L2_BUF_TYPE_VIDEO_CAPTURE,
  'vivi-mplane': abi.V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE,
} as const;

function world(driver: keyof typeof TYPES, readers: 'one' | 'many') {
  const clock = new VirtualClock();
  const registry = new VideoDeviceRegistry(clock);
  const spec = parseCamera(`${driver},size=64x48,fps=25,readers=${readers}`);
  const vdev = createCamera(spec, { clock, pages: heapPages, instance: 0 });
  registry.register(vdev);
  const program = new Program(8 << 20);
  const open = () => new Stream(program, program.open(vdev), TYPES[driver]);
  return { clock, registry, vdev, program, open };
}

for (const driver of ['vivi', 'vivi-mplane'] as const) {
  test(`${driver} with readers=many gives each of several programs all frames, counted from its own first`, () => {
    const { clock, open } = world(driver, 'many');
    const [early, late] = [open(), open()];
    early.allocate(3).queueAll().streamon();
    clock.advance(0);
    assert.equal(early.next().sequence, 0);
    clock.advance(INTERVAL);
    late.allocate(3).queueAll().streamon();
    clock.advance(0);
    for (let n = 1; n < 20; n++) {
      assert.equal(early.next().sequence, n);
      assert.equal(late.next().sequence, n - 1);
      clock.advance(INTERVAL);
    }
    early.file.close();
    clock.advance(INTERVAL);
    assert.equal(late.next().sequence, 19);
    late.file.close();
    assert.equal(clock.timers.next(), Number.POSITIVE_INFINITY);
  });

  test(`${driver} with readers=one gives buffers to one program`, () => {
    const { open } = world(driver, 'one');
    open().allocate(3);
    assert.equal(open().reqbufs(3), -EBUSY);
  });
}

test('vivi with readers=many keeps its format while another program has buffers of it', () => {
  const { program, open } = world('vivi', 'many');
  const [first, second] = [open(), open()];
  first.allocate(2);
  const wanted = { width: 320, height: 240, fourcc: abi.V4L2_PIX_FMT_RGB24 };
  assert.equal(first.file.ioctl(abi.VIDIOC_S_FMT, pixFormat(program, first.type, wanted)), -EBUSY);
  const set = () => {
    const f = pixFormat(program, second.type, wanted);
    second.file.do(abi.VIDIOC_S_FMT, f);
    return [f.fmt.pix.width, f.fmt.pix.height, f.fmt.pix.pixelformat];
  };
  assert.deepEqual(set(), [64, 48, abi.V4L2_PIX_FMT_YUYV]);
  first.file.close();
  assert.deepEqual(set(), [320, 240, abi.V4L2_PIX_FMT_RGB24]);
});

test('vivi with readers=many wakes and ends all readers when the device goes', () => {
  const { registry, vdev, clock, open } = world('vivi', 'many');
  const readers = [open(), open()].map((stream) => {
    stream.allocate(2).queueAll().streamon();
    clock.advance(0);
    for (let n = 0; n < 1; n++) stream.dequeue();
    return stream.startDequeue();
  });
  registry.unregister(vdev);
  for (const reader of readers) assert.ok((reader.result ?? 0) < 0);
  assert.equal(clock.timers.next(), Number.POSITIVE_INFINITY);
});

test('a frame that its source throws at is an error to the program, and the next one is whole', () => {
  const { clock, vdev, open } = world('vivi', 'one');
  const camera = vdev.drvdata as CaptureCamera;
  const source = camera.createSource();
  const shown: number[] = [];
  Object.assign(camera, {
    createSource: () => ({
      shape: source.shape,
      fill(_planes: readonly Uint8Array[], number: number) {
        shown.push(number);
        if (number === 1) throw new TypeError('no such picture');
      },
    }),
  });
  const stream = open().allocate(3).queueAll();
  stream.streamon();
  clock.advance(0);
  const bugs = bugsIn(() => clock.advance(2 * INTERVAL));
  assert.deepEqual(shown, [0, 1, 2]);
  assert.equal(bugs.length, 1);
  assert.match(bugs[0] ?? '', /vivi-000: what makes its frames threw TypeError: no such picture/);
  const flags = [0, 1, 2].map(() => stream.dequeue().flags & abi.V4L2_BUF_FLAG_ERROR);
  assert.deepEqual(flags, [0, abi.V4L2_BUF_FLAG_ERROR, 0]);
});

for (const readers of ['one', 'many'] as const)
  test(`a source that cannot be made or ended keeps no buffers, with readers=${readers}`, () => {
    const clock = new VirtualClock();
    const [format] = formatsNamed('GREY');
    let makes = 0;
    const createSource = (shape: FrameFormat): FrameSource => {
      if (makes++ === 0) throw new Error('not yet');
      const fill = (target: FrameTarget, number: number) => target.planeVaddr(0).fill(number);
      const end = () => {
        throw new Error('no end');
      };
      return { shape, fill, end };
    };
    const identity = { label: 'own-000', driver: 'own', card: 'own', bus: 'platform:own' };
    const look = { formats: [format], format, limits: usualLimits, size: { width: 64, height: 48 } };
    const rate = { timeperframe: { numerator: 1, denominator: 25 }, unpaced: false };
    const memory = { memOps: memOpsOf('vmalloc', heapPages), readwrite: false, isMultiplanar: false };
    const vdev = captureNode(
      { identity, readers, clock, rate, own: undefined, createSource, ...look, ...memory },
      (queueOf) => ({ ...captureOps(queueOf), ...oneInputOps }),
    );
    new VideoDeviceRegistry(clock).register(vdev);
    const program = new Program();
    const stream = new Stream(program, program.open(vdev as VideoDevice), TYPES.vivi);
    stream.allocate(3).queueAll();
    const failed = bugsIn(() => assert.throws(() => stream.streamon(), /EIO/));
    assert.equal(failed.length, 1, failed.join('\n'));
    assert.match(failed[0] as string, /not yet/);
    for (let round = 0; round < 2; round++) {
      stream.streamon();
      clock.advance(0);
      const { frame, sequence } = stream.next();
      assert.deepEqual([sequence, frame[0]], [0, 0]);
      const ended = bugsIn(() => stream.streamoff());
      assert.equal(ended.length, 1, ended.join('\n'));
      assert.match(ended[0] as string, /no end/);
      stream.queueAll();
    }
  });
