import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as abi from '../../src/abi/index.ts';
import { EINVAL } from '../../src/base/errno.ts';
import { VirtualClock } from '../../src/base/timers.ts';
import { createCamera, parseCamera } from '../../src/drivers/index.ts';
import { heapPages } from '../../src/memory/pages.ts';
import { Program } from '../../src/testing/in-process-client.ts';
import { createBars } from '../../src/tpg/index.ts';
import { VideoDeviceRegistry } from '../../src/v4l2-core/index.ts';
import { nanoseconds, Stream } from '../support/streams.ts';
import '../support/driver-bugs.ts';

const CAPTURE = abi.V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE;
const START = 3_000_000_000;
const WIDTH = 80;
const HEIGHT = 36;
const SCROLL = 2;

function openCamera(settings = '') {
  const clock = new VirtualClock(START);
  const spec = parseCamera(`vivi-mplane,size=${WIDTH}x${HEIGHT}${settings}`);
  const vdev = createCamera(spec, { clock, pages: heapPages, instance: 0 });
  new VideoDeviceRegistry(clock).register(vdev);
  const program = new Program();
  return { clock, vdev, program, file: program.open(vdev) };
}

function streaming(settings = '', buffers = 3) {
  const opened = openCamera(settings);
  const stream = new Stream(opened.program, opened.file, CAPTURE).allocate(buffers).queueAll();
  stream.streamon();
  return { ...opened, stream };
}

/** Every `step`th byte of a row of vivi's own bars, from byte `first` on. */
function component(scroll: number, first: number, step: number): number[] {
  const row = new Uint8Array(WIDTH * 2);
  const shape = { fourcc: abi.V4L2_PIX_FMT_YUYV, width: WIDTH, height: 1, bytesperline: WIDTH * 2 };
  createBars(shape).paint(row, scroll, 0);
  return [...row].filter((_, i) => i % step === first);
}

const luma = (scroll: number) => component(scroll, 0, 2);
const u = (scroll: number) => component(scroll, 1, 4);
const v = (scroll: number) => component(scroll, 3, 4);
const uv = (scroll: number) => component(scroll, 1, 2);

function rows(row: readonly number[], count: number): Uint8Array {
  return Uint8Array.from(Array.from({ length: count }, () => row).flat());
}

const layouts = {
  NV12M: (s: number) => [rows(luma(s), HEIGHT), rows(uv(s), HEIGHT / 2)],
  YUV420M: (s: number) => [rows(luma(s), HEIGHT), rows(u(s), HEIGHT / 2), rows(v(s), HEIGHT / 2)],
  NV16M: (s: number) => [rows(luma(s), HEIGHT), rows(uv(s), HEIGHT)],
  NV12: (s: number) => [Uint8Array.from([...rows(luma(s), HEIGHT), ...rows(uv(s), HEIGHT / 2)])],
} as const;

for (const [name, planesOf] of Object.entries(layouts)) {
  test(`vivi-mplane shows vivi's bars in the planes of ${name}, to the byte`, () => {
    const { clock, stream } = streaming(`,format=${name},fps=25`);
    for (let n = 0; n < 5; n++) {
      clock.advance(n === 0 ? 0 : 40_000_000);
      const b = stream.dequeue();
      const expected = planesOf(n * SCROLL);
      assert.deepEqual([b.sequence, b.length, nanoseconds(b)], [n, expected.length, START + n * 40_000_000]);
      for (const [plane, bytes] of expected.entries()) {
        assert.equal(stream.p[plane]?.bytesused, bytes.length);
        assert.deepEqual(stream.planes[b.index]?.[plane], bytes);
      }
      stream.queue(b.index);
    }
  });
}

test('vivi-mplane tells lines and sizes of each plane in its format', () => {
  const { program, file } = openCamera(',format=YUV420M');
  const f = program.make(abi.v4l2_format);
  f.type = CAPTURE;
  file.do(abi.VIDIOC_G_FMT, f);
  const { num_planes, plane_fmt, width, height } = f.fmt.pix_mp;
  assert.deepEqual([width, height, num_planes], [WIDTH, HEIGHT, 3]);
  const planes = Array.from({ length: 3 }, (_, n) => plane_fmt.get(n));
  assert.deepEqual(
    planes.map(({ bytesperline, sizeimage }) => [bytesperline, sizeimage]),
    [
      [WIDTH, WIDTH * HEIGHT],
      [WIDTH / 2, (WIDTH * HEIGHT) / 4],
      [WIDTH / 2, (WIDTH * HEIGHT) / 4],
    ],
  );
});

