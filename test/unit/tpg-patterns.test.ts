import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type FormatInfo,
  type FormatName,
  formatsNamed,
  memorySizes,
  pixelFormats,
} from '../../src/pixel/index.ts';
import {
  canPack,
  checker,
  FramePainter,
  fullBars,
  grayRamp,
  type Pattern,
  patterns,
  solid,
} from '../../src/tpg/index.ts';

const SIZE = { width: 24, height: 10 };
const paintable = pixelFormats.filter(canPack);

function paint(info: FormatInfo, pattern: Pattern, scroll = 0, size = SIZE): Uint8Array[] {
  const painter = new FramePainter(info, size);
  return memorySizes(info, size).map((bytes, n) => {
    const frame = new Uint8Array(bytes).fill(0xa5);
    painter.paint(frame, n, pattern, scroll);
    return frame;
  });
}

const named = (name: FormatName) => formatsNamed(name)[0]!;

/** The luma of each pixel of a frame in GREY, row by row. */
function luma(pattern: Pattern, scroll = 0): number[][] {
  const [frame] = paint(named('GREY'), pattern, scroll) as [Uint8Array];
  return Array.from({ length: SIZE.height }, (_, y) => [
    ...frame.subarray(y * SIZE.width, (y + 1) * SIZE.width),
  ]);
}

/** What a pattern is by its definition, without any of the ways in which frames are filled quickly. */
function reference(pattern: Pattern, scroll: number): number[][] {
  const y = ({ r, g, b }: { r: number; g: number; b: number }) =>
    ((16829 * r + 33039 * g + 6416 * b + 32768) >> 16) + 16;
  return Array.from({ length: SIZE.height }, (_, row) =>
    Array.from({ length: SIZE.width }, (_, x) =>
      y(pattern.color(x + (scroll % SIZE.width), pattern.lineOf(row % pattern.period), SIZE.width)),
    ),
  );
}

for (const pattern of [...patterns, checker(3)]) {
  test(`pattern ${pattern.name} is what its definition says, wherever it has moved to`, () => {
    for (const scroll of [0, 1, 2, 7, 23, 24, 1001])
      assert.deepEqual(luma(pattern, scroll), reference(pattern, scroll), `scroll ${scroll}`);
  });
}

test('there are sixty formats and more that every pattern can be painted in', () => {
  assert.ok(paintable.length >= 60, `${paintable.length}`);
  for (const info of paintable) {
    for (const pattern of patterns) paint(info, pattern, 5);
  }
});

test('every plane of every format is filled to its end and not beyond', () => {
  for (const info of paintable) {
    const sizes = memorySizes(info, SIZE);
    const painter = new FramePainter(info, SIZE);
    for (const [n, bytes] of sizes.entries()) {
      const [a, b] = [0, 0xff].map((filler) => {
        const memory = new Uint8Array(bytes + 8).fill(filler);
        painter.paint(memory, n, fullBars, 3);
        return memory;
      }) as [Uint8Array, Uint8Array];
      assert.deepEqual(a.subarray(0, bytes), b.subarray(0, bytes), info.name);
      assert.deepEqual([...a.subarray(bytes)], Array(8).fill(0), info.name);
      assert.deepEqual([...b.subarray(bytes)], Array(8).fill(0xff), info.name);
    }
  }
});

/** Red at full scale in each kind of format: from the documentation of each, and BT.601 by hand (Y 81, U 90, V 240). */
for (const [name, bytes] of [
  ['RGB24', [255, 0, 0]],
  ['BGR24', [0, 0, 255]],
  ['ARGB32', [0, 255, 0, 0]],
  ['RGBX32', [255, 0, 0, 0]],
  ['RGB565', [0x00, 0xf8]],
  ['RGB565X', [0xf8, 0x00]],
  ['XRGB444', [0x00, 0x0f]],
  ['BGRA444', [0xf0, 0x00]],
  ['XBGR555', [0x1f, 0x00]],
  ['RGB332', [0xe0]],
  ['GREY', [81]],
  ['YUYV', [81, 90, 81, 240]],
  ['VYUY', [240, 81, 90, 81]],
  ['YUV24', [81, 90, 240]],
  ['VUYA32', [240, 90, 81, 0]],
] as const) {
  test(`a red pixel is ${bytes} when the format is ${name}`, () => {
    const [frame] = paint(named(name), solid('red', { r: 255, g: 0, b: 0 })) as [Uint8Array];
    assert.deepEqual([...frame.subarray(0, bytes.length)], [...bytes]);
    assert.deepEqual([...frame.subarray(frame.length - bytes.length)], [...bytes]);
  });
}

test('planes of chroma have the order of their format', () => {
  const red = solid('red', { r: 255, g: 0, b: 0 });
  const chroma = (name: FormatName) =>
    paint(named(name), red)
      .slice(1)
      .map((plane) => [...plane.subarray(0, 2)]);
  assert.deepEqual(chroma('NV12M'), [[90, 240]]);
  assert.deepEqual(chroma('NV21M'), [[240, 90]]);
  assert.deepEqual(chroma('YUV420M'), [
    [90, 90],
    [240, 240],
  ]);
  assert.deepEqual(chroma('YVU420M'), [
    [240, 240],
    [90, 90],
  ]);
});

test('the ramp goes from black to white over the whole width', () => {
  const [row] = luma(grayRamp) as [number[]];
  assert.equal(row[0], 16);
  for (let x = 1; x < row.length; x++) assert.ok(row[x]! > row[x - 1]!, `pixel ${x}`);
  assert.ok(row.at(-1)! > 220);
});

test('a painter shows the pattern that it is asked for when that changes from frame to frame', () => {
  const painter = new FramePainter(named('NV12'), SIZE);
  const frame = new Uint8Array((SIZE.width * SIZE.height * 3) / 2);
  for (const pattern of [fullBars, checker(2), grayRamp, fullBars]) {
    painter.paint(frame, 0, pattern, 3);
    assert.deepEqual(frame, paint(named('NV12'), pattern, 3)[0], pattern.name);
  }
});
