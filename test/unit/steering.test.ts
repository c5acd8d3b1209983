/** What happens to cameras from outside while programs use them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as abi from '../../src/abi/index.ts';
import { EBUSY, ENOENT } from '../../src/base/errno.ts';
import { VirtualClock } from '../../src/base/timers.ts';
import { CameraSpecError, createSteered, parseCamera } from '../../src/drivers/index.ts';
import { heapPages } from '../../src/memory/pages.ts';
import { type FrameOrder, FrameRing } from '../../src/sources/index.ts';
import { Program } from '../../src/testing/in-process-client.ts';
import { type VideoDevice, VideoDeviceRegistry } from '../../src/v4l2-core/index.ts';
import { pixFormat, Stream } from '../support/streams.ts';

const CAPTURE = abi.V4L2_BUF_TYPE_VIDEO_CAPTURE;
const NS_PER_S = 1_000_000_000;

/** A producer that has made some frames, each full of its number. */
function madeFrames({ planeSizes }: FrameOrder) {
  const ring = FrameRing.shared({ slots: 12, frameBytes: planeSizes[0] as number });
  for (let n = 0; ring.room !== undefined; n++) {
    ring.room.fill(n + 1);
    ring.publish();
  }
  return { ring, stop: () => {} };
}

function world(spec: string) {
  const clock = new VirtualClock();
  const orders: FrameOrder[] = [];
  const producers = {
    check: () => undefined,
    start(order: FrameOrder) {
      orders.push(order);
      return madeFrames(order);
    },
  };
  const { devices, steering } = createSteered(parseCamera(spec), {
    ...{ clock, pages: heapPages, instance: 0, producers },
  });
  const vdev = devices[0] as VideoDevice;
  new VideoDeviceRegistry(clock).register(vdev);
  const program = new Program(64 << 20);
  const open = () => new Stream(program, program.open(vdev), CAPTURE);
  return { clock, steering, program, open, vdev, orders };
}

type World = ReturnType<typeof world>;

const formatOf = ({ program }: World, { file }: Stream, cmd = abi.VIDIOC_G_FMT, width = 0, height = 0) => {
  const f = pixFormat(program, CAPTURE, { width, height, fourcc: abi.V4L2_PIX_FMT_YUYV });
  file.do(cmd, f);
  return `${f.fmt.pix.width}x${f.fmt.pix.height}`;
};

const interval = ({ program }: World, { file }: Stream): string => {
  const parm = program.make(abi.v4l2_streamparm);
  parm.type = CAPTURE;
  file.do(abi.VIDIOC_G_PARM, parm);
  const { numerator, denominator } = parm.parm.capture.timeperframe;
  return `${numerator}/${denominator}`;
};

function sizes({ program }: World, { file }: Stream): string[] {
  const found: string[] = [];
  const size = program.make(abi.v4l2_frmsizeenum);
  size.pixel_format = abi.V4L2_PIX_FMT_YUYV;
  for (; file.ioctl(abi.VIDIOC_ENUM_FRAMESIZES, size) === 0; size.index++)
    found.push(`${size.discrete.width}x${size.discrete.height}`);
  return found;
}

function subscribe({ program }: World, { file }: Stream, id = 0): void {
  const sub = program.make(abi.v4l2_event_subscription);
  sub.type = abi.V4L2_EVENT_SOURCE_CHANGE;
  sub.id = id;
  file.do(abi.VIDIOC_SUBSCRIBE_EVENT, sub);
}

function event({ program }: World, { file }: Stream): abi.v4l2_event | undefined {
  const event = program.make(abi.v4l2_event);
  file.nonblock = true;
  const result = file.ioctl(abi.VIDIOC_DQEVENT, event);
  file.nonblock = false;
  assert.ok(result === 0 || result === -ENOENT);
  return result === 0 ? event : undefined;
}

const cameras = ['vivi,size=64x48,fps=25', 'webcam,source=film.mp4,format=YUYV,size=64x48,fps=25'];

