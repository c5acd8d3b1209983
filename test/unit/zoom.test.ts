import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FrameZoom, formatsNamed, sizeimageOf } from '../../src/pixel/index.ts';

const size = { width: 8, height: 4 };

/** Every pixel is another; of an offset that no larger element has. */
function enlarged(name: 'GREY' | 'YUYV' | 'NV12' | 'RGB24', zoom: number, x = 0, y = 0) {
  const [info] = formatsNamed(name);
  const bytes = sizeimageOf(info, size);
  const from = Uint8Array.from({ length: bytes }, (_, i) => i);
  const lens = new FrameZoom(info, size);
  lens.view = { zoom, x, y };
  const to = new Uint8Array(bytes);
  lens.enlarge(0, from, to);
  const unaligned = new Uint8Array(bytes + 1).subarray(1);
  lens.enlarge(0, from, unaligned);
  assert.deepEqual(unaligned, to, 'wherever it lies in memory');
  return { from, to };
}

test('FrameZoom at 100 percent is the frame', () => {
  for (const name of ['GREY', 'YUYV', 'NV12', 'RGB24'] as const) {
    const { from, to } = enlarged(name, 100);
    assert.deepEqual(to, from, name);
  }
});

test('FrameZoom at 200 percent shows the middle, each pixel four times', () => {
  const { to } = enlarged('GREY', 200);
  const line = (row: number) => [2, 2, 3, 3, 4, 4, 5, 5].map((x) => row * 8 + x);
  assert.deepEqual([...to], [...line(1), ...line(1), ...line(2), ...line(2)]);
});

test('FrameZoom looks at each corner', () => {
  for (const [x, y, first] of [
    [-1, -1, 0],
    [1, -1, 4],
    [-1, 1, 16],
    [1, 1, 20],
  ] as const)
    assert.equal(enlarged('GREY', 200, x, y).to[0], first);
});

test('FrameZoom moves groups of samples as they are, and the chroma of planes with its luma', () => {
  assert.deepEqual(
    [...enlarged('YUYV', 200).to.subarray(0, 16)],
    [20, 21, 22, 23, 20, 21, 22, 23, 24, 25, 26, 27, 24, 25, 26, 27],
  );
  const { to } = enlarged('NV12', 200, -1, -1);
  assert.deepEqual([...to.subarray(0, 8)], [0, 0, 1, 1, 2, 2, 3, 3]);
  assert.deepEqual([...to.subarray(32, 40)], [32, 33, 32, 33, 34, 35, 34, 35]);
});
