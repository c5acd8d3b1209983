import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as abi from '../../src/abi/index.ts';
import { EBUSY, EINVAL } from '../../src/base/errno.ts';
import { VirtualClock } from '../../src/base/timers.ts';
import { createCamera, parseCamera } from '../../src/drivers/index.ts';
import { heapPages } from '../../src/memory/pages.ts';
import { Capture, Program } from '../../src/testing/in-process-client.ts';
import { VideoDeviceRegistry, vb2QueueOf } from '../../src/v4l2-core/index.ts';
import '../support/driver-bugs.ts';

function openSkeleton() {
  const clock = new VirtualClock();
  const vdev = createCamera(parseCamera('skeleton'), { clock, pages: heapPages, instance: 0 });
  new VideoDeviceRegistry(clock).register(vdev);
  const program = new Program();
  return { clock, vdev, program, file: program.open(vdev) };
}

test('skeleton delivers ten frames a second, each brighter than the last', () => {
  const { clock, program, file } = openSkeleton();
  const capture = new Capture(program, file);
  capture.streamon();
  for (let n = 0; n < 10; n++) {
    clock.advance(100_000_000);
    const b = capture.dqbuf();
    assert.equal(b.sequence, n);
    assert.equal(capture.frame.length, 320 * 240);
    assert.ok(capture.frame.every((byte) => byte === n));
    capture.qbuf(b.index);
  }
});

test('skeleton gives back all buffers when the owner closes while streaming', () => {
  const { clock, vdev, program, file } = openSkeleton();
  new Capture(program, file).streamon();
  clock.advance(150_000_000);
  file.close();
  assert.equal(vb2QueueOf(vdev).isBusy(), false);
  assert.equal(clock.timers.next(), Number.POSITIVE_INFINITY);
});

test('skeleton has one format, which cannot be changed', () => {
  const { program, file } = openSkeleton();
  const f = program.make(abi.v4l2_format);
  f.type = abi.V4L2_BUF_TYPE_VIDEO_CAPTURE;
  f.fmt.pix.width = 1920;
  f.fmt.pix.pixelformat = abi.V4L2_PIX_FMT_YUYV;
  file.do(abi.VIDIOC_S_FMT, f);
  assert.deepEqual([f.fmt.pix.width, f.fmt.pix.pixelformat], [320, abi.V4L2_PIX_FMT_GREY]);
  const desc = program.make(abi.v4l2_fmtdesc);
  desc.type = f.type;
  file.do(abi.VIDIOC_ENUM_FMT, desc);
  assert.equal(desc.description, '8-bit Greyscale');
  desc.index = 1;
  assert.equal(file.ioctl(abi.VIDIOC_ENUM_FMT, desc), -EINVAL);
  new Capture(program, file);
  assert.equal(file.ioctl(abi.VIDIOC_S_FMT, f), -EBUSY);
});
