import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as abi from '../../src/abi/index.ts';
import {
  bytesperlineOf,
  depthOf,
  type FormatName,
  formatInfo,
  formatsNamed,
  heightStepOf,
  isCompressed,
  isPacked,
  memorySizes,
  pixelFormats,
  sizeimageOf,
  widthStepOf,
} from '../../src/pixel/index.ts';

const one = (name: FormatName) => formatsNamed(name)[0]!;

test('pixelFormats has every format once, by the name and the number of videodev2.h', () => {
  const constants: Readonly<Record<string, unknown>> = abi;
  for (const info of pixelFormats) {
    assert.equal(constants[`V4L2_PIX_FMT_${info.name}`], info.fourcc, info.name);
    assert.equal(formatInfo(info.fourcc), info, info.name);
  }
  assert.equal(new Set(pixelFormats.map(({ name }) => name)).size, pixelFormats.length);
  assert.equal(formatInfo(0), undefined);
});

/** From the pages of the V4L2 documentation: bits of a pixel, and the sizes of the planes of a frame of 64x48. */
for (const [name, depth, planes, line] of [
  ['YUYV', 16, [6144], 128],
  ['GREY', 8, [3072], 64],
  ['RGB332', 8, [3072], 64],
  ['RGB565X', 16, [6144], 128],
  ['RGB24', 24, [9216], 192],
  ['XBGR32', 32, [12288], 256],
  ['Y16', 16, [6144], 128],
  ['SRGGB10P', 10, [3840], 80],
  ['NV12', 12, [4608], 64],
  ['NV16', 16, [6144], 64],
  ['NV24', 24, [9216], 64],
  ['P010', 24, [9216], 128],
  ['YUV420', 12, [4608], 64],
  ['YUV411P', 12, [4608], 64],
  ['YUV410', 9, [3456], 64],
  ['NV12M', 12, [3072, 1536], 64],
  ['YUV420M', 12, [3072, 768, 768], 64],
  ['YVU444M', 24, [3072, 3072, 3072], 64],
] as const) {
  test(`${name} has ${depth} bits a pixel in ${planes.length} planes of memory`, () => {
    const info = one(name);
    const size = { width: 64, height: 48 };
    assert.equal(depthOf(info), depth);
    assert.deepEqual(memorySizes(info, size), planes);
    assert.equal(
      sizeimageOf(info, size),
      planes.reduce((sum: number, bytes) => sum + bytes, 0),
    );
    assert.equal(bytesperlineOf(info, 64), line);
  });
}

test('odd sizes have chroma for the last pixel and the last line', () => {
  assert.deepEqual(memorySizes(one('NV12M'), { width: 5, height: 3 }), [15, 12]);
  assert.deepEqual(memorySizes(one('YUV420M'), { width: 5, height: 3 }), [15, 6, 6]);
  assert.equal(sizeimageOf(one('YUYV'), { width: 5, height: 3 }), 30);
  assert.deepEqual([widthStepOf(one('NV12')), heightStepOf(one('NV12'))], [2, 2]);
  assert.deepEqual([widthStepOf(one('RGB24')), heightStepOf(one('RGB24'))], [1, 1]);
});

test('packed, planar and compressed formats are told apart', () => {
  const kinds = (['YUYV', 'NV12', 'NV12M', 'MJPEG'] as const).map((name) => [
    isPacked(one(name)),
    isCompressed(one(name)),
  ]);
  assert.deepEqual(kinds, [
    [true, false],
    [false, false],
    [false, false],
    [false, true],
  ]);
});
