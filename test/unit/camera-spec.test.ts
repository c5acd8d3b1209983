import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as abi from '../../src/abi/index.ts';
import { VirtualClock } from '../../src/base/timers.ts';
import {
  CameraSpecError,
  createCamera,
  createCameras,
  driverNames,
  formatNames,
  memoryBackEnds,
  parseCameraSpec,
} from '../../src/drivers/index.ts';
import { heapPages } from '../../src/memory/pages.ts';
import { tpgFormats } from '../../src/tpg/index.ts';

const VIDEO_OUTPUT = abi.V4L2_CAP_VIDEO_OUTPUT;
const VIDEO_CAPTURE = abi.V4L2_CAP_VIDEO_CAPTURE;

test('parseCameraSpec takes the defaults when only the driver is named', () => {
  assert.deepEqual(parseCameraSpec('skeleton'), { driver: 'skeleton' });
  assert.deepEqual(parseCameraSpec('vivi'), {
    driver: 'vivi',
    size: { width: 640, height: 480 },
    timeperframe: { numerator: 1, denominator: 30 },
    unpaced: false,
    readwrite: true,
    fourcc: abi.V4L2_PIX_FMT_YUYV,
    memory: 'vmalloc',
  });
  assert.deepEqual(parseCameraSpec('m2m'), { driver: 'm2m', op: 'copy', jobTime: 0 });
  assert.deepEqual(parseCameraSpec('loopback'), {
    driver: 'loopback',
    size: { width: 640, height: 480 },
    timeperframe: { numerator: 1, denominator: 30 },
    fourcc: abi.V4L2_PIX_FMT_YUYV,
    readers: 'one',
    drop: 'late',
  });
  assert.deepEqual(parseCameraSpec('vivi-mplane'), {
    driver: 'vivi-mplane',
    size: { width: 640, height: 480 },
    timeperframe: { numerator: 1, denominator: 30 },
    fourcc: abi.V4L2_PIX_FMT_NV12M,
  });
});

test('parseCameraSpec takes every setting, in any order', () => {
  const expected = {
    driver: 'vivi',
    size: { width: 1280, height: 720 },
    timeperframe: { numerator: 1, denominator: 60 },
    unpaced: false,
    readwrite: true,
    fourcc: abi.V4L2_PIX_FMT_UYVY,
    memory: 'dma-sg',
  };
  assert.deepEqual(parseCameraSpec('vivi,size=1280x720,fps=60,format=UYVY,memory=dma-sg'), expected);
  assert.deepEqual(parseCameraSpec(' vivi ,memory=dma-sg, format=uyvy, fps=60 ,size=1280X720'), expected);
  assert.deepEqual(parseCameraSpec('m2m,time=40,op=invert'), {
    driver: 'm2m',
    op: 'invert',
    jobTime: 40_000_000,
  });
  assert.deepEqual(parseCameraSpec('loopback,drop=never,readers=many,format=mjpeg,fps=1/2,size=854x480'), {
    driver: 'loopback',
    size: { width: 854, height: 480 },
    timeperframe: { numerator: 2, denominator: 1 },
    fourcc: abi.V4L2_PIX_FMT_MJPEG,
    readers: 'many',
    drop: 'never',
  });
});

test('parseCameraSpec knows the rates of television when they are written as decimals', () => {
  for (const [text, numerator, denominator] of [
    ['29.97', 1001, 30000],
    ['23.976', 1001, 24000],
    ['59.94', 1001, 60000],
    ['30000/1001', 1001, 30000],
    ['12.5', 1000, 12500],
    ['120', 1, 120],
    ['1', 1, 1],
  ] as const) {
    const spec = parseCameraSpec(`vivi,fps=${text}`);
    assert.ok(spec.driver === 'vivi');
    assert.deepEqual(spec.timeperframe, { numerator, denominator }, text);
  }
});

test('parseCameraSpec takes fps=max as no pace at all', () => {
  const spec = parseCameraSpec('vivi,fps=max');
  assert.ok(spec.driver === 'vivi' && spec.unpaced);
});

test('parseCameraSpec takes read=no as a camera without read()', () => {
  const spec = parseCameraSpec('vivi,read=no');
  assert.ok(spec.driver === 'vivi' && !spec.readwrite);
});

test('parseCameraSpec has a name for every format that vivi can make', () => {
  const fourccs = formatNames.map((name) => {
    const spec = parseCameraSpec(`vivi,format=${name}`);
    return spec.driver === 'vivi' && spec.fourcc;
  });
  assert.deepEqual(
    fourccs,
    tpgFormats.map(({ fourcc }) => fourcc),
  );
});

