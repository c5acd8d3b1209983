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
  specOf,
  writtenSettings,
} from '../../src/drivers/index.ts';
import { heapPages } from '../../src/memory/pages.ts';
import { type FormatName, formatsNamed } from '../../src/pixel/index.ts';
import { vb2QueueOf } from '../../src/v4l2-core/index.ts';
import { viviFormatNames, wrongSpecs } from '../support/mistakes/specs.ts';

const VIDEO_OUTPUT = abi.V4L2_CAP_VIDEO_OUTPUT;
const VIDEO_CAPTURE = abi.V4L2_CAP_VIDEO_CAPTURE;

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

for (const [text, message] of wrongSpecs) {
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

test('a backslash at the end of a text does not join what follows; a description says what it was made of', () => {
  const texts = ['plain', 'end\\', 'end\\\\', 'a,b', 'a\\,b', 'a\\\\,b\\', 'C:\\film, the', ',', '\\,', '\\'];
  for (const name of texts) {
    for (const more of [[], [['size', '320x240']]] as const) {
      const spec = specOf('vivi', [['name', name], ...more]);
      assert.equal(parseCamera(spec).name, name, spec);
      assert.deepEqual(writtenSettings(spec), [['name', name], ...more]);
    }
  }
  assert.equal(parseCamera('vivi,name=C:\\cam\\,size=320x240').name, 'C:\\cam,size=320x240');
  assert.equal(parseCamera('vivi,name=C:\\cam\\\\,size=320x240').name, 'C:\\cam\\');
  assert.equal(specOf('a,b.ts', []), 'a\\,b.ts');
});
