/** vivi with crop=yes: what a program chooses is what it sees. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as abi from '../../src/abi/index.ts';
import { EINVAL, ENOTTY, ERANGE } from '../../src/base/errno.ts';
import { VirtualClock } from '../../src/base/timers.ts';
import { createSteered, parseCamera } from '../../src/drivers/index.ts';
import { heapPages } from '../../src/memory/pages.ts';
import { Capture, Program } from '../../src/testing/in-process-client.ts';
import { type VideoDevice, VideoDeviceRegistry } from '../../src/v4l2-core/index.ts';
import '../support/driver-bugs.ts';

const SIZE = 'size=160x120';
const BLACK = 16;

interface Rect {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

function camera(spec: string) {
  const clock = new VirtualClock();
  const { devices, steering } = createSteered(parseCamera(spec), { clock, pages: heapPages, instance: 0 });
  const vdev = devices[0] as VideoDevice;
  new VideoDeviceRegistry(clock).register(vdev);
  const program = new Program();
  const file = program.open(vdev, { nonblock: true });
  const setFormat = (width: number, height: number) => {
    const f = program.make(abi.v4l2_format);
    f.type = abi.V4L2_BUF_TYPE_VIDEO_CAPTURE;
    Object.assign(f.fmt.pix, { width, height, pixelformat: abi.V4L2_PIX_FMT_GREY });
    file.do(abi.VIDIOC_S_FMT, f);
  };
  const select = (target: number, rect: Rect, flags = 0) => {
    const s = program.make(abi.v4l2_selection);
    s.type = abi.V4L2_BUF_TYPE_VIDEO_CAPTURE;
    s.target = target;
    s.flags = flags;
    Object.assign(s.r, rect);
    return file.ioctl(abi.VIDIOC_S_SELECTION, s);
  };
  const selected = (target: number) => {
    const s = program.make(abi.v4l2_selection);
    s.type = abi.V4L2_BUF_TYPE_VIDEO_CAPTURE;
    s.target = target;
    file.do(abi.VIDIOC_G_SELECTION, s);
    const { left, top, width, height } = s.r;
    return { left, top, width, height };
  };
  /** The first frame of a stream, line by line. */
  const shoot = (width: number, height: number): readonly Uint8Array[] => {
    const capture = new Capture(program, program.open(vdev));
    capture.streamon();
    clock.advance(0);
    capture.dqbuf();
    const lines = Array.from({ length: height }, (_, y) => capture.frame.slice(width * y, width * (y + 1)));
    capture.file.close();
    return lines;
  };
  return { program, file, vdev, steering, setFormat, select, selected, shoot };
}

const whole = (width: number, height: number): Rect => ({ left: 0, top: 0, width, height });

test('vivi without crop=yes has no rectangles', () => {
  const { select } = camera('vivi');
  assert.equal(select(abi.V4L2_SEL_TGT_CROP, whole(100, 100)), -ENOTTY);
});

test('crop=yes shows the part that was chosen, as large as the frame, and the frame may have any size', () => {
  const all = camera(`vivi,${SIZE}`);
  all.setFormat(160, 120);
  const picture = all.shoot(160, 120);
  const { setFormat, select, shoot } = camera(`vivi,${SIZE},crop=yes`);
  setFormat(160, 120);
  assert.deepEqual(shoot(160, 120), picture);
  assert.equal(select(abi.V4L2_SEL_TGT_CROP, { left: 40, top: 20, width: 80, height: 60 }), 0);
  const enlarged = picture
    .slice(20, 80)
    .flatMap((line) => Array(2).fill([...line.subarray(40, 120)].flatMap((sample) => [sample, sample])));
  assert.deepEqual(
    shoot(160, 120).map((line) => [...line]),
    enlarged,
  );
  setFormat(80, 60);
  assert.deepEqual(
    shoot(80, 60).map((line) => [...line]),
    picture.slice(20, 80).map((line) => [...line.subarray(40, 120)]),
  );
});

