import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as abi from '../../src/abi/index.ts';
import { EBUSY, EINVAL, ENOMEM, ENOTTY } from '../../src/base/errno.ts';
import { VirtualClock } from '../../src/base/timers.ts';
import { createCamera, parseCamera } from '../../src/drivers/index.ts';
import { heapPages } from '../../src/memory/pages.ts';
import { Capture, Program } from '../../src/testing/in-process-client.ts';
import { VideoDeviceRegistry } from '../../src/v4l2-core/index.ts';
import '../support/driver-bugs.ts';

const CAPTURE = abi.V4L2_BUF_TYPE_VIDEO_CAPTURE;

function openVivi(spec = 'vivi', instance = 0) {
  const registry = new VideoDeviceRegistry(new VirtualClock());
  const vdev = createCamera(parseCamera(spec), { clock: new VirtualClock(), pages: heapPages, instance });
  registry.register(vdev);
  const program = new Program();
  return { vdev, program, file: program.open(vdev) };
}

type Opened = ReturnType<typeof openVivi>;

function format({ program }: Opened, width: number, height: number, fourcc = abi.V4L2_PIX_FMT_YUYV) {
  const f = program.make(abi.v4l2_format);
  f.type = CAPTURE;
  f.fmt.pix.width = width;
  f.fmt.pix.height = height;
  f.fmt.pix.pixelformat = fourcc;
  return f;
}

function parm({ program }: Opened, numerator: number, denominator: number) {
  const p = program.make(abi.v4l2_streamparm);
  p.type = CAPTURE;
  p.parm.capture.timeperframe.numerator = numerator;
  p.parm.capture.timeperframe.denominator = denominator;
  return p;
}

/** All answers of an ioctl that enumerates, until EINVAL. */
function enumerate<V extends abi.StructView & { index: number }, R>(
  { file }: Opened,
  cmd: number,
  view: V,
  pick: (view: V) => R,
): R[] {
  const found: R[] = [];
  for (view.index = 0; ; view.index++) {
    const result = file.ioctl(cmd, view);
    if (result !== 0) {
      assert.equal(result, -EINVAL);
      return found;
    }
    found.push(pick(view));
  }
}

test('VIDIOC_QUERYCAP names the camera', () => {
  const opened = openVivi('vivi', 7);
  const cap = opened.program.make(abi.v4l2_capability);
  opened.file.do(abi.VIDIOC_QUERYCAP, cap);
  assert.deepEqual([cap.driver, cap.card, cap.bus_info], ['vivi', 'vivi', 'platform:vivi-007']);
  assert.equal(
    cap.device_caps,
    abi.V4L2_CAP_VIDEO_CAPTURE |
      abi.V4L2_CAP_STREAMING |
      abi.V4L2_CAP_READWRITE |
      abi.V4L2_CAP_EXT_PIX_FORMAT,
  );
});

test('vivi announces no read() when it is not wanted', () => {
  const surroundings = { clock: new VirtualClock(), pages: heapPages, instance: 0 };
  const caps = createCamera(parseCamera('vivi,read=no'), surroundings).querycap().device_caps;
  assert.equal(caps & abi.V4L2_CAP_READWRITE, 0);
});

test('VIDIOC_ENUM_FMT lists the twelve formats of vivi, YUYV first, and behind them those of today', () => {
  const opened = openVivi();
  const desc = opened.program.make(abi.v4l2_fmtdesc);
  desc.type = CAPTURE;
  const names = enumerate(opened, abi.VIDIOC_ENUM_FMT, desc, (d) => abi.fourccToString(d.pixelformat));
  assert.deepEqual(names, [
    'YUYV',
    'UYVY',
    'YVYU',
    'VYUY',
    'RGBP',
    'RGBR',
    'RGBO',
    'RGBQ',
    'RGB3',
    'BGR3',
    'RGB4',
    'BGR4',
    'NV12',
    'NV21',
    'YU12',
    'YV12',
    'GREY',
    'BA24',
    'AR24',
  ]);
});

test('VIDIOC_G_FMT gives the configured format', () => {
  const opened = openVivi('vivi,size=1280x720,format=RGB24');
  const f = format(opened, 0, 0);
  opened.file.do(abi.VIDIOC_G_FMT, f);
  const { pix } = f.fmt;
  assert.deepEqual([pix.width, pix.height, pix.pixelformat], [1280, 720, abi.V4L2_PIX_FMT_RGB24]);
  assert.deepEqual([pix.bytesperline, pix.sizeimage], [3840, 3840 * 720]);
  assert.equal(pix.field, abi.V4L2_FIELD_NONE);
  assert.equal(pix.colorspace, abi.V4L2_COLORSPACE_SRGB);
  assert.equal(pix.priv, abi.V4L2_PIX_FMT_PRIV_MAGIC);
});

