/** Cameras that show what another camera shows: without threads, as both have the same format. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as abi from '../../src/abi/index.ts';
import { onWarning } from '../../src/base/log.ts';
import { VirtualClock } from '../../src/base/timers.ts';
import { CameraSpecError } from '../../src/drivers/index.ts';
import { CameraTable } from '../../src/session/camera-table.ts';
import { Program } from '../../src/testing/in-process-client.ts';
import type { VideoDevice } from '../../src/v4l2-core/index.ts';
import { pixFormat, Stream } from '../support/streams.ts';

const INTERVAL = 1_000_000_000 / 25;
const mode = 'format=YUYV,size=64x48,fps=25';

function world(...specs: readonly string[]) {
  const clock = new VirtualClock(5_000_000_000);
  const table = new CameraTable(clock, { video: 0, media: 0 });
  for (const spec of specs) table.add(`${spec},${mode}`);
  const program = new Program(64 << 20);
  const open = (n: number) => {
    const device = table.devices.find(`video${n}`) as VideoDevice;
    return new Stream(program, program.open(device), abi.V4L2_BUF_TYPE_VIDEO_CAPTURE);
  };
  const stream = (n: number) => {
    const opened = open(n).allocate(4).queueAll();
    opened.streamon();
    return opened;
  };
  /** The next frame of each, one interval later. */
  const next = (...streams: readonly Stream[]) => {
    clock.advance(INTERVAL);
    return streams.map((each) => each.next().frame);
  };
  /** The same when what lay in queues is gone. */
  const later = (...streams: readonly Stream[]) => {
    for (let n = 0; n < 4; n++) next(...streams);
    return next(...streams) as [Uint8Array, ...Uint8Array[]];
  };
  return { clock, table, program, open, stream, next, later };
}

function warnings(): string[] {
  const said: string[] = [];
  onWarning((line) => said.push(line));
  return said;
}

test('a camera that shows another one has its frames, byte by byte, as its programs get them', () => {
  const { table, stream, next, later } = world('webcam', 'webcam,source=camera:0');
  const [first, second] = [stream(0), stream(1)];
  next(first, second);
  const seen = new Set<string>();
  for (let n = 0; n < 5; n++) {
    const [one, other] = next(first, second) as [Uint8Array, Uint8Array];
    assert.deepEqual(other, one);
    seen.add(Buffer.from(one).toString('latin1'));
  }
  assert.equal(seen.size, 5, 'it moves');
  table.steeringOf('/dev/video0').freeze?.(true);
  const [frozen] = later(first, second);
  assert.deepEqual(next(first, second), [frozen, frozen]);
  table.steeringOf('/dev/video0').freeze?.(false);
  table.steeringOf('/dev/video0').blank?.(true);
  assert.deepEqual([...(later(first, second)[1] as Uint8Array).subarray(0, 2)], [16, 128]);
});

test('it runs without a program of the other one, goes on when that begins and ends, and stops with its own', () => {
  const { clock, stream, next, later } = world('vivi', 'webcam,source=camera:/dev/video0,pace=frames');
  const viewer = stream(1);
  const frames = [0, 1, 2, 3].map(() => String(next(viewer)[0]));
  assert.equal(new Set(frames).size, 4);
  const own = stream(0);
  const rounds = Array.from({ length: 8 }, () => next(own, viewer).map(String));
  const [owned, viewed] = [0, 1].map((n) => rounds.map((frames) => frames[n]).join('|'));
  const few = rounds.slice(0, 4).map(([frame]) => frame);
  assert.ok(viewed?.includes(few.join('|')), 'all of them in their order');
  assert.notEqual(owned, viewed, 'which is some frames later, as each of them is the next one');
  own.streamoff();
  later(viewer);
  assert.notDeepEqual(next(viewer), next(viewer));
  viewer.streamoff();
  assert.equal(clock.timers.next(), Number.POSITIVE_INFINITY, 'nothing runs any more');
});

test('it shows what the other one is asked to show, and a chain of cameras does', () => {
  const { table, stream, later } = world('webcam', 'webcam,source=camera:0', 'webcam,source=camera:video1');
  const [first, third] = [stream(0), stream(2)];
  later(first, third);
  table.show('/dev/video0', 'pattern:red');
  const [one, other] = later(first, third);
  assert.deepEqual(other, one);
  assert.deepEqual([...one.subarray(0, 2)], [81, 90]);
});

