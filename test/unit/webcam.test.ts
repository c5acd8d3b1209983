import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as abi from '../../src/abi/index.ts';
import { EBUSY, EINVAL } from '../../src/base/errno.ts';
import { onWarning } from '../../src/base/log.ts';
import { VirtualClock } from '../../src/base/timers.ts';
import { CameraSpecError, createSteered, parseCamera } from '../../src/drivers/index.ts';
import { heapPages } from '../../src/memory/pages.ts';
import { type FrameOrder, FrameRing, PRODUCER_FAILED, type ProducerHost } from '../../src/sources/index.ts';
import { Program } from '../../src/testing/in-process-client.ts';
import { type VideoDevice, VideoDeviceRegistry } from '../../src/v4l2-core/index.ts';
import { pixFormat, Stream } from '../support/streams.ts';

const CAPTURE = abi.V4L2_BUF_TYPE_VIDEO_CAPTURE;
const INTERVAL = 1_000_000_000 / 25;

/** A producer that is the test. */
class Studio {
  readonly order: FrameOrder;
  readonly ring: FrameRing;
  stopped = false;

  constructor(order: FrameOrder) {
    this.order = order;
    this.ring = FrameRing.shared({ slots: 4, frameBytes: order.planeSizes.reduce((sum, n) => sum + n, 0) });
  }

  stop(): void {
    this.stopped = true;
  }

  write(...values: readonly number[]): void {
    for (const value of values) {
      (this.ring.room as Uint8Array).fill(value);
      this.ring.publish();
    }
  }
}

function world(
  spec: string,
  files: Readonly<Record<string, string>> = {},
  more: Pick<ProducerHost, 'lacks'> = {},
) {
  const clock = new VirtualClock();
  const registry = new VideoDeviceRegistry(clock);
  const studios: Studio[] = [];
  const producers = {
    ...more,
    check: () => undefined,
    start: (order: FrameOrder) => {
      studios.push(new Studio(order));
      return studios.at(-1) as Studio;
    },
  };
  const readText = (path: string) => files[path];
  const surroundings = { clock, pages: heapPages, instance: 0, producers, readText };
  const { devices, steering } = createSteered(parseCamera(spec), surroundings);
  const vdev = devices[0] as VideoDevice;
  registry.register(vdev);
  const program = new Program(64 << 20);
  const open = () => new Stream(program, program.open(vdev), CAPTURE);
  const control = (file: Stream['file'], id: number, value?: number) => {
    const ctrl = program.make(abi.v4l2_control);
    ctrl.id = id;
    ctrl.value = value ?? 0;
    const result = file.ioctl(value === undefined ? abi.VIDIOC_G_CTRL : abi.VIDIOC_S_CTRL, ctrl);
    return result < 0 ? result : ctrl.value;
  };
  return { clock, registry, devices, vdev, steering, program, open, studios, control };
}

const film = 'webcam,source=film.mp4,format=YUYV,size=64x48,fps=25';

test('webcam says that it is a camera on USB, driven by uvcvideo', () => {
  const { vdev } = world('webcam,profile=fullhd');
  const { driver, card, bus_info } = vdev.querycap();
  assert.deepEqual([driver, card, bus_info], ['uvcvideo', 'HD Pro Webcam C920', 'usb-vhci_hcd.0-1']);
  assert.equal(vdev.udevProperties.ID_VENDOR_ID, '046d');
  const device = vdev.parent?.path.replace(/\/[^/]*$/, '');
  assert.deepEqual(
    [vdev.parent?.files[`${device}/idVendor`], vdev.parent?.files[`${device}/idProduct`]],
    ['046d', '082d'],
  );
});

test('webcam gives the nearest size that its format has, and rates of that size', () => {
  const { program, open } = world('webcam,profile=fullhd');
  const { file } = open();
  const f = pixFormat(program, CAPTURE, { width: 1300, height: 700, fourcc: abi.V4L2_PIX_FMT_MJPEG });
  file.do(abi.VIDIOC_S_FMT, f);
  assert.deepEqual([f.fmt.pix.width, f.fmt.pix.height, f.fmt.pix.sizeimage], [1280, 720, 1280 * 720 * 2]);
  const parm = program.make(abi.v4l2_streamparm);
  parm.type = CAPTURE;
  parm.parm.capture.timeperframe.numerator = 1;
  parm.parm.capture.timeperframe.denominator = 29;
  file.do(abi.VIDIOC_S_PARM, parm);
  assert.equal(parm.parm.capture.timeperframe.denominator, 30);
  f.fmt.pix.pixelformat = abi.V4L2_PIX_FMT_YUYV;
  file.do(abi.VIDIOC_S_FMT, f);
  file.do(abi.VIDIOC_G_PARM, parm);
  assert.deepEqual(
    [f.fmt.pix.width, parm.parm.capture.timeperframe.denominator],
    [1280, 10],
    'uncompressed frames of that size come slower',
  );
});

