/** H.264 and the metadata of a webcam. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as abi from '../../src/abi/index.ts';
import { EBUSY, EINVAL } from '../../src/base/errno.ts';
import { PRODUCER_FAILED } from '../../src/sources/index.ts';
import type { VideoDevice } from '../../src/v4l2-core/index.ts';
import { Stream } from '../support/streams.ts';
import { CAPTURE, INTERVAL, type Studio, world } from '../support/webcam-world.ts';

const SPS = 0x67;
const P_SLICE = 0x61;

/** Frames of an encoder: a number behind what kind of frame it is. */
function encode(studio: Studio, ...frames: readonly (readonly [kind: number, number: number])[]): void {
  for (const [kind, number] of frames) {
    (studio.ring.room as Uint8Array).set([0, 0, 0, 1, kind, number]);
    studio.ring.publish(6);
  }
}

function encodedCamera() {
  const camera = world('webcam,profile=fullhd,source=film.mp4,format=H264,size=64x48,fps=25');
  const stream = camera.open();
  stream.allocate(4).queueAll().streamon();
  // A frame that falls due now is none.
  camera.clock.advance(0);
  const studio = camera.studios[0] as Studio;
  const next = () => {
    camera.clock.advance(INTERVAL);
    if (stream.isEmpty) return 'none';
    const { flags } = stream.b;
    const words = [
      [abi.V4L2_BUF_FLAG_KEYFRAME, 'key'],
      [abi.V4L2_BUF_FLAG_PFRAME, 'P'],
    ] as const;
    const said = words.flatMap(([flag, word]) => (flags & flag ? [word] : [])).join();
    const { frame } = stream;
    stream.queue(stream.b.index);
    return `${said} ${frame.length === 6 ? frame[5] : 'picture'}`;
  };
  return { ...camera, studio, next };
}

test('webcam gives H.264 frame by frame, none twice and none left out, and says which stand alone', () => {
  const { next, studio } = encodedCamera();
  encode(studio, [SPS, 1], [P_SLICE, 2]);
  assert.deepEqual([next(), next(), next()], ['key 1', 'P 2', 'none']);
  encode(studio, [P_SLICE, 3], [SPS, 4]);
  assert.deepEqual([next(), next()], ['P 3', 'key 4']);
});

test('webcam freezes H.264 at the next frame that stands alone, and goes on with another such', () => {
  const { next, studio, steering } = encodedCamera();
  encode(studio, [SPS, 1], [P_SLICE, 2], [SPS, 3], [P_SLICE, 4]);
  assert.equal(next(), 'key 1');
  steering.freeze?.(true);
  assert.deepEqual([next(), next(), next()], ['P 2', 'key 3', 'key 3']);
  steering.freeze?.(false);
  encode(studio, [P_SLICE, 5], [SPS, 6], [P_SLICE, 7]);
  assert.deepEqual([next(), next()], ['key 6', 'P 7']);
});

test('webcam covers H.264 with pictures that stand alone, and goes on with a frame that does', () => {
  const { next, studio, steering } = encodedCamera();
  encode(studio, [SPS, 1], [P_SLICE, 2]);
  assert.equal(next(), 'key 1');
  steering.blank?.(true);
  assert.equal(next(), 'key picture');
  encode(studio, [P_SLICE, 3], [P_SLICE, 4]);
  assert.equal(next(), 'key picture');
  steering.blank?.(false);
  assert.equal(next(), 'none');
  encode(studio, [P_SLICE, 5], [SPS, 6]);
  assert.equal(next(), 'key 6');
  studio.ring.finish(PRODUCER_FAILED, 'cannot be shown');
  assert.equal(next(), 'key picture');
});

test('webcam with metadata=yes has a node with the headers of each frame that a program is given', () => {
  const { clock, registry, devices, program, open } = world(
    'webcam,metadata=yes,format=YUYV,size=64x48,fps=25',
  );
  const [video, meta] = devices as [VideoDevice, VideoDevice];
  registry.register(meta);
  assert.deepEqual(
    [video, meta].map(({ attributes, parent }) => [attributes.index, parent?.path]),
    ['0', '1'].map((index) => [index, video.parent?.path]),
  );
  const all = abi.V4L2_CAP_VIDEO_CAPTURE | abi.V4L2_CAP_META_CAPTURE;
  for (const device of [video, meta]) assert.equal(device.querycap().capabilities & all, all);
  const headers = new Stream(program, program.open(meta), abi.V4L2_BUF_TYPE_META_CAPTURE);
  const f = program.make(abi.v4l2_format);
  f.type = abi.V4L2_BUF_TYPE_META_CAPTURE;
  headers.file.do(abi.VIDIOC_G_FMT, f);
  assert.deepEqual([f.fmt.meta.dataformat, f.fmt.meta.buffersize], [abi.V4L2_META_FMT_UVC, 10_240]);
  headers.allocate(4).queueAll().streamon();
  assert.equal(headers.file.ioctl(abi.VIDIOC_S_FMT, f), -EBUSY);
  clock.advance(10 * INTERVAL);
  assert.equal(headers.isEmpty, true, 'nothing comes while nobody streams');
  const frames = open();
  frames.allocate(2).queueAll().streamon();
  clock.advance(2 * INTERVAL);
  assert.equal(frames.next().sequence, 0);
  for (const n of [0, 1]) {
    const { frame, sequence, timestamp } = headers.next();
    const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
    assert.deepEqual([frame.length, sequence], [44, n]);
    for (const [at, flags] of [
      [0, 0x8c | n],
      [22, 0x8e | n],
    ] as const) {
      assert.equal(Math.floor(Number(view.getBigUint64(at, true)) / 1000) * 1000, timestamp);
      assert.deepEqual([view.getUint8(at + 10), view.getUint8(at + 11)], [12, flags]);
      assert.equal(view.getUint16(at + 8, true), Math.floor(timestamp / 1e6) & 0x7ff);
    }
  }
  assert.equal(headers.isEmpty, true, 'the third frame had no buffer');
});

test('webcam has no H.264 where it cannot be encoded, and no camera of a file that has it', () => {
  const camera = { card: 'x', usb: { vendor: '0000', product: '0000' }, controls: [] };
  const sizes = [{ width: 64, height: 48, rates: [30] }];
  const files = { 'mine.json': JSON.stringify({ ...camera, formats: [{ format: 'H264', sizes }] }) };
  const lacks = () => 'ffmpeg is not installed: install it';
  const { vdev, program, open } = world('webcam,profile=fullhd', {}, { lacks });
  const desc = program.make(abi.v4l2_fmtdesc);
  desc.type = CAPTURE;
  desc.index = 2;
  assert.equal(open().file.ioctl(abi.VIDIOC_ENUM_FMT, desc), -EINVAL, vdev.label);
  for (const [spec, text] of [
    [
      'webcam,profile=fullhd,format=H264',
      'format=H264 is not possible: ffmpeg is not installed: install it.',
    ],
    [
      'webcam,profile=mine.json',
      'profile=mine.json has the format H264, for which ffmpeg is not installed: install it.',
    ],
  ] as const)
    assert.throws(() => world(spec, files, { lacks }), { message: text });
});
