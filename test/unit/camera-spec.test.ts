import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as abi from '../../src/abi/index.ts';
import { VirtualClock } from '../../src/base/timers.ts';
import {
  CameraSpecError,
  createCamera,
  createCameras,
  drivers,
  memoryBackEnds,
  parseCamera,
} from '../../src/drivers/index.ts';
import { heapPages } from '../../src/memory/pages.ts';
import { type FormatName, formatsNamed } from '../../src/pixel/index.ts';
import { vb2QueueOf } from '../../src/v4l2-core/index.ts';

const VIDEO_OUTPUT = abi.V4L2_CAP_VIDEO_OUTPUT;
const VIDEO_CAPTURE = abi.V4L2_CAP_VIDEO_CAPTURE;

const viviFormatNames = drivers.find('vivi')?.settings.format?.values as readonly FormatName[];
const format = (name: FormatName) => formatsNamed(name)[0];

/** The name of the driver and what its settings have become. */
function parsed(text: string) {
  const { driver, settings, ...common } = parseCamera(text);
  return { driver: driver.name, settings, common };
}

const common = { name: undefined, driverName: undefined, bus: undefined, readers: 'one' };
const thirty = { timeperframe: { numerator: 1, denominator: 30 }, unpaced: false };
const vga = { width: 640, height: 480 };

test('parseCamera takes the defaults when only the driver is named', () => {
  assert.deepEqual(parsed('skeleton'), { driver: 'skeleton', settings: {}, common });
  assert.deepEqual(parsed('vivi'), {
    driver: 'vivi',
    settings: {
      ...{ size: vga, fps: thirty, format: format('YUYV'), memory: 'vmalloc', read: 'yes' },
      ...{ crop: 'no', std: 'none', limit: undefined },
    },
    common,
  });
  assert.deepEqual(parsed('m2m'), {
    driver: 'm2m',
    settings: { op: 'copy', time: 0 },
    common: { ...common, readers: 'many' },
  });
  assert.deepEqual(parsed('loopback'), {
    driver: 'loopback',
    settings: { size: vga, fps: thirty, format: format('YUYV'), drop: 'late' },
    common,
  });
  assert.deepEqual(parsed('vivi-mplane'), {
    driver: 'vivi-mplane',
    settings: { size: vga, fps: thirty, format: format('NV12M') },
    common,
  });
});

test('parseCamera takes every setting, in any order', () => {
  const expected = {
    driver: 'vivi',
    settings: {
      size: { width: 1280, height: 720 },
      fps: { timeperframe: { numerator: 1, denominator: 60 }, unpaced: false },
      format: format('UYVY'),
      memory: 'dma-sg',
      read: 'yes',
      crop: 'no',
      std: 'ntsc',
      limit: 16 * 2 ** 20,
    },
    common,
  };
  assert.deepEqual(
    parsed('vivi,size=1280x720,fps=60,format=UYVY,memory=dma-sg,std=ntsc,limit=16M'),
    expected,
  );
  assert.deepEqual(
    parsed(' vivi ,limit=16777216, std=ntsc,memory=dma-sg, format=uyvy, fps=60 ,size=1280X720'),
    expected,
  );
  assert.deepEqual(parsed('m2m,time=40,op=invert').settings, { op: 'invert', time: 40 });
  assert.deepEqual(parsed('loopback,drop=never,readers=many,format=mjpeg,fps=1/2,size=854x480'), {
    driver: 'loopback',
    settings: {
      size: { width: 854, height: 480 },
      fps: { timeperframe: { numerator: 2, denominator: 1 }, unpaced: false },
      format: format('MJPEG'),
      drop: 'never',
    },
    common: { ...common, readers: 'many' },
  });
});

test('parseCamera knows the rates of television when they are written as decimals', () => {
  for (const [text, numerator, denominator] of [
    ['29.97', 1001, 30000],
    ['23.976', 1001, 24000],
    ['59.94', 1001, 60000],
    ['30000/1001', 1001, 30000],
    ['12.5', 1000, 12500],
    ['120', 1, 120],
    ['1', 1, 1],
  ] as const) {
    const { settings } = parseCamera(`vivi,fps=${text}`);
    assert.deepEqual(settings.fps, { timeperframe: { numerator, denominator }, unpaced: false }, text);
  }
});

test('parseCamera takes fps=max as no pace at all, at the highest rate that programs can be told', () => {
  const { settings } = parseCamera('vivi,fps=max');
  assert.deepEqual(settings.fps, { timeperframe: { numerator: 1, denominator: 120 }, unpaced: true });
});

test('parseCamera has a name for every format that vivi can make', () => {
  const formats = viviFormatNames.map((name) => parseCamera(`vivi,format=${name}`).settings.format);
  assert.equal(formats.length, 19);
  assert.deepEqual(formats, formatsNamed(...viviFormatNames));
});

test('every camera can have a name, and a place where programs are told that it is', () => {
  const surroundings = { clock: new VirtualClock(), pages: heapPages, instance: 2 };
  for (const driver of drivers.names) {
    const spec = parseCamera(`${driver},name=Front door,bus=usb-0000:00:14.0-2`);
    for (const vdev of createCameras(spec, surroundings)) {
      const { card, bus_info } = vdev.querycap();
      assert.deepEqual([card, bus_info], ['Front door', 'usb-0000:00:14.0-2'], driver);
    }
  }
});