test('webcam does not change its rate while frames come', () => {
  const { program, open } = world('webcam');
  const stream = open();
  stream.allocate(2).queueAll().streamon();
  const parm = program.make(abi.v4l2_streamparm);
  parm.type = CAPTURE;
  assert.equal(stream.file.ioctl(abi.VIDIOC_S_PARM, parm), -EBUSY);
});

test('webcam starts its producer with the stream, in the format that was negotiated, and stops it with it', () => {
  const { open, studios } = world(film);
  const stream = open();
  assert.equal(studios.length, 0);
  stream.allocate(2).queueAll().streamon();
  const { format, width, height, planeSizes, interval } = studios[0]!.order;
  assert.deepEqual([format, width, height, planeSizes], ['YUYV', 64, 48, [64 * 48 * 2]]);
  assert.deepEqual(interval, { numerator: 1, denominator: 25 });
  stream.streamoff();
  assert.deepEqual([studios.length, studios[0]!.stopped], [1, true]);
});

test('webcam begins its stream with the first frame of its source, however late that comes', () => {
  const { clock, open, studios } = world(film);
  const stream = open();
  stream.allocate(4).queueAll().streamon();
  clock.advance(10 * INTERVAL);
  assert.equal(stream.isEmpty, true);
  studios[0]!.write(1, 2, 3);
  for (const n of [0, 1, 2]) {
    clock.advance(INTERVAL);
    const { frame, sequence } = stream.next();
    assert.deepEqual([sequence, frame[0]], [n, n + 1]);
  }
});

test('webcam with pace=frames lets no frame fall due while its source has none', () => {
  const { clock, open, studios } = world(`${film},pace=frames`);
  const stream = open();
  stream.allocate(4).queueAll().streamon();
  studios[0]!.write(1);
  clock.advance(5 * INTERVAL);
  assert.equal(stream.next().frame[0], 1);
  assert.equal(stream.isEmpty, true);
  studios[0]!.write(2);
  clock.advance(INTERVAL);
  const { frame, sequence } = stream.next();
  assert.deepEqual([sequence, frame[0]], [1, 2]);
});

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

test('webcam shows another source without a gap, as soon as it has a frame, and in streams that start later', () => {
  const { clock, steering, open, studios } = world(film);
  const stream = open();
  stream.allocate(4).queueAll().streamon();
  studios[0]!.write(1, 2, 3, 4);
  clock.advance(INTERVAL);
  assert.deepEqual([stream.next().frame[0], stream.next().frame[0]], [1, 2]);
  steering.show?.('qr:Hello');
  assert.deepEqual(studios[1]!.order.source, { kind: 'qr', text: 'Hello' });
  clock.advance(INTERVAL);
  assert.equal(stream.next().frame[0], 3);
  assert.equal(studios[0]!.stopped, false);
  studios[1]!.write(99);
  clock.advance(INTERVAL);
  assert.equal(stream.next().frame[0], 99);
  assert.equal(studios[0]!.stopped, true);
  stream.streamoff();
  stream.queueAll().streamon();
  assert.equal(studios[2]!.order.source.kind, 'qr');
  assert.throws(() => steering.show?.('bars'), CameraSpecError);
});

test('webcam with produce=always goes on while nobody streams, and a stream begins where it is', () => {
  const { clock, steering, open, studios } = world(`${film},produce=always`);
  assert.equal(studios.length, 0);
  steering.begin?.();
  const [studio] = studios;
  studio?.write(1, 2, 3, 4);
  clock.advance(0);
  clock.advance(3 * INTERVAL);
  assert.equal(studio?.ring.taken, 3);
  studio?.write(5, 6, 7);
  const stream = open();
  stream.allocate(2).queueAll();
  clock.advance(INTERVAL);
  stream.streamon();
  clock.advance(0);
  const { frame, sequence } = stream.next();
  assert.deepEqual([sequence, frame[0]], [0, 5]);
  stream.streamoff();
  clock.advance(INTERVAL);
  assert.equal(studio?.ring.taken, 5, 'the next one is shown to nobody');
  assert.deepEqual([studios.length, studio?.stopped], [1, false]);
  steering.end?.();
  assert.equal(studio?.stopped, true);
});