for (const spec of cameras) {
  test(`${spec}: who has buffers keeps the size, who asks anew finds the new one, and no other`, () => {
    const all = world(spec);
    const { steering, clock, open } = all;
    const stream = open();
    const other = open();
    stream.allocate(3).queueAll().streamon();
    steering.receive?.({ size: '128x96' });
    clock.advance(NS_PER_S);
    assert.equal(stream.next().frame.length, 64 * 48 * 2);
    assert.deepEqual(sizes(all, other), ['128x96']);
    assert.equal(formatOf(all, other), '64x48', 'somebody has buffers');
    assert.equal(formatOf(all, stream, abi.VIDIOC_TRY_FMT, 64, 48), '128x96');
    assert.equal(stream.file.ioctl(abi.VIDIOC_S_FMT, pixFormat(all.program, CAPTURE)), -EBUSY);
    stream.streamoff();
    stream.queueAll().streamon();
    clock.advance(NS_PER_S);
    assert.equal(stream.next().frame.length, 64 * 48 * 2, 'the same buffers again');
    stream.streamoff();
    assert.equal(stream.reqbufs(0), 0);
    assert.equal(formatOf(all, stream), '128x96');
    stream.allocate(2).queueAll().streamon();
    clock.advance(NS_PER_S);
    assert.equal(stream.next().frame.length, 128 * 96 * 2);
  });

  test(`${spec}: who does not ask again after it has given back its buffers gets such as it had`, () => {
    const all = world(spec);
    const stream = all.open();
    stream.allocate(3).queueAll().streamon();
    all.steering.receive?.({ size: '128x96' });
    stream.streamoff();
    assert.equal(stream.reqbufs(0), 0);
    stream.allocate(3).queueAll().streamon();
    all.clock.advance(NS_PER_S);
    assert.equal(stream.next().frame.length, 64 * 48 * 2);
  });

  test(`${spec}: a new rate is that of streams which run`, () => {
    const all = world(spec);
    const { steering, clock, open } = all;
    const stream = open();
    stream.allocate(12).queueAll().streamon();
    clock.advance(0);
    const first = stream.next();
    steering.receive?.({ fps: '10' });
    assert.equal(interval(all, stream), '1/10');
    clock.advance(NS_PER_S / 10);
    const second = stream.next();
    assert.deepEqual([second.sequence, second.timestamp - first.timestamp], [1, NS_PER_S / 10]);
    steering.receive?.({ fps: '50' });
    clock.advance(NS_PER_S / 50);
    const third = stream.next();
    assert.deepEqual([third.sequence, third.timestamp - second.timestamp], [2, NS_PER_S / 50]);
  });

  test(`${spec}: a rate that is received is the only one that can be set, also for who has buffers`, () => {
    const all = world(spec);
    const stream = all.open();
    stream.allocate(2);
    all.steering.receive?.({ fps: '10' });
    const parm = all.program.make(abi.v4l2_streamparm);
    parm.type = CAPTURE;
    Object.assign(parm.parm.capture.timeperframe, { numerator: 1, denominator: 25 });
    stream.file.do(abi.VIDIOC_S_PARM, parm);
    assert.equal(parm.parm.capture.timeperframe.denominator, 10);
    assert.equal(interval(all, stream), '1/10');
  });

  test(`${spec}: who has subscribed hears of a change, once if there were several`, () => {
    const all = world(spec);
    const stream = all.open();
    const deaf = all.open();
    subscribe(all, stream);
    assert.equal(event(all, stream), undefined);
    all.steering.receive?.({ size: '128x96' });
    all.steering.receive?.({ size: '160x96', fps: '10' });
    const told = event(all, stream);
    assert.deepEqual(
      [told?.type, told?.id, told?.u.src_change.changes, told?.pending],
      [abi.V4L2_EVENT_SOURCE_CHANGE, 0, abi.V4L2_EVENT_SRC_CH_RESOLUTION, 0],
    );
    assert.equal(event(all, stream), undefined);
    assert.equal(event(all, deaf), undefined);
    assert.deepEqual([sizes(all, stream), formatOf(all, stream)], [['160x96'], '160x96']);
  });

  test(`${spec}: what cannot come in is told in a sentence, and nothing has changed`, () => {
    const all = world(spec);
    const stream = all.open();
    const before = [sizes(all, stream), interval(all, stream)];
    for (const mode of [{}, { size: 'big' }, { size: '128x96', fps: '0' }, { fps: '1000' }, { size: '1x1' }])
      assert.throws(() => all.steering.receive?.(mode), CameraSpecError);
    assert.deepEqual([sizes(all, stream), interval(all, stream)], before);
  });

  test(`${spec}: frozen it gives the same picture, with numbers and times that go on`, () => {
    const { steering, clock, open } = world(spec);
    const stream = open();
    stream.allocate(2).queueAll().streamon();
    const next = () => {
      const taken = stream.next();
      clock.advance(NS_PER_S / 25);
      return taken;
    };
    clock.advance(0);
    const before = [next(), next()];
    assert.notDeepEqual(before[0]?.frame, before[1]?.frame);
    steering.freeze?.(true);
    const frozen = [next(), next(), next()].slice(1);
    const [a, b] = frozen;
    assert.deepEqual(a?.frame, b?.frame);
    assert.deepEqual([a?.sequence, b?.sequence], [3, 4]);
    assert.equal((b?.timestamp ?? 0) - (a?.timestamp ?? 0), NS_PER_S / 25);
    steering.freeze?.(false);
    next();
    assert.notDeepEqual(next().frame, b?.frame);
  });

  test(`${spec}: blank it is black, and what it shows goes on meanwhile`, () => {
    const { steering, clock, open } = world(spec);
    const stream = open();
    stream.allocate(1).queueAll().streamon();
    const isBlack = (frame: Uint8Array) => frame.every((byte, i) => byte === (i % 2 === 0 ? 16 : 128));
    steering.blank?.(true);
    clock.advance(0);
    assert.equal(isBlack(stream.next().frame), true);
    clock.advance(NS_PER_S / 25);
    assert.equal(isBlack(stream.next().frame), true);
    steering.blank?.(false);
    clock.advance(NS_PER_S / 25);
    assert.equal(isBlack(stream.next().frame), false);
  });
}

