import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as abi from '../../src/abi/index.ts';
import { EACCES, EBUSY, EFAULT, EINVAL, ENOENT, ENOTTY } from '../../src/base/errno.ts';
import { onWarning } from '../../src/base/log.ts';
import { CameraSpecError } from '../../src/drivers/index.ts';
import { PRODUCER_FAILED } from '../../src/sources/index.ts';
import { pixFormat } from '../support/streams.ts';
import { CAPTURE, INTERVAL, world } from '../support/webcam-world.ts';

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

test('webcam has no extension units, and says so as uvcvideo does', () => {
  const { program, open } = world('webcam');
  const { file } = open();
  const map = abi.struct('uvc_xu_control_mapping, as far as it matters', {
    id: abi.u32,
    name: abi.array(abi.u8, 32),
    before: abi.array(abi.u8, 20),
    v4l2_type: abi.u32,
    data_type: abi.u32,
    menu_info: abi.pointer,
    menu_count: abi.u32,
    reserved: abi.array(abi.u32, 5),
  });
  const query = abi.struct('uvc_xu_control_query', { head: abi.array(abi.u8, 8), data: abi.pointer });
  const mapping = program.make(map);
  const asked = (type: number, items = 0) => {
    mapping.v4l2_type = type;
    mapping.menu_count = items;
    return file.ioctl(abi._IOWR('u', 0x20, map), mapping);
  };
  assert.equal(asked(abi.V4L2_CTRL_TYPE_STRING), -EINVAL, 'no standard control, and no name');
  mapping.id = abi.V4L2_CID_BRIGHTNESS;
  assert.deepEqual(
    [asked(abi.V4L2_CTRL_TYPE_BOOLEAN), asked(abi.V4L2_CTRL_TYPE_STRING), asked(abi.V4L2_CTRL_TYPE_MENU)],
    [-ENOENT, -ENOTTY, -EINVAL],
  );
  assert.equal(asked(abi.V4L2_CTRL_TYPE_MENU, 2), -EFAULT, 'the items are read first');
  mapping.menu_info = program.alloc(2 * 36).address;
  assert.equal(asked(abi.V4L2_CTRL_TYPE_MENU, 2), -ENOENT);
  mapping.name.set(0, 0x41);
  for (const [id, errno] of [
    [0x0980_9999, ENOENT],
    [0x8980_9999, EINVAL],
  ] as const) {
    mapping.id = id;
    assert.equal(asked(abi.V4L2_CTRL_TYPE_INTEGER), -errno, id.toString(16));
  }
  assert.equal(file.ioctl(abi._IOWR('u', 0x21, query), program.make(query)), -ENOENT);
  assert.equal(file.ioctl(abi._IO('u', 0x22), 0), -ENOTTY);
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

test('webcam finds the nearest rate in units of 100 ns, the longest for none, and forgets it with the next format', () => {
  const rates = [30, 15, 5];
  const formats = [{ format: 'YUYV', sizes: [{ width: 320, height: 240, rates }] }];
  const text = JSON.stringify({ ...profile, formats });
  const { program, open } = world('webcam,profile=./my.json', { './my.json': text });
  const { file } = open();
  const parm = program.make(abi.v4l2_streamparm);
  parm.type = CAPTURE;
  const { timeperframe } = parm.parm.capture;
  const set = (numerator: number, denominator: number) => {
    timeperframe.numerator = numerator;
    timeperframe.denominator = denominator;
    file.do(abi.VIDIOC_S_PARM, parm);
    return timeperframe.denominator / timeperframe.numerator;
  };
  assert.deepEqual([set(1, 29), set(1, 19), set(0, 1), set(1000, 1)], [30, 15, 30, 5]);
  assert.equal(set(1, 20), 15, '666666 is a little nearer to 500000 than 333333 is');
  set(1, 30);
  assert.deepEqual([set(0, 0), set(1, 30), set(1, 0)], [5, 30, 5]);
  file.do(abi.VIDIOC_S_FMT, pixFormat(program, CAPTURE, { width: 320, height: 240 }));
  file.do(abi.VIDIOC_G_PARM, parm);
  assert.deepEqual([timeperframe.numerator, timeperframe.denominator], [1, 30]);
});

test('webcam begins again with the rate that was asked for it when a program sets the format', () => {
  const { program, open } = world('webcam,profile=fullhd,fps=15');
  const { file } = open();
  const parm = program.make(abi.v4l2_streamparm);
  parm.type = CAPTURE;
  const { timeperframe } = parm.parm.capture;
  timeperframe.numerator = 1;
  timeperframe.denominator = 30;
  file.do(abi.VIDIOC_S_PARM, parm);
  assert.equal(timeperframe.denominator, 30);
  const f = pixFormat(program, CAPTURE, { width: 320, height: 240 });
  file.do(abi.VIDIOC_TRY_FMT, f);
  file.do(abi.VIDIOC_G_PARM, parm);
  assert.equal(timeperframe.denominator, 30, 'who only tries changes nothing');
  file.do(abi.VIDIOC_S_FMT, f);
  file.do(abi.VIDIOC_G_PARM, parm);
  assert.equal(timeperframe.denominator, 15);
});

test('webcam names its input as its sensor', () => {
  const { program, open } = world('webcam');
  const input = program.make(abi.v4l2_input);
  open().file.do(abi.VIDIOC_ENUMINPUT, input);
  assert.deepEqual([input.name, input.type], ['Camera 1', abi.V4L2_INPUT_TYPE_CAMERA]);
});

test('webcam with readers=many tells who sets another rate the one that others have, and takes it when they have gone', () => {
  const { program, open } = world('webcam,profile=fullhd,format=MJPEG,size=1280x720,fps=30,readers=many');
  const [first, second] = [open(), open()];
  const set = ({ file }: typeof first, rate: number) => {
    const parm = program.make(abi.v4l2_streamparm);
    parm.type = CAPTURE;
    parm.parm.capture.timeperframe.numerator = 1;
    parm.parm.capture.timeperframe.denominator = rate;
    const result = file.ioctl(abi.VIDIOC_S_PARM, parm);
    return result < 0 ? result : parm.parm.capture.timeperframe.denominator;
  };
  first.allocate(2).queueAll().streamon();
  assert.deepEqual([set(second, 30), set(second, 15), set(first, 30)], [30, 30, -EBUSY]);
  first.file.close();
  assert.equal(set(second, 15), 15);
});

test('webcam tells how colours are meant, and that its picture is whole, as uvcvideo does', () => {
  const { program, open } = world('webcam,profile=fullhd');
  const { file } = open();
  for (const fourcc of [abi.V4L2_PIX_FMT_MJPEG, abi.V4L2_PIX_FMT_YUYV]) {
    const f = pixFormat(program, CAPTURE, { width: 640, height: 480, fourcc });
    file.do(abi.VIDIOC_S_FMT, f);
    const { colorspace, xfer_func, ycbcr_enc, quantization } = f.fmt.pix;
    assert.deepEqual(
      [colorspace, xfer_func, ycbcr_enc, quantization],
      [abi.V4L2_COLORSPACE_SRGB, abi.V4L2_XFER_FUNC_709, abi.V4L2_YCBCR_ENC_601, 0],
    );
  }
  const s = program.make(abi.v4l2_selection);
  s.type = CAPTURE;
  for (const target of [abi.V4L2_SEL_TGT_CROP_DEFAULT, abi.V4L2_SEL_TGT_CROP_BOUNDS]) {
    s.target = target;
    file.do(abi.VIDIOC_G_SELECTION, s);
    assert.deepEqual([s.r.left, s.r.top, s.r.width, s.r.height], [0, 0, 640, 480]);
  }
  s.target = abi.V4L2_SEL_TGT_CROP;
  assert.equal(file.ioctl(abi.VIDIOC_G_SELECTION, s), -EINVAL);
  s.target = abi.V4L2_SEL_TGT_CROP_BOUNDS;
  s.type = abi.V4L2_BUF_TYPE_VIDEO_OUTPUT;
  assert.equal(file.ioctl(abi.VIDIOC_G_SELECTION, s), -EINVAL);
  const cap = program.make(abi.v4l2_cropcap);
  cap.type = CAPTURE;
  file.do(abi.VIDIOC_CROPCAP, cap);
  assert.deepEqual([cap.defrect.width, cap.pixelaspect.numerator, cap.pixelaspect.denominator], [640, 1, 1]);
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

test('webcam with inactive=refused refuses what it sets itself, unless the same list turns its master manual', () => {
  const { open, control, program } = world('webcam,profile=fullhd,inactive=refused');
  const { file } = open();
  const { V4L2_CID_FOCUS_AUTO: AUTO, V4L2_CID_FOCUS_ABSOLUTE: FOCUS } = abi;
  const array = program.alloc(2 * abi.v4l2_ext_control.size);
  const list = program.make(abi.v4l2_ext_controls);
  const set = (cmd: number, ...entries: readonly (readonly [id: number, value: number])[]) => {
    array.bytes.fill(0);
    for (const [n, [id, value]] of entries.entries())
      Object.assign(abi.v4l2_ext_control.at(array.bytes, n * abi.v4l2_ext_control.size), { id, value });
    list.count = entries.length;
    list.controls = array.address;
    return [file.ioctl(cmd, list), list.error_idx];
  };
  const { VIDIOC_S_EXT_CTRLS: SET, VIDIOC_TRY_EXT_CTRLS: TRY } = abi;
  assert.equal(control(file, FOCUS, 50), -EACCES);
  assert.deepEqual(set(SET, [abi.V4L2_CID_BRIGHTNESS, 7], [FOCUS, 50]), [-EACCES, 2]);
  assert.equal(control(file, abi.V4L2_CID_BRIGHTNESS), 128, 'nothing was set');
  assert.deepEqual(set(TRY, [FOCUS, 50]), [0, 0]);
  assert.deepEqual(set(SET, [FOCUS, 50], [AUTO, 0]), [0, 0]);
  assert.equal(control(file, FOCUS), 50);
  assert.deepEqual(set(SET, [AUTO, 1], [FOCUS, 60]), [-EACCES, 2]);
  assert.equal(control(file, FOCUS, 55), 55, 'it is manual still');
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

test('webcam looks at 16 bits of a size that is asked for, as uvcvideo does', () => {
  const { open, program } = world('webcam,profile=fullhd,format=YUYV');
  const { file } = open();
  const nearest = (width: number, height: number) => {
    const f = pixFormat(program, CAPTURE, { width, height, fourcc: abi.V4L2_PIX_FMT_YUYV });
    file.do(abi.VIDIOC_TRY_FMT, f);
    return `${f.fmt.pix.width}x${f.fmt.pix.height}`;
  };
  assert.equal(nearest(0xffffffff, 0xffffffff), '1920x1080');
  assert.equal(nearest(0x10000 + 320, 0x10000 + 240), '320x240');
  assert.equal(nearest(0, 0), '160x90');
});

test('webcam begins with any format that its profile has', () => {
  const formats = ['YUYV', 'GREY'].map((format) => ({ format, sizes: sizes(320, 240) }));
  const { open, program } = world('webcam,profile=./my.json,format=grey', {
    './my.json': JSON.stringify({ ...profile, formats }),
  });
  const f = pixFormat(program, CAPTURE);
  open().file.do(abi.VIDIOC_G_FMT, f);
  assert.equal(f.fmt.pix.pixelformat, abi.V4L2_PIX_FMT_GREY);
});

const sizes = (width: number, height: number, rate: unknown = 30) => [{ width, height, rates: [rate] }];

const wrongFormats: readonly (readonly [object, RegExp])[] = [
  [{ format: 'NV12M' }, /format NV12M, which cannot be made/],
  [{ format: 'YUYV', sizes: sizes(641, 48) }, /YUYV cannot have 641x48: its width is to be a multiple of 2/],
  [{ format: 'MJPEG', sizes: sizes(100_000, 16) }, /"formats\[0\]\.sizes\[0\]" is to have .* up to 16384/],
  [{ sizes: sizes(320, 240, '1e9') }, /a rate of 1e9/],
  [{ sizes: sizes(320, 240, '4294967296/99999999999') }, /a rate of 4294967296/],
];

const wrongControls: readonly (readonly [object, RegExp])[] = [
  [{ max: 2 ** 40 }, /"controls\[0\]\.max" is to be a whole number/],
  [{ step: 'x' }, /"controls\[0\]\.step" is to be a whole number/],
  [{ step: 1.5 }, /"controls\[0\]\.step" is to be a whole number/],
  [{ id: 'EXPOSURE_AUTO', items: 5 }, /"controls\[0\]\.items" is to be a list of whole numbers/],
  [{ id: 'EXPOSURE_AUTO', max: 2 ** 31 - 1, items: [1] }, /"EXPOSURE_AUTO" cannot be: .* it has 4 items/],
];

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
    ...wrongFormats.map(
      ([format, message]) =>
        [
          'webcam,profile=./x.json',
          JSON.stringify({ ...profile, formats: [{ ...profile.formats[0], ...format }] }),
          message,
        ] as const,
    ),
    ...wrongControls.map(
      ([control, message]) =>
        [
          'webcam,profile=./x.json',
          JSON.stringify({ ...profile, controls: [{ ...profile.controls[0], ...control }] }),
          message,
        ] as const,
    ),
    [
      'webcam,profile=./x.json',
      JSON.stringify({ ...profile, usb: { vendor: 1234, product: 'abcd' } }),
      /"usb" is to have "vendor"/,
    ],
    [
      'webcam,profile=./x.json',
      JSON.stringify({ ...profile, formats: [...profile.formats, ...profile.formats] }),
      /"formats\[1\]" is NV12 again/,
    ],
    [
      'webcam,profile=fullhd,format=H264,size=640x481',
      undefined,
      /H264 cannot have 640x481: .* multiple of 2 and its height one of 2/,
    ],
    [
      'webcam,profile=./x.json',
      JSON.stringify({ ...profile, controls: [{ id: 'GAINS', min: 0, max: 1, default: 1 }] }),
      /a control "GAINS" that nobody knows/,
    ],
    ['webcam,source=bars', undefined, /source=bars is not possible: .* write pattern:bars/],
    [
      'webcam,format=GREY',
      undefined,
      /format=GREY is not one that this webcam has: choose one of MJPEG, YUYV/,
    ],
    [
      'webcam,format=Y16',
      undefined,
      /format=Y16 is not one that webcam has: choose one of MJPEG, YUYV, NV12/,
    ],
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

test('webcam has room for a JPEG whatever the size, and keeps a size for the formats that can have it', () => {
  const { open, program } = world('webcam,profile=fullhd,format=MJPEG,size=16x17,fps=25');
  const stream = open();
  const f = pixFormat(program, CAPTURE);
  stream.file.do(abi.VIDIOC_G_FMT, f);
  assert.deepEqual([f.fmt.pix.width, f.fmt.pix.height, f.fmt.pix.sizeimage], [16, 17, 4096]);
  Object.assign(f.fmt.pix, { width: 16, height: 17, pixelformat: abi.V4L2_PIX_FMT_H264 });
  stream.file.do(abi.VIDIOC_TRY_FMT, f);
  assert.deepEqual([f.fmt.pix.width, f.fmt.pix.height], [160, 90], 'H.264 has no odd heights');
  const tiny = world('webcam,profile=./x.json,fps=25', {
    './x.json': JSON.stringify({ ...profile, formats: [{ format: 'MJPEG', sizes: sizes(1, 1) }] }),
  });
  const file = tiny.open();
  file.allocate(2).queueAll().streamon();
  tiny.clock.advance(0);
  const { bytesused } = file.dequeue();
  assert.ok(bytesused > 100, `${bytesused} bytes`);
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

test('webcam zooms in the unit of its profile: the least shows all, the greatest the least', () => {
  const ranges = [
    [100, 500, 200, 100],
    [10, 50, 20, 10],
    [50, 500, 100, 50],
    [0, 1000, 250, 0],
    [-10, 10, -5, -10],
    [0, 0, 0, 0],
  ] as const;
  for (const [min, max, twice, all] of ranges) {
    const controls = [{ id: 'ZOOM_ABSOLUTE', min, max, default: all }];
    const formats = [{ format: 'YUYV', sizes: sizes(64, 48) }];
    const { clock, open, control } = world('webcam,profile=./x.json,source=pattern:bars,fps=25', {
      './x.json': JSON.stringify({ ...profile, formats, controls }),
    });
    const stream = open();
    stream.allocate(2).queueAll().streamon();
    clock.advance(0);
    stream.next();
    const bars = (value: number) => {
      control(stream.file, abi.V4L2_CID_ZOOM_ABSOLUTE, value);
      clock.advance(INTERVAL);
      const { frame } = stream.next();
      return new Set(Array.from({ length: 64 }, (_, x) => frame[2 * x])).size;
    };
    assert.deepEqual([bars(all), bars(twice) <= 5], [8, max > min], `${min}..${max}`);
  }
});