for (const [text, message] of [
  [
    '',
    'A camera needs a driver: choose one of vivi, vivi-mplane, loopback, m2m, skeleton, such as vivi,size=1280x720.',
  ],
  [
    'vivid',
    'There is no driver "vivid": choose one of vivi, vivi-mplane, loopback, m2m, skeleton, such as vivi,size=1280x720.',
  ],
  [
    'toString',
    'There is no driver "toString": choose one of vivi, vivi-mplane, loopback, m2m, skeleton, such as vivi,size=1280x720.',
  ],
  [
    'vivi,siez=1x1',
    'The driver vivi does not know "siez": its settings are size, fps, format, memory, read.',
  ],
  [
    'vivi,toString=1',
    'The driver vivi does not know "toString": its settings are size, fps, format, memory, read.',
  ],
  ['vivi,', 'The driver vivi does not know "": its settings are size, fps, format, memory, read.'],
  ['skeleton,fps=1', 'The driver skeleton does not know "fps": it has no settings, write just its name.'],
  ['vivi,size', '"size" has no value: write it as size=1280x720.'],
  ['vivi,fps=', '"fps" has no value: write it as fps=60.'],
  ['vivi,fps=1,fps=2', '"fps" is given twice: leave one of them out.'],
  ['vivi,size=big', 'size=big is not a size: write it as WIDTHxHEIGHT, such as size=1280x720.'],
  ['vivi,size=4096x2160', 'size=4096x2160 is out of range: vivi makes 48x32 to 1920x1200.'],
  [
    'vivi,size=642x480',
    'size=642x480 is not possible: the width must be a multiple of 4, such as size=644x480.',
  ],
  [
    'vivi,fps=fast',
    'fps=fast is not a frame rate: write a number such as fps=30, fps=29.97 or fps=30000/1001, or fps=max.',
  ],
  [
    'vivi,fps=1.5/2',
    'fps=1.5/2 is not a frame rate: write a number such as fps=30, fps=29.97 or fps=30000/1001, or fps=max.',
  ],
  ['vivi,fps=0', 'fps=0 is out of range: vivi makes 1 to 120 frames a second.'],
  ['vivi,fps=0.999', 'fps=0.999 is out of range: vivi makes 1 to 120 frames a second.'],
  ['vivi,fps=121', 'fps=121 is out of range: vivi makes 1 to 120 frames a second.'],
  ['vivi,fps=30/0', 'fps=30/0 is out of range: vivi makes 1 to 120 frames a second.'],
  ['vivi,format=MJPEG', `format=MJPEG is not one that vivi has: choose one of ${formatNames.join(', ')}.`],
  [
    'vivi,format=toString',
    `format=toString is not one that vivi has: choose one of ${formatNames.join(', ')}.`,
  ],
  ['vivi,memory=disk', 'memory=disk is not possible: choose one of vmalloc, dma-contig, dma-sg.'],
  [
    'vivi-mplane,format=YUYV',
    'format=YUYV is not one that vivi-mplane has: choose one of NV12M, YUV420M, NV16M, NV12.',
  ],
  ['loopback,size=1x1', 'size=1x1 is out of range: loopback makes 2x2 to 8192x8192.'],
  ['loopback,fps=2000', 'fps=2000 is out of range: loopback makes 1/60 to 1000 frames a second.'],
  ['loopback,readers=two', 'readers=two is not possible: choose one of one, many.'],
  ['loopback,drop=', '"drop" has no value: write it as drop=now.'],
  ['loopback,drop=always', 'drop=always is not possible: choose one of late, now, never.'],
  ['m2m,op=sharpen', 'op=sharpen is not possible: choose one of copy, flip, hflip, invert.'],
  ['m2m,time=1s', 'time=1s is not possible: write milliseconds, 0 to 60000.'],
  ['m2m,fps=30', 'The driver m2m does not know "fps": its settings are op, time.'],
] as const) {
  test(`parseCameraSpec says what is wrong and how to mend it when given "${text}"`, () => {
    assert.throws(() => parseCameraSpec(text), new CameraSpecError(message));
  });
}

test('createCameras makes an output node and a capture node for loopback, one node for the others', () => {
  for (const name of driverNames) {
    const surroundings = { clock: new VirtualClock(), pages: heapPages, instance: 0 };
    const devices = createCameras(parseCameraSpec(name), surroundings);
    const caps = devices.map((vdev) => vdev.deviceCaps & (VIDEO_OUTPUT | VIDEO_CAPTURE));
    if (name === 'loopback') assert.deepEqual(caps, [VIDEO_OUTPUT, VIDEO_CAPTURE]);
    else assert.equal(devices.length, 1);
  }
});

test('createCameras gives vivi memory of every kind', () => {
  for (const memory of memoryBackEnds) {
    const surroundings = { clock: new VirtualClock(), pages: heapPages, instance: 0 };
    const [vdev] = createCameras(parseCameraSpec(`vivi,memory=${memory}`), surroundings);
    assert.equal(vdev?.queue?.memOps.cookie !== undefined, memory !== 'vmalloc');
  }
});

test('createCamera makes a device of every driver', () => {
  for (const name of driverNames) {
    const surroundings = { clock: new VirtualClock(), pages: heapPages, instance: 3 };
    const vdev = createCamera(parseCameraSpec(name), surroundings);
    assert.equal(vdev.querycap().driver, name);
    assert.equal(vdev.querycap().bus_info, `platform:${name}-003`);
  }
});