test('vivi tells each of its inputs of a change', () => {
  const all = world('vivi');
  const stream = all.open();
  for (let input = 0; input < 4; input++) subscribe(all, stream, input);
  all.steering.receive?.({ size: '128x96' });
  assert.deepEqual(
    [0, 1, 2, 3].map(() => event(all, stream)?.id),
    [0, 1, 2, 3],
  );
});

test('webcam receives an odd height where one of its formats has such; others have as much of it as they can', () => {
  const all = world('webcam,profile=fullhd,source=film.mp4,format=MJPEG,fps=30');
  const { steering, program, open } = all;
  const stream = open();
  const size = (fourcc: number) => {
    const f = pixFormat(program, CAPTURE, { width: 640, height: 481, fourcc });
    stream.file.do(abi.VIDIOC_TRY_FMT, f);
    return [f.fmt.pix.pixelformat === fourcc, f.fmt.pix.width, f.fmt.pix.height];
  };
  steering.receive?.({ size: '640x481' });
  assert.equal(formatOf(all, stream), '640x481');
  assert.deepEqual(size(abi.V4L2_PIX_FMT_MJPEG), [true, 640, 481]);
  assert.deepEqual(size(abi.V4L2_PIX_FMT_YUYV), [true, 640, 481]);
  assert.deepEqual(size(abi.V4L2_PIX_FMT_H264), [true, 640, 480]);
});

test('vivi without a pace has no rate that could change', () => {
  const { steering } = world('vivi,fps=max');
  assert.throws(() => steering.receive?.({ fps: '25' }), /was made with fps=max/);
});

test('webcam: a film that runs goes on by time when the rate changes, and ends when its stream ends', () => {
  const { steering, clock, open, orders } = world(cameras[1] as string);
  const stream = open();
  stream.allocate(12).queueAll().streamon();
  clock.advance(0);
  steering.receive?.({ fps: '50' });
  clock.advance(NS_PER_S / 5);
  const shown = Array.from({ length: 11 }, () => stream.next().frame[0]);
  assert.deepEqual(shown, [1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6]);
  stream.streamoff();
  stream.queueAll().streamon();
  assert.deepEqual(
    orders.map(({ interval: { denominator } }) => denominator),
    [25, 50],
  );
});

test('webcam: the film goes on while it is frozen', () => {
  const { steering, clock, open } = world(cameras[1] as string);
  const stream = open();
  stream.allocate(2).queueAll().streamon();
  const next = () => {
    clock.advance(NS_PER_S / 25);
    return stream.next().frame[0];
  };
  clock.advance(0);
  assert.equal(stream.next().frame[0], 1);
  steering.freeze?.(true);
  assert.deepEqual([next(), next(), next()], [2, 2, 2]);
  steering.freeze?.(false);
  assert.equal(next(), 5);
});

test('webcam with a lid is blank by shutting that, and its control says so', () => {
  const { steering, vdev } = world('webcam,profile=hd,source=film.mp4');
  const lid = vdev.ctrlHandler?.find(abi.V4L2_CID_PRIVACY);
  steering.blank?.(true);
  assert.equal(lid?.pCur.val, 1);
  steering.blank?.(false);
  assert.equal(lid?.pCur.val, 0);
});