test('vivi-mplane has no single-planar queue', () => {
  const { program, file } = openCamera();
  const f = program.make(abi.v4l2_format);
  f.type = abi.V4L2_BUF_TYPE_VIDEO_CAPTURE;
  assert.equal(file.ioctl(abi.VIDIOC_G_FMT, f), -EINVAL);
  assert.equal(new Stream(program, file, abi.V4L2_BUF_TYPE_VIDEO_CAPTURE).reqbufs(2), -EINVAL);
});

test('VIDIOC_QBUF and VIDIOC_DQBUF refuse an array with too few planes, and the buffer stays where it is', () => {
  const { clock, file, program, stream } = streaming(',format=YUV420M', 1);
  clock.advance(0);
  const b = program.make(abi.v4l2_buffer);
  b.type = CAPTURE;
  b.memory = abi.V4L2_MEMORY_MMAP;
  b.length = 2;
  b.m.planes = program.alloc(2 * abi.v4l2_plane.size).address;
  assert.equal(file.ioctl(abi.VIDIOC_DQBUF, b), -EINVAL);
  assert.equal(stream.dequeue().sequence, 0);
  assert.equal(file.ioctl(abi.VIDIOC_QBUF, b), -EINVAL);
  assert.equal(stream.tryQueue(0), 0);
});

test('vivi-mplane counts the frames that it missed when its timer comes late', () => {
  const { clock, stream } = streaming(',fps=10', 2);
  clock.advance(0);
  clock.timers.run(clock.now() + 350_000_000);
  assert.deepEqual([stream.dequeue().sequence, stream.dequeue().sequence], [0, 3]);
});

test('VIDIOC_CREATE_BUFS refuses planes that cannot hold a frame, or another number of them', () => {
  const { program, file } = openCamera();
  const create = program.make(abi.v4l2_create_buffers);
  const ask = (sizes: readonly number[]) => {
    create.$bytes.fill(0);
    create.count = 1;
    create.memory = abi.V4L2_MEMORY_MMAP;
    create.format.type = CAPTURE;
    create.format.fmt.pix_mp.num_planes = sizes.length;
    for (const [n, size] of sizes.entries()) create.format.fmt.pix_mp.plane_fmt.get(n).sizeimage = size;
    return file.ioctl(abi.VIDIOC_CREATE_BUFS, create);
  };
  const whole = WIDTH * HEIGHT;
  assert.equal(ask([whole, whole / 2]), 0);
  assert.equal(ask([2 * whole, whole]), 0);
  assert.equal(ask([whole, whole / 2 - 1]), -EINVAL);
  assert.equal(ask([whole]), -EINVAL);
  assert.equal(ask([whole, whole / 2, whole]), -EINVAL);
});

test('vivi-mplane goes on from the last frame when the interval changes while it streams', () => {
  const { clock, file, program, stream } = streaming(',fps=10');
  clock.advance(0);
  stream.queue(stream.dequeue().index);
  const parm = program.make(abi.v4l2_streamparm);
  parm.type = CAPTURE;
  parm.parm.capture.timeperframe.numerator = 1;
  parm.parm.capture.timeperframe.denominator = 50;
  file.do(abi.VIDIOC_S_PARM, parm);
  clock.advance(20_000_000);
  assert.equal(nanoseconds(stream.dequeue()), START + 20_000_000);
});

test('vivi-mplane counts frames for which no buffer was queued', () => {
  const { clock, stream } = streaming(',fps=10', 2);
  clock.advance(300_000_000);
  assert.deepEqual([stream.dequeue().sequence, stream.dequeue().sequence], [0, 1]);
  stream.queue(0);
  clock.advance(100_000_000);
  assert.equal(stream.dequeue().sequence, 4);
});