test('webcam with produce=always begins anew in another format, and has pictures for all who read at once', () => {
  const { steering, program, open, studios } = world(`${film},produce=always,readers=many`);
  steering.begin?.();
  const [first, second] = [open(), open()];
  first.file.do(
    abi.VIDIOC_S_FMT,
    pixFormat(program, CAPTURE, { width: 64, height: 48, fourcc: abi.V4L2_PIX_FMT_MJPEG }),
  );
  assert.deepEqual(
    studios.map(({ order, stopped }) => [order.format, stopped]),
    [
      ['YUYV', true],
      ['MJPEG', false],
    ],
  );
  for (const stream of [first, second]) stream.allocate(2).queueAll().streamon();
  assert.equal(studios.length, 3, 'one of them has that which goes on');
  for (const stream of [first, second]) stream.streamoff();
  assert.deepEqual(
    studios.map(({ stopped }) => stopped),
    [true, false, true],
  );
});

test('webcam tells once that its source has failed, and shows the placeholder', () => {
  const told: string[] = [];
  const before = onWarning((text) => told.push(text));
  const { clock, open, studios } = world(film);
  const stream = open();
  stream.allocate(4).queueAll().streamon();
  studios[0]!.ring.finish(PRODUCER_FAILED, 'cannot be shown: no codec');
  clock.advance(3 * INTERVAL);
  assert.equal(stream.next().sequence, 0);
  assert.equal(stream.next().sequence, 1);
  onWarning(before);
  assert.deepEqual(told, ['webcam-000: film.mp4 cannot be shown: no codec']);
});

test('webcam is black while its lid is shut', () => {
  const { clock, open, control } = world(
    'webcam,profile=usb3,source=pattern:bars,format=YUYV,size=64x48,fps=25',
  );
  const stream = open();
  stream.allocate(3).queueAll().streamon();
  clock.advance(0);
  const isBlack = (frame: Uint8Array) => frame.every((byte, i) => byte === (i % 2 === 0 ? 16 : 128));
  assert.equal(isBlack(stream.next().frame), false);
  assert.equal(control(stream.file, abi.V4L2_CID_PRIVACY, 1), 1);
  clock.advance(INTERVAL);
  assert.equal(isBlack(stream.next().frame), true);
});

test('webcam has manual controls that are inactive while the camera decides', () => {
  const { open, control, program } = world('webcam,profile=fullhd');
  const { file } = open();
  const query = program.make(abi.v4l2_queryctrl);
  const isInactive = () => {
    query.id = abi.V4L2_CID_EXPOSURE_ABSOLUTE;
    file.do(abi.VIDIOC_QUERYCTRL, query);
    return (query.flags & abi.V4L2_CTRL_FLAG_INACTIVE) !== 0;
  };
  assert.equal(isInactive(), true);
  assert.equal(control(file, abi.V4L2_CID_EXPOSURE_AUTO, abi.V4L2_EXPOSURE_MANUAL), 1);
  assert.equal(isInactive(), false);
  assert.equal(
    control(file, abi.V4L2_CID_EXPOSURE_AUTO, 2),
    -EINVAL,
    'an item that this camera does not have',
  );
});

const profile = {
  card: 'Mine',
  usb: { vendor: '1234', product: 'abcd' },
  formats: [{ format: 'NV12', sizes: [{ width: 320, height: 240, rates: [7.5, '30000/1001'] }] }],
  controls: [{ id: 'GAIN', min: 0, max: 10, default: 5 }],
};