test('crop=yes brings the picture to the part of the frame that was chosen; black is around it', () => {
  const all = camera(`vivi,${SIZE}`);
  all.setFormat(160, 120);
  const picture = all.shoot(160, 120);
  const { setFormat, select, selected, shoot } = camera(`vivi,${SIZE},crop=yes`);
  setFormat(320, 240);
  const place = { left: 100, top: 80, width: 160, height: 120 };
  assert.equal(select(abi.V4L2_SEL_TGT_COMPOSE, place), 0);
  assert.deepEqual(selected(abi.V4L2_SEL_TGT_COMPOSE), place);
  for (const [y, line] of shoot(320, 240).entries())
    for (const [x, sample] of line.entries()) {
      const inside = picture[y - place.top]?.[x - place.left];
      if (sample !== (inside ?? BLACK)) assert.fail(`${x},${y} is ${sample}, not ${inside ?? BLACK}`);
    }
});

test('crop=yes: another format has the whole picture in the whole frame, of what was chosen', () => {
  const { setFormat, select, selected } = camera(`vivi,${SIZE},crop=yes`);
  select(abi.V4L2_SEL_TGT_CROP, whole(32, 32));
  select(abi.V4L2_SEL_TGT_COMPOSE, whole(64, 64));
  setFormat(640, 480);
  assert.deepEqual(selected(abi.V4L2_SEL_TGT_CROP), whole(32, 32));
  assert.deepEqual(selected(abi.V4L2_SEL_TGT_COMPOSE), whole(640, 480));
  assert.deepEqual(selected(abi.V4L2_SEL_TGT_CROP_BOUNDS), whole(160, 120));
  assert.equal(select(abi.V4L2_SEL_TGT_CROP_BOUNDS, whole(32, 32)), -EINVAL);
});

test('crop=yes: what the flags rule out is ERANGE, and what is possible is not', () => {
  const { GE, LE } = { GE: abi.V4L2_SEL_FLAG_GE, LE: abi.V4L2_SEL_FLAG_LE };
  const { setFormat, select, selected } = camera(`vivi,${SIZE},crop=yes`);
  const { V4L2_SEL_TGT_CROP: CROP, V4L2_SEL_TGT_COMPOSE: COMPOSE } = abi;
  setFormat(160, 121);
  assert.equal(select(CROP, whole(200, 100), GE), -ERANGE, 'more than there is');
  assert.equal(select(CROP, whole(200, 100), GE | LE), -ERANGE);
  assert.equal(select(CROP, whole(4, 100), LE), -ERANGE, 'less than the least');
  assert.equal(select(CROP, whole(31, 100), GE | LE), -ERANGE);
  assert.deepEqual(selected(CROP), whole(160, 120), 'nothing has changed');
  for (const [flags, width] of [
    [LE, 30],
    [GE, 32],
    [0, 32],
  ] as const) {
    assert.equal(select(CROP, whole(31, 100), flags), 0);
    assert.deepEqual(selected(CROP), whole(width, 100));
  }
  for (const flags of [LE, GE, LE | GE, 0]) {
    assert.equal(select(COMPOSE, whole(160, 121), flags), 0, 'the edge is odd');
    assert.deepEqual(selected(COMPOSE), whole(160, 121));
  }
});

test('crop=yes: the frame is that of the format which the camera has after it has received another size', () => {
  const { program, vdev, steering, selected } = camera(`vivi,${SIZE},crop=yes`);
  const capture = new Capture(program, program.open(vdev));
  steering.receive?.({ size: '320x240' });
  assert.deepEqual(selected(abi.V4L2_SEL_TGT_COMPOSE_BOUNDS), whole(160, 120), 'somebody has buffers');
  capture.file.close();
  assert.deepEqual(selected(abi.V4L2_SEL_TGT_COMPOSE_BOUNDS), whole(320, 240));
});

test('crop=yes lists all sizes as one range, and rates for each', () => {
  const { program, file } = camera('vivi,crop=yes');
  const size = program.make(abi.v4l2_frmsizeenum);
  size.pixel_format = abi.V4L2_PIX_FMT_YUYV;
  file.do(abi.VIDIOC_ENUM_FRAMESIZES, size);
  assert.equal(size.type, abi.V4L2_FRMSIZE_TYPE_STEPWISE);
  const interval = program.make(abi.v4l2_frmivalenum);
  Object.assign(interval, { pixel_format: abi.V4L2_PIX_FMT_YUYV, width: 644, height: 481 });
  file.do(abi.VIDIOC_ENUM_FRAMEINTERVALS, interval);
  interval.width = 641;
  assert.equal(file.ioctl(abi.VIDIOC_ENUM_FRAMEINTERVALS, interval), -EINVAL);
});
