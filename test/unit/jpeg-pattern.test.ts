import assert from 'node:assert/strict';
import { test } from 'node:test';
import { JpegPattern, type Pattern, solid, WHITE } from '../../src/tpg/index.ts';

const SIZE = [64, 48] as const;
const black = { r: 0, g: 0, b: 0 };

function painted(pattern: Pattern, view?: { zoom: number; x: number; y: number }, step = 0): Uint8Array {
  const bytes = new Uint8Array(10_000);
  const length = new JpegPattern(pattern, ...SIZE, view).paint(bytes, step);
  assert.ok(length > 0);
  return bytes.slice(0, length);
}

/** White above on the right, black elsewhere. */
const corner: Pattern = {
  ...solid('corner', black),
  period: 48,
  lines: 2,
  lineOf: (y) => Number(y % 48 >= 24),
  color: (x, line) => (line === 0 && x % 64 >= 32 ? WHITE : black),
};

test('JpegPattern shows the part that is zoomed in on, and no other', () => {
  const white = painted(solid('white', WHITE));
  assert.deepEqual(painted(corner, { zoom: 200, x: 1, y: -1 }), white);
  for (const [x, y] of [
    [-1, -1],
    [1, 1],
    [-1, 1],
  ] as const)
    assert.deepEqual(painted(corner, { zoom: 200, x, y }), painted(solid('black', black)));
  assert.deepEqual(painted(corner, { zoom: 100, x: 0, y: 0 }), painted(corner));
});

test('JpegPattern has the chroma of two blocks side by side once, as cameras on USB', () => {
  const frame = painted(corner);
  const start = frame.findIndex((byte, i) => byte === 0xff && frame[i + 1] === 0xc0) + 2;
  const samplings = [0, 1, 2].map((n) => frame[start + 9 + 3 * n]);
  assert.deepEqual(samplings, [0x21, 0x11, 0x11]);
});

test('JpegPattern moves the pattern behind the part that is seen', () => {
  const moved = painted(corner, { zoom: 200, x: -1, y: -1 }, 2);
  assert.deepEqual(moved, painted(solid('white', WHITE)), 'half of it, to the left');
});