test('webcam is what its profile says, in a file of its own', () => {
  const { vdev, open, program, control } = world('webcam,profile=./my.json', {
    './my.json': JSON.stringify(profile),
  });
  const { file } = open();
  assert.equal(vdev.querycap().card, 'Mine');
  const f = pixFormat(program, CAPTURE);
  file.do(abi.VIDIOC_G_FMT, f);
  assert.deepEqual([f.fmt.pix.pixelformat, f.fmt.pix.width], [abi.V4L2_PIX_FMT_NV12, 320]);
  const frmival = program.make(abi.v4l2_frmivalenum);
  frmival.pixel_format = abi.V4L2_PIX_FMT_NV12;
  frmival.width = 320;
  frmival.height = 240;
  const rates = [0, 1].map((index) => {
    frmival.index = index;
    file.do(abi.VIDIOC_ENUM_FRAMEINTERVALS, frmival);
    return `${frmival.discrete.denominator}/${frmival.discrete.numerator}`;
  });
  assert.deepEqual(rates, ['30000/1001', '15/2']);
  assert.equal(control(file, abi.V4L2_CID_GAIN), 5);
});

test('webcam says in a sentence what is wrong with its description', () => {
  const cases: readonly (readonly [string, string | undefined, RegExp])[] = [
    [
      'webcam,profile=nosuch',
      undefined,
      /profile=nosuch is not possible: choose one of hd, fullhd, usb3, or name/,
    ],
    ['webcam,profile=./x.json', undefined, /profile=\.\/x\.json cannot be read/],
    ['webcam,profile=./x.json', '{', /x\.json is no JSON/],
    ['webcam,profile=./x.json', '{}', /"card" is to be the name of the camera/],
    ['webcam,profile=./x.json', JSON.stringify({ ...profile, usb: {} }), /"usb" is to have "vendor"/],
    ['webcam,profile=./x.json', JSON.stringify({ ...profile, formats: [] }), /"formats" is to be a list/],
    [
      'webcam,profile=./x.json',
      JSON.stringify({ ...profile, formats: [{ format: 'H265', sizes: profile.formats[0]!.sizes }] }),
      /format H265, which cannot be made/,
    ],
    [
      'webcam,profile=./x.json',
      JSON.stringify({ ...profile, controls: [{ id: 'GAIN', min: 0, default: 1 }] }),
      /"controls\[0\]\.max" is to be a whole number/,
    ],
    [
      'webcam,profile=./x.json',
      JSON.stringify({ ...profile, controls: [{ id: 'GAINS', min: 0, max: 1, default: 1 }] }),
      /a control "GAINS" that nobody knows/,
    ],
    ['webcam,source=bars', undefined, /source=bars is not possible: .* write pattern:bars/],
    [
      'webcam,profile=hd,format=NV12',
      undefined,
      /format=NV12 is not one that this webcam has: choose one of MJPEG, YUYV/,
    ],
  ];
  for (const [spec, text, message] of cases)
    assert.throws(
      () => world(spec, text === undefined ? {} : { './x.json': text }),
      (error: Error) => error instanceof CameraSpecError && message.test(error.message),
      `${spec} ${text}`,
    );
});

test('webcam shows a part of its picture when it has zoomed in, and where it looks', () => {
  const { clock, open, control } = world(
    'webcam,profile=usb3,source=pattern:bars,format=YUYV,size=64x48,fps=25',
  );
  const stream = open();
  stream.allocate(3).queueAll().streamon();
  clock.advance(0);
  const bar = (frame: Uint8Array, n: number) => frame[16 * n + 1];
  const whole = stream.next().frame;
  assert.equal(control(stream.file, abi.V4L2_CID_ZOOM_ABSOLUTE, 200), 200);
  assert.equal(control(stream.file, abi.V4L2_CID_PAN_ABSOLUTE, -36_000), -36_000);
  clock.advance(INTERVAL);
  const left = stream.next().frame;
  assert.deepEqual(
    [0, 2, 4, 6].map((n) => bar(left, n)),
    [0, 1, 2, 3].map((n) => bar(whole, n)),
  );
  assert.equal(control(stream.file, abi.V4L2_CID_PAN_ABSOLUTE, 36_000), 36_000);
  clock.advance(INTERVAL);
  const right = stream.next().frame;
  assert.deepEqual(
    [0, 2, 4].map((n) => bar(right, n)),
    [4, 5, 6].map((n) => bar(whole, n)),
  );
});

test('webcam ends its producer when it is unplugged while a program streams', () => {
  const { clock, vdev, registry, open, studios } = world(film);
  const stream = open();
  stream.allocate(2).queueAll().streamon();
  studios[0]!.write(1);
  clock.advance(INTERVAL);
  registry.unregister(vdev);
  clock.advance(INTERVAL);
  assert.equal(studios[0]!.stopped, true);
});