for (const [text, message] of [
  [
    '',
    'A camera needs a driver: choose one of vivi, vivi-mplane, vivi-legacy, webcam, loopback, m2m, skeleton, such as vivi,size=1280x720.',
  ],
  ['vivid', 'There is no driver "vivid": did you mean vivi?'],
  [
    'toString',
    'There is no driver "toString": choose one of vivi, vivi-mplane, vivi-legacy, webcam, loopback, m2m, skeleton, such as vivi,size=1280x720.',
  ],
  ['vivi,siez=1x1', 'The driver vivi does not know "siez": did you mean size?'],
  [
    'vivi,toString=1',
    'The driver vivi does not know "toString": its settings are size, fps, format, memory, read, crop, std, limit, name, driver, bus, readers.',
  ],
  [
    'vivi,limit=16MB',
    'limit=16MB is not an amount of memory: write bytes, or a number with K, M or G, such as limit=16M.',
  ],
  [
    'vivi,limit=0',
    'limit=0 is not an amount of memory: write bytes, or a number with K, M or G, such as limit=16M.',
  ],
  ['vivi,', 'Nothing follows the last comma: leave it out.'],
  ['skeleton,fps=1', 'The driver skeleton does not know "fps": its settings are name, driver, bus, readers.'],
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
  [
    'vivi,format=MJPEG',
    `format=MJPEG is not one that vivi has: choose one of ${viviFormatNames.join(', ')}.`,
  ],
  [
    'vivi,format=toString',
    `format=toString is not one that vivi has: choose one of ${viviFormatNames.join(', ')}.`,
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
  ['Vivi', 'There is no driver "Vivi": did you mean vivi?'],
  [
    'camera',
    'There is no driver "camera": choose one of vivi, vivi-mplane, vivi-legacy, webcam, loopback, m2m, skeleton, such as vivi,size=1280x720.',
  ],
  [
    '/dev/video0',
    'A camera begins with the name of a driver, and "/dev/video0" is none: choose one of vivi, vivi-mplane, vivi-legacy, webcam, loopback, m2m, skeleton, such as vivi,size=1280x720.',
  ],
  [
    'rtsp://camera/1',
    'A camera begins with the name of a driver, and "rtsp://camera/1" is none: write webcam,source=rtsp://camera/1.',
  ],
  [
    'vivi:size=640x480',
    '"vivi:size=640x480" is no camera: write a comma after the driver, vivi,size=640x480.',
  ],
  [
    'vivi size=640x480',
    '"vivi size=640x480" is no camera: write a comma after the driver, vivi,size=640x480.',
  ],
  ['vivi,size:640x480', '"size:640x480" is no setting: write size=640x480.'],
  ['vivi,fps=29,97', '"fps=29,97" has a comma in its number: write fps=29.97.'],
  ['vivi,640x480', '"640x480" is a value without its setting: write size=640x480.'],
  ['loopback,mjpeg', '"mjpeg" is a value without its setting: write format=mjpeg.'],
  ['vivi:640x480', '"vivi:640x480" is no camera: write a comma after the driver, vivi,640x480.'],
  [
    'vivi,size=640x480 fps=30',
    '"size=640x480 fps=30" has a blank where a comma belongs: write size=640x480,fps=30.',
  ],
  ['skeleton,readers=many', 'readers=many is not possible: it is always one.'],
  [
    'vivi,bus=kitchen',
    'bus=kitchen is not possible: it begins with platform:, usb-, PCI: or another bus that programs know, such as bus=platform:front-door.',
  ],
  [
    'vivi,name=A camera with a name that nobody can read',
    'name=A camera with a name that nobody can read is too long: a program can be told 31 bytes, these are 41.',
  ],
  ['m2m,op=sharpen', 'op=sharpen is not possible: choose one of copy, flip, hflip, invert.'],
  ['m2m,time=1s', 'time=1s is not possible: write milliseconds, 0 to 10001.'],
  [
    'm2m,fps=30',
    'The driver m2m does not know "fps": its settings are op, time, name, driver, bus, readers.',
  ],
] as const) {
  test(`parseCamera says what is wrong and how to mend it when given "${text}"`, () => {
    assert.throws(() => parseCamera(text), new CameraSpecError(message));
  });
}

test('createCameras makes an output node and a capture node for loopback, one node for the others', () => {
  for (const name of drivers.names) {
    const surroundings = { clock: new VirtualClock(), pages: heapPages, instance: 0 };
    const devices = createCameras(parseCamera(name), surroundings);
    const caps = devices.map((vdev) => vdev.deviceCaps & (VIDEO_OUTPUT | VIDEO_CAPTURE));
    if (name === 'loopback') assert.deepEqual(caps, [VIDEO_OUTPUT, VIDEO_CAPTURE]);
    else assert.equal(devices.length, 1);
  }
});

test('createCameras gives vivi memory of every kind', () => {
  for (const memory of memoryBackEnds) {
    const surroundings = { clock: new VirtualClock(), pages: heapPages, instance: 0 };
    const [vdev] = createCameras(parseCamera(`vivi,memory=${memory}`), surroundings);
    assert.ok(vdev);
    assert.equal(vb2QueueOf(vdev).memOps.cookie !== undefined, memory !== 'vmalloc');
  }
});

test('createCamera makes a device of every driver', () => {
  for (const name of drivers.names) {
    const surroundings = { clock: new VirtualClock(), pages: heapPages, instance: 3 };
    const vdev = createCamera(parseCamera(name), surroundings);
    const { driver, bus_info } = vdev.querycap();
    const expected = name === 'webcam' ? ['uvcvideo', 'usb-vhci_hcd.0-4'] : [name, `platform:${name}-003`];
    assert.deepEqual([driver, bus_info], expected);
  }
});
