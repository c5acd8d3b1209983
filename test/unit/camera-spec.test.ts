import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as abi from '../../src/abi/index.ts';
import { VirtualClock } from '../../src/base/timers.ts';
import {
  CameraSpecError,
  createCamera,
  driverNames,
  formatNames,
  parseCameraSpec,
} from '../../src/drivers/index.ts';
import { tpgFormats } from '../../src/drivers/tpg/index.ts';
import { heapPages } from '../../src/memory/pages.ts';

test('parseCameraSpec takes the defaults when only the driver is named', () => {
  assert.deepEqual(parseCameraSpec('skeleton'), { driver: 'skeleton' });
  assert.deepEqual(parseCameraSpec('vivi'), {
    driver: 'vivi',
    size: { width: 640, height: 480 },
    timeperframe: { numerator: 1, denominator: 30 },
    unpaced: false,
    fourcc: abi.V4L2_PIX_FMT_YUYV,
  });
});

test('parseCameraSpec takes every setting, in any order', () => {
  const expected = {
    driver: 'vivi',
    size: { width: 1280, height: 720 },
    timeperframe: { numerator: 1, denominator: 60 },
    unpaced: false,
    fourcc: abi.V4L2_PIX_FMT_UYVY,
  };
  assert.deepEqual(parseCameraSpec('vivi,size=1280x720,fps=60,format=UYVY'), expected);
  assert.deepEqual(parseCameraSpec(' vivi , format=uyvy, fps=60 ,size=1280X720'), expected);
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
  ['', 'A camera needs a driver: choose one of vivi, skeleton, such as vivi,size=1280x720.'],
  ['vivid', 'There is no driver "vivid": choose one of vivi, skeleton, such as vivi,size=1280x720.'],
  ['toString', 'There is no driver "toString": choose one of vivi, skeleton, such as vivi,size=1280x720.'],
  ['vivi,siez=1x1', 'The driver vivi does not know "siez": its settings are size, fps, format.'],
  ['vivi,toString=1', 'The driver vivi does not know "toString": its settings are size, fps, format.'],
  ['vivi,', 'The driver vivi does not know "": its settings are size, fps, format.'],
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
] as const) {
  test(`parseCameraSpec says what is wrong and how to mend it when given "${text}"`, () => {
    assert.throws(() => parseCameraSpec(text), new CameraSpecError(message));
  });
}

test('createCamera makes a device of every driver', () => {
  for (const name of driverNames) {
    const surroundings = { clock: new VirtualClock(), pages: heapPages, instance: 3 };
    const vdev = createCamera(parseCameraSpec(name), surroundings);
    assert.equal(vdev.querycap().driver, name);
    assert.equal(vdev.querycap().bus_info, `platform:${name}-003`);
  }
});
