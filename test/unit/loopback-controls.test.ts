/** keep_format, sustain_framerate, timeout and timeout_image_io of the loopback camera. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import * as abi from '../../src/abi/index.ts';
import { VirtualClock } from '../../src/base/timers.ts';
import { createCameras, parseCamera } from '../../src/drivers/index.ts';
import { heapPages } from '../../src/memory/pages.ts';
import { type ClientFile, Program } from '../../src/testing/in-process-client.ts';
import { type VideoDevice, VideoDeviceRegistry } from '../../src/v4l2-core/index.ts';
import { POLLIN } from '../../src/vfs/file.ts';
import { noise, pixFormat, Stream } from '../support/streams.ts';
import '../support/driver-bugs.ts';

const OUTPUT = abi.V4L2_BUF_TYPE_VIDEO_OUTPUT;
const CAPTURE = abi.V4L2_BUF_TYPE_VIDEO_CAPTURE;
const BASE = abi.V4L2_CID_USER_BASE | 0xf000;
const [KEEP_FORMAT, SUSTAIN, TIMEOUT, IMAGE_IO] = [BASE, BASE + 1, BASE + 2, BASE + 3] as const;
const WIDTH = 64;
const HEIGHT = 48;
const FRAME = WIDTH * HEIGHT * 2;
/** 25 frames a second. */
const INTERVAL = 40_000_000;

function world() {
  const clock = new VirtualClock();
  const registry = new VideoDeviceRegistry(clock);
  const spec = parseCamera(`loopback,size=${WIDTH}x${HEIGHT},fps=25`);
  const devices = createCameras(spec, { clock, pages: heapPages, instance: 0 });
  for (const vdev of devices) registry.register(vdev);
  const [output, capture] = devices as [VideoDevice, VideoDevice];
  const program = new Program(8 << 20);
  const set = (file: ClientFile, id: number, value: number) => {
    const control = program.make(abi.v4l2_control);
    control.id = id;
    control.value = value;
    file.do(abi.VIDIOC_S_CTRL, control);
    file.do(abi.VIDIOC_G_CTRL, control);
    return control.value;
  };
  const consumer = () => {
    const stream = new Stream(program, program.open(capture), CAPTURE).allocate(3).queueAll();
    stream.streamon();
    return stream;
  };
  const producer = () => {
    const stream = new Stream(program, program.open(output), OUTPUT).allocate(3);
    stream.streamon();
    return stream;
  };
  return { clock, output, capture, program, set, consumer, producer };
}

function send(stream: Stream, n: number): void {
  stream.queue(n % stream.planes.length, noise(FRAME, n));
  stream.dequeue();
}

/** The last frame that waits, if one does; all others are taken before it. */
function taken(stream: Stream): Uint8Array | undefined {
  let frame: Uint8Array | undefined;
  while ((stream.file.poll(POLLIN) & POLLIN) !== 0) frame = stream.next().frame;
  return frame;
}

describe('sustain_framerate', () => {
  it('shows the last frame again when the producer is late, and not when it is in time', () => {
    const { clock, set, consumer, producer } = world();
    const out = producer();
    const cap = consumer();
    assert.equal(set(cap.file, SUSTAIN, 1), 1);
    send(out, 1);
    assert.deepEqual(taken(cap), noise(FRAME, 1));
    clock.advance(INTERVAL);
    assert.equal(taken(cap), undefined);
    clock.advance(INTERVAL);
    assert.deepEqual(taken(cap), noise(FRAME, 1));
    send(out, 2);
    assert.deepEqual(taken(cap), noise(FRAME, 2));
    assert.equal(set(cap.file, SUSTAIN, 0), 0);
    clock.advance(5 * INTERVAL);
    assert.equal(taken(cap), undefined);
  });
});