test('VIDIOC_TRY_FMT brings every size into bounds, to the nearest width that is a multiple of four', () => {
  const opened = openVivi();
  for (const [width, height, expected] of [
    [0, 0, [48, 32]],
    [1, 33, [48, 33]],
    [641, 479, [640, 479]],
    [642, 481, [644, 481]],
    [1919, 1200, [1920, 1200]],
    [0xffffffff, 0xffffffff, [1920, 1200]],
  ] as const) {
    const f = format(opened, width, height);
    opened.file.do(abi.VIDIOC_TRY_FMT, f);
    assert.deepEqual([f.fmt.pix.width, f.fmt.pix.height], expected);
    assert.equal(f.fmt.pix.bytesperline, f.fmt.pix.width * 2);
    assert.equal(f.fmt.pix.sizeimage, f.fmt.pix.bytesperline * f.fmt.pix.height);
  }
});

test('VIDIOC_TRY_FMT gives YUYV and a progressive frame whatever else is asked for', () => {
  const opened = openVivi('vivi,format=UYVY');
  const f = format(opened, 640, 480, 0x12345678);
  f.fmt.pix.$bytes.fill(0xff, 12);
  opened.file.do(abi.VIDIOC_TRY_FMT, f);
  const { pix } = f.fmt;
  assert.deepEqual([pix.pixelformat, pix.field], [abi.V4L2_PIX_FMT_YUYV, abi.V4L2_FIELD_NONE]);
  assert.equal(pix.colorspace, abi.V4L2_COLORSPACE_SMPTE170M);
  assert.deepEqual([pix.flags, pix.ycbcr_enc, pix.quantization, pix.xfer_func], [0, 0, 0, 0]);
});

test('VIDIOC_TRY_FMT and VIDIOC_S_FMT give back what VIDIOC_G_FMT gave, byte for byte', () => {
  const opened = openVivi();
  const got = format(opened, 0, 0);
  opened.file.do(abi.VIDIOC_G_FMT, got);
  const expected = got.$bytes.slice();
  opened.file.do(abi.VIDIOC_TRY_FMT, got);
  assert.deepEqual(got.$bytes, expected);
  opened.file.do(abi.VIDIOC_S_FMT, got);
  assert.deepEqual(got.$bytes, expected);
});

test('VIDIOC_S_FMT is seen by every open file, VIDIOC_TRY_FMT by none', () => {
  const opened = openVivi();
  const other = opened.program.open(opened.vdev);
  opened.file.do(abi.VIDIOC_TRY_FMT, format(opened, 160, 120));
  const seen = format(opened, 0, 0);
  other.do(abi.VIDIOC_G_FMT, seen);
  assert.equal(seen.fmt.pix.width, 640);
  opened.file.do(abi.VIDIOC_S_FMT, format(opened, 160, 120, abi.V4L2_PIX_FMT_BGR32));
  other.do(abi.VIDIOC_G_FMT, seen);
  assert.deepEqual([seen.fmt.pix.width, seen.fmt.pix.sizeimage], [160, 160 * 120 * 4]);
});

test('VIDIOC_S_FMT answers EBUSY while buffers are allocated, and works again after REQBUFS(0)', () => {
  const opened = openVivi();
  new Capture(opened.program, opened.file);
  const other = opened.program.open(opened.vdev);
  assert.equal(other.ioctl(abi.VIDIOC_S_FMT, format(opened, 160, 120)), -EBUSY);
  assert.equal(other.ioctl(abi.VIDIOC_TRY_FMT, format(opened, 160, 120)), 0);
  const req = opened.program.make(abi.v4l2_requestbuffers);
  req.type = CAPTURE;
  req.memory = abi.V4L2_MEMORY_MMAP;
  opened.file.do(abi.VIDIOC_REQBUFS, req);
  assert.equal(other.ioctl(abi.VIDIOC_S_FMT, format(opened, 160, 120)), 0);
});

function sizes(opened: Opened, fourcc: number = abi.V4L2_PIX_FMT_YUYV): string[] {
  const view = opened.program.make(abi.v4l2_frmsizeenum);
  view.pixel_format = fourcc;
  return enumerate(opened, abi.VIDIOC_ENUM_FRAMESIZES, view, ({ type, discrete }) => {
    assert.equal(type, abi.V4L2_FRMSIZE_TYPE_DISCRETE);
    return `${discrete.width}x${discrete.height}`;
  });
}