test('while the other one is unplugged it shows the placeholder, and its picture when that comes back', () => {
  const said = warnings();
  const { table, stream, later } = world('webcam,source=pattern:red', 'webcam,source=camera:0');
  const viewer = stream(1);
  const [red] = later(viewer);
  table.unplug('/dev/video0');
  const [placeholder] = later(viewer);
  assert.notDeepEqual(placeholder, red);
  assert.deepEqual(said, ['webcam-001: camera:/dev/video0 is unplugged']);
  table.plug('/dev/video0');
  assert.deepEqual(later(viewer), [red]);
  table.remove('/dev/video0');
  assert.deepEqual(later(viewer), [placeholder]);
});

test('it follows when the other one is given another format', () => {
  const { program, open, stream, next, later } = world('webcam', 'webcam,source=camera:0');
  const viewer = stream(1);
  later(viewer);
  const other = open(0);
  const set = (width: number, height: number) =>
    other.file.do(
      abi.VIDIOC_S_FMT,
      pixFormat(program, abi.V4L2_BUF_TYPE_VIDEO_CAPTURE, {
        ...{ width, height, fourcc: abi.V4L2_PIX_FMT_YUYV },
      }),
    );
  set(640, 480);
  set(64, 48);
  later(viewer);
  assert.notDeepEqual(next(viewer), next(viewer), 'it moves again');
});

test('no camera shows itself, by whatever way', () => {
  const said = warnings();
  const { table, stream, next, later } = world('webcam', 'webcam,source=camera:0', 'webcam,source=camera:1');
  const refused = (text: RegExp) => (error: unknown) =>
    error instanceof CameraSpecError && text.test(error.message);
  assert.throws(
    () => table.show('/dev/video0', 'camera:0'),
    refused(/^source: \/dev\/video0 cannot show itself: name another camera\.$/),
  );
  assert.throws(
    () => table.show('/dev/video0', 'camera:2'),
    refused(/^source: \/dev\/video2 shows this camera already: show something else there first\.$/),
  );
  // Described before there was the other one.
  table.add(`webcam,source=camera:4,${mode}`);
  table.add(`webcam,source=camera:3,${mode}`);
  const viewer = stream(3);
  next(viewer);
  assert.match(
    said[0] as string,
    /^webcam-003: camera:\/dev\/video4 cannot be shown: .* shows this camera already/,
  );
  table.show('/dev/video4', 'pattern:red');
  assert.deepEqual([...later(viewer)[0].subarray(0, 2)], [81, 90]);
});

test('what a camera was asked to show it shows again when it is plugged in, if that is still there', () => {
  const { table, stream, next } = world('webcam');
  table.show('/dev/video0', 'pattern:red');
  table.unplug('/dev/video0');
  table.plug('/dev/video0');
  assert.deepEqual([...(next(stream(0))[0] as Uint8Array).subarray(0, 2)], [81, 90]);
});

test('a camera that shows another one is as slow as that, and as fast again when a program sets its format', () => {
  const { program, open, stream, next } = world('webcam,profile=fullhd', 'webcam,source=camera:0');
  const second = stream(1);
  const { file } = open(0);
  /** How many of ten frames are others than the one before. */
  const changes = () => {
    const frames = Array.from({ length: 11 }, () => Buffer.from(next(second)[0]!).toString('latin1'));
    return frames.filter((frame, n) => n > 0 && frame !== frames[n - 1]).length;
  };
  next(second);
  assert.ok(changes() > 8);
  const parm = program.make(abi.v4l2_streamparm);
  parm.type = abi.V4L2_BUF_TYPE_VIDEO_CAPTURE;
  parm.parm.capture.timeperframe.numerator = 1;
  parm.parm.capture.timeperframe.denominator = 5;
  file.do(abi.VIDIOC_S_PARM, parm);
  assert.ok(changes() < 4);
  const size = { width: 64, height: 48, fourcc: abi.V4L2_PIX_FMT_YUYV };
  file.do(abi.VIDIOC_S_FMT, pixFormat(program, abi.V4L2_BUF_TYPE_VIDEO_CAPTURE, size));
  changes();
  assert.ok(changes() > 8);
});