describe('timeout', () => {
  it('shows the placeholder when the producer has given nothing for so long, until it goes on', () => {
    const { clock, set, consumer, producer } = world();
    const cap = consumer();
    clock.advance(INTERVAL);
    const placeholder = taken(cap);
    const out = producer();
    set(out.file, TIMEOUT, 100);
    send(out, 1);
    assert.deepEqual(taken(cap), noise(FRAME, 1));
    clock.advance(2 * INTERVAL);
    assert.equal(taken(cap), undefined);
    clock.advance(2 * INTERVAL);
    assert.deepEqual(taken(cap), placeholder);
    send(out, 2);
    assert.deepEqual(taken(cap), noise(FRAME, 2));
    clock.advance(2 * INTERVAL);
    assert.equal(taken(cap), undefined);
  });
});

describe('timeout_image_io', () => {
  it('makes what the next program gives the placeholder, whether it streams or writes, and no frame', () => {
    for (const how of ['streams', 'writes']) {
      const { clock, set, consumer, producer, program, output } = world();
      const cap = consumer();
      assert.equal(set(cap.file, IMAGE_IO, 1), 1);
      let file: ClientFile;
      if (how === 'streams') {
        const image = producer();
        send(image, 7);
        file = image.file;
      } else {
        file = program.open(output);
        const { address, bytes } = program.alloc(FRAME);
        bytes.set(noise(FRAME, 7));
        assert.equal(file.write(address, FRAME).result, FRAME);
      }
      assert.equal(set(cap.file, SUSTAIN, 0), 0);
      file.close();
      clock.advance(INTERVAL);
      assert.deepEqual(taken(cap), noise(FRAME, 7), how);
      // It counts once.
      const out = producer();
      send(out, 8);
      taken(cap);
      send(out, 9);
      assert.deepEqual(taken(cap), noise(FRAME, 9));
    }
  });
});

describe('keep_format', () => {
  it('keeps the format when the producer goes, for readers and for the next producer, until it is switched off', () => {
    const { set, program, output, capture } = world();
    const first = program.open(output);
    const small = { width: 32, height: 16, fourcc: abi.V4L2_PIX_FMT_RGB24 };
    first.do(abi.VIDIOC_S_FMT, pixFormat(program, OUTPUT, small));
    set(first, KEEP_FORMAT, 1);
    first.close();
    const reader = program.open(capture);
    const ask = (file: ClientFile, type: number) => {
      const f = pixFormat(program, type, { width: 640, height: 480, fourcc: abi.V4L2_PIX_FMT_YUYV });
      file.do(abi.VIDIOC_S_FMT, f);
      return [f.fmt.pix.width, f.fmt.pix.pixelformat];
    };
    assert.deepEqual(ask(reader, CAPTURE), [32, abi.V4L2_PIX_FMT_RGB24]);
    const next = program.open(output);
    assert.deepEqual(ask(next, OUTPUT), [32, abi.V4L2_PIX_FMT_RGB24]);
    set(next, KEEP_FORMAT, 0);
    assert.deepEqual(ask(next, OUTPUT), [640, abi.V4L2_PIX_FMT_YUYV]);
  });

  it('has nothing to keep before the first producer, who may ask again and again until it gives frames', () => {
    const { set, program, output, capture } = world();
    const first = program.open(output);
    set(first, KEEP_FORMAT, 1);
    const ask = (file: ClientFile, type: number, width: number) => {
      const wanted = { width, height: 240, fourcc: abi.V4L2_PIX_FMT_UYVY };
      const f = pixFormat(program, type, wanted);
      file.do(abi.VIDIOC_TRY_FMT, f);
      const tried = f.fmt.pix.width;
      file.do(abi.VIDIOC_S_FMT, f);
      return [tried, f.fmt.pix.width];
    };
    assert.deepEqual(ask(program.open(capture), CAPTURE, 320), [320, 320]);
    assert.deepEqual(ask(first, OUTPUT, 160), [160, 160]);
    assert.deepEqual(ask(first, OUTPUT, 320), [320, 320]);
    const { address } = program.alloc(320 * 240 * 2);
    assert.equal(first.write(address, 320 * 240 * 2).result, 320 * 240 * 2);
    assert.deepEqual(ask(program.open(capture), CAPTURE, 160), [320, 320]);
    first.close();
    assert.deepEqual(ask(program.open(output), OUTPUT, 160), [320, 320]);
  });
});