test('VIDIOC_ENUM_FRAMESIZES lists sizes one by one, and nothing for a format that is not there', () => {
  const listed = sizes(openVivi());
  assert.equal(listed.length, 12);
  assert.equal(new Set(listed).size, 12);
  for (const size of ['160x120', '320x240', '1920x1080']) assert.ok(listed.includes(size), size);
  assert.deepEqual(sizes(openVivi(), abi.V4L2_PIX_FMT_MJPEG), []);
});

test('VIDIOC_ENUM_FRAMESIZES lists the configured size first, also when it is an unusual one', () => {
  assert.equal(sizes(openVivi())[0], '640x480');
  const listed = sizes(openVivi('vivi,size=720x576'));
  assert.equal(listed.length, 13);
  assert.equal(listed[0], '720x576');
});

test('VIDIOC_ENUM_FRAMESIZES lists what VIDIOC_TRY_FMT makes of a size out of bounds', () => {
  const opened = openVivi();
  const listed = sizes(opened);
  for (const side of [1, 0x4000]) {
    const f = format(opened, side, side);
    opened.file.do(abi.VIDIOC_TRY_FMT, f);
    assert.ok(listed.includes(`${f.fmt.pix.width}x${f.fmt.pix.height}`));
  }
});

function intervals(opened: Opened, width: number, height: number): string[] {
  const view = opened.program.make(abi.v4l2_frmivalenum);
  view.pixel_format = abi.V4L2_PIX_FMT_YUYV;
  view.width = width;
  view.height = height;
  return enumerate(opened, abi.VIDIOC_ENUM_FRAMEINTERVALS, view, ({ type, discrete }) => {
    assert.equal(type, abi.V4L2_FRMIVAL_TYPE_DISCRETE);
    return `${discrete.numerator}/${discrete.denominator}`;
  });
}

test('VIDIOC_ENUM_FRAMEINTERVALS lists intervals from short to long for a listed size only', () => {
  const opened = openVivi();
  const all = ['1/120', '1/60', '1/50', '1/30', '1/25', '1/24', '1/15', '1/10', '1/5', '1/1'];
  assert.deepEqual(intervals(opened, 640, 480), all);
  assert.deepEqual(intervals(opened, 641, 480), []);
});

test('VIDIOC_ENUM_FRAMEINTERVALS lists the configured interval when it is an unusual one', () => {
  const listed = intervals(openVivi('vivi,fps=29.97'), 640, 480);
  assert.deepEqual(listed.slice(3, 6), ['1/30', '1001/30000', '1/25']);
});

test('VIDIOC_S_PARM takes any interval within bounds, the nearest outside, the configured one for 0', () => {
  const opened = openVivi('vivi,fps=25');
  for (const [numerator, denominator, expected] of [
    [1, 60, [1, 60]],
    [1001, 30000, [1001, 30000]],
    [333333, 10000000, [333333, 10000000]],
    [1, 120, [1, 120]],
    [1, 121, [1, 120]],
    [1, 0xffffffff, [1, 120]],
    [1, 1, [1, 1]],
    [0xffffffff, 1, [1, 1]],
    [0, 1, [1, 25]],
    [1, 0, [1, 25]],
  ] as const) {
    const p = parm(opened, numerator, denominator);
    opened.file.do(abi.VIDIOC_S_PARM, p);
    const got = parm(opened, 0, 0);
    opened.file.do(abi.VIDIOC_G_PARM, got);
    for (const { timeperframe, capability, readbuffers } of [p.parm.capture, got.parm.capture]) {
      assert.deepEqual([timeperframe.numerator, timeperframe.denominator], expected);
      assert.equal(capability, abi.V4L2_CAP_TIMEPERFRAME);
      assert.equal(readbuffers, 2);
    }
  }
});

test('VIDIOC_S_PARM clears the fields that a camera does not have', () => {
  const opened = openVivi();
  const p = parm(opened, 1, 30);
  p.parm.capture.extendedmode = 9;
  p.parm.capture.capturemode = 9;
  p.parm.capture.reserved.set(0, 9);
  opened.file.do(abi.VIDIOC_S_PARM, p);
  const { extendedmode, capturemode, reserved } = p.parm.capture;
  assert.deepEqual([extendedmode, capturemode, reserved.get(0)], [0, 0, 0]);
});

test('VIDIOC_ENUMINPUT lists four cameras, and VIDIOC_S_INPUT switches between them', () => {
  const opened = openVivi();
  const input = opened.program.make(abi.v4l2_input);
  const names = enumerate(opened, abi.VIDIOC_ENUMINPUT, input, ({ name, type, std, capabilities }) => {
    assert.deepEqual([type, std, capabilities], [abi.V4L2_INPUT_TYPE_CAMERA, 0, 0]);
    return name;
  });
  assert.deepEqual(names, ['Camera 0', 'Camera 1', 'Camera 2', 'Camera 3']);

  const { address, bytes } = opened.program.alloc(4);
  const number = new DataView(bytes.buffer, bytes.byteOffset, 4);
  for (const [value, expected] of [
    [3, 0],
    [4, -EINVAL],
    [-1, -EINVAL],
  ] as const) {
    number.setInt32(0, value, true);
    assert.equal(opened.file.ioctl(abi.VIDIOC_S_INPUT, address), expected);
  }
  opened.file.do(abi.VIDIOC_G_INPUT, address);
  assert.equal(number.getInt32(0, true), 3);
});

test('VIDIOC_ENUMSTD lists the standards of 525 lines when the inputs are television', () => {
  const opened = openVivi('vivi,std=ntsc');
  const input = opened.program.make(abi.v4l2_input);
  const inputs = enumerate(opened, abi.VIDIOC_ENUMINPUT, input, ({ std, capabilities }) => [
    std,
    capabilities,
  ]);
  assert.deepEqual(inputs, Array(4).fill([abi.V4L2_STD_525_60, abi.V4L2_IN_CAP_STD]));
  const standard = opened.program.make(abi.v4l2_standard);
  const found = enumerate(opened, abi.VIDIOC_ENUMSTD, standard, ({ id, name, framelines, frameperiod }) => {
    assert.deepEqual([framelines, frameperiod.numerator, frameperiod.denominator], [525, 1001, 30000]);
    return `${name} ${id.toString(16)}`;
  });
  assert.deepEqual(found, [
    'NTSC b000',
    'NTSC-M 1000',
    'NTSC-M-JP 2000',
    'NTSC-M-KR 8000',
    'NTSC-443 4000',
    'PAL-M 100',
    'PAL-60 800',
  ]);
});

test('VIDIOC_S_STD takes those of the standards asked for that are possible', () => {
  const { program, file } = openVivi('vivi,std=ntsc');
  const { address, bytes } = program.alloc(8);
  const id = new DataView(bytes.buffer, bytes.byteOffset, 8);
  const get = (cmd: number) => {
    file.do(cmd, address);
    return Number(id.getBigUint64(0, true));
  };
  assert.equal(get(abi.VIDIOC_G_STD), abi.V4L2_STD_NTSC_M);
  for (const [asked, result, chosen] of [
    [abi.V4L2_STD_PAL_M, 0, abi.V4L2_STD_PAL_M],
    [abi.V4L2_STD_PAL, -EINVAL, abi.V4L2_STD_PAL_M],
    [0, -EINVAL, abi.V4L2_STD_PAL_M],
    [abi.V4L2_STD_ALL, 0, abi.V4L2_STD_525_60],
  ] as const) {
    id.setBigUint64(0, BigInt(asked), true);
    assert.equal(file.ioctl(abi.VIDIOC_S_STD, address), result);
    assert.equal(get(abi.VIDIOC_G_STD), chosen);
  }
  assert.equal(get(abi.VIDIOC_QUERYSTD), abi.V4L2_STD_NTSC_M);
});

for (const [limit, asked, got] of [
  ['16M', 32, 27],
  ['16M', 4, 4],
  ['614400', 8, 1],
  ['614399', 8, -ENOMEM],
] as const)
  test(`VIDIOC_REQBUFS gives ${got} of ${asked} buffers of 640x480 when the limit is ${limit}`, () => {
    const { program, file } = openVivi(`vivi,limit=${limit}`);
    const req = program.make(abi.v4l2_requestbuffers);
    req.count = asked;
    req.type = CAPTURE;
    req.memory = abi.V4L2_MEMORY_MMAP;
    const result = file.ioctl(abi.VIDIOC_REQBUFS, req);
    assert.equal(result < 0 ? result : req.count, got);
  });

test('VIDIOC_EXPBUF answers ENOTTY when the memory of the camera cannot be exported', () => {
  const opened = openVivi();
  new Capture(opened.program, opened.file);
  const exp = opened.program.make(abi.v4l2_exportbuffer);
  exp.type = CAPTURE;
  assert.equal(opened.file.ioctl(abi.VIDIOC_EXPBUF, exp), -ENOTTY);
});

test('vivi answers ENOTTY when asked for what a webcam does not have', () => {
  const opened = openVivi();
  const { address } = opened.program.alloc(256);
  for (const cmd of [
    abi.VIDIOC_G_STD,
    abi.VIDIOC_ENUMSTD,
    abi.VIDIOC_CROPCAP,
    abi.VIDIOC_G_SELECTION,
    abi.VIDIOC_G_TUNER,
  ])
    assert.equal(opened.file.ioctl(cmd, address), -ENOTTY, `0x${cmd.toString(16)}`);
});
