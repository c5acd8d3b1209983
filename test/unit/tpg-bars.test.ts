import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  V4L2_COLORSPACE_SMPTE170M,
  V4L2_COLORSPACE_SRGB,
  V4L2_PIX_FMT_BGR24,
  V4L2_PIX_FMT_BGR32,
  V4L2_PIX_FMT_RGB24,
  V4L2_PIX_FMT_RGB32,
  V4L2_PIX_FMT_RGB555,
  V4L2_PIX_FMT_RGB555X,
  V4L2_PIX_FMT_RGB565,
  V4L2_PIX_FMT_RGB565X,
  V4L2_PIX_FMT_UYVY,
  V4L2_PIX_FMT_VYUY,
  V4L2_PIX_FMT_YUYV,
  V4L2_PIX_FMT_YVYU,
} from '../../src/abi/index.ts';
import { depthOf, formatInfo } from '../../src/pixel/index.ts';
import { createBars } from '../../src/tpg/index.ts';

/** The eight bars of input 0. Luma and chroma were computed by hand from the BT.601 formulas, not by the code. */
const BARS = [
  { name: 'white', r: 204, g: 204, b: 204, y: 191, u: 128, v: 128 },
  { name: 'amber', r: 208, g: 208, b: 0, y: 174, u: 37, v: 143 },
  { name: 'cyan', r: 0, g: 206, b: 206, y: 140, u: 159, v: 38 },
  { name: 'green', r: 0, g: 239, b: 0, y: 136, u: 58, v: 40 },
  { name: 'magenta', r: 239, g: 0, b: 239, y: 101, u: 198, v: 216 },
  { name: 'red', r: 205, g: 0, b: 0, y: 69, u: 98, v: 218 },
  { name: 'blue', r: 0, g: 0, b: 255, y: 41, u: 240, v: 110 },
  { name: 'black', r: 0, g: 0, b: 0, y: 16, u: 128, v: 128 },
] as const;
type Bar = (typeof BARS)[number];

const word565 = (c: Bar) => (Math.floor(c.r / 8) * 64 + Math.floor(c.g / 4)) * 32 + Math.floor(c.b / 8);
const word555 = (c: Bar) => (Math.floor(c.r / 8) * 32 + Math.floor(c.g / 8)) * 32 + Math.floor(c.b / 8);
const littleEndian = (word: number) => [word % 256, Math.floor(word / 256)];
const bigEndian = (word: number) => [Math.floor(word / 256), word % 256];

/** The bytes of two neighbouring pixels of one colour, as the V4L2 documentation lays them out. */
const PAIRS: readonly { name: string; fourcc: number; pair(c: Bar): number[] }[] = [
  { name: 'YUYV', fourcc: V4L2_PIX_FMT_YUYV, pair: (c) => [c.y, c.u, c.y, c.v] },
  { name: 'UYVY', fourcc: V4L2_PIX_FMT_UYVY, pair: (c) => [c.u, c.y, c.v, c.y] },
  { name: 'YVYU', fourcc: V4L2_PIX_FMT_YVYU, pair: (c) => [c.y, c.v, c.y, c.u] },
  { name: 'VYUY', fourcc: V4L2_PIX_FMT_VYUY, pair: (c) => [c.v, c.y, c.u, c.y] },
  { name: 'RGB565', fourcc: V4L2_PIX_FMT_RGB565, pair: (c) => twice(littleEndian(word565(c))) },
  { name: 'RGB565X', fourcc: V4L2_PIX_FMT_RGB565X, pair: (c) => twice(bigEndian(word565(c))) },
  { name: 'RGB555', fourcc: V4L2_PIX_FMT_RGB555, pair: (c) => twice(littleEndian(word555(c))) },
  { name: 'RGB555X', fourcc: V4L2_PIX_FMT_RGB555X, pair: (c) => twice(bigEndian(word555(c))) },
  { name: 'RGB24', fourcc: V4L2_PIX_FMT_RGB24, pair: (c) => twice([c.r, c.g, c.b]) },
  { name: 'BGR24', fourcc: V4L2_PIX_FMT_BGR24, pair: (c) => twice([c.b, c.g, c.r]) },
  { name: 'RGB32', fourcc: V4L2_PIX_FMT_RGB32, pair: (c) => twice([0, c.r, c.g, c.b]) },
  { name: 'BGR32', fourcc: V4L2_PIX_FMT_BGR32, pair: (c) => twice([c.b, c.g, c.r, 0]) },
];

function twice(pixel: number[]): number[] {
  return [...pixel, ...pixel];
}

const FILLER = 0xa5;

interface Painted {
  fourcc?: number;
  width: number;
  height?: number;
  padding?: number;
  scroll?: number;
  input?: number;
  alpha?: number;
}

/** A painted frame, with filler before and behind it that must have stayed. */
function paint(options: Painted) {
  const { fourcc = V4L2_PIX_FMT_YUYV, width, height = 3, padding = 0 } = options;
  const depth = depthOf(formatInfo(fourcc)!);
  const bytesperline = (width * depth) / 8 + padding;
  const margin = 100;
  const memory = new Uint8Array(bytesperline * height + 2 * margin).fill(FILLER);
  const frame = memory.subarray(margin, memory.length - margin);
  const painter = createBars({ fourcc, width, height, bytesperline });
  painter.paint(frame, options.scroll ?? 0, options.input ?? 0, options.alpha);
  const row = (y: number) => frame.subarray(y * bytesperline, y * bytesperline + bytesperline - padding);
  const outside = [...memory.subarray(0, margin), ...memory.subarray(memory.length - margin)];
  return { frame, row, outside, bytesperline };
}

/** The bar (0 to 7) of each pixel, told by its luma in YUYV. */
function barsOf(row: Uint8Array): number[] {
  return Array.from({ length: row.length / 2 }, (_, x) => BARS.findIndex((bar) => bar.y === row[2 * x]));
}

for (const { name, fourcc, pair } of PAIRS) {
  test(`createBars draws the exact bytes of all eight bars when the format is ${name}`, () => {
    const barPairs = 3;
    const { row } = paint({ fourcc, width: 8 * barPairs * 2 });
    const expected = BARS.flatMap((bar) => Array.from({ length: barPairs }, () => pair(bar)).flat());
    for (let y = 0; y < 3; y++) assert.deepEqual([...row(y)], expected, `row ${y}`);
  });
}

test('formatInfo knows the name, the depth and the colour space of what vivi shows', () => {
  for (const { name, fourcc, pair } of PAIRS) {
    const info = formatInfo(fourcc)!;
    assert.equal(info.name, name);
    assert.equal(depthOf(info), pair(BARS[0]).length * 4, name);
    assert.equal(info.colorspace, /Y/.test(name) ? V4L2_COLORSPACE_SMPTE170M : V4L2_COLORSPACE_SRGB, name);
  }
});

test('createBars puts alpha into the formats that have it and nowhere else', () => {
  for (const { name, fourcc, pair } of PAIRS) {
    const { row } = paint({ fourcc, width: 16, alpha: 0x80 });
    const expected = pair(BARS[0]);
    if (name === 'RGB32') expected.splice(0, expected.length, ...twice([0x80, 204, 204, 204]));
    if (name === 'BGR32') expected.splice(0, expected.length, ...twice([204, 204, 204, 0x80]));
    if (name === 'RGB555')
      expected.splice(0, expected.length, ...twice(littleEndian(0x8000 + word555(BARS[0]))));
    if (name === 'RGB555X')
      expected.splice(0, expected.length, ...twice(bigEndian(0x8000 + word555(BARS[0]))));
    assert.deepEqual([...row(0).subarray(0, expected.length)], expected, name);
  }
});

test('createBars shows different bars when the input differs', () => {
  const [white, amber, cyan, green, , , , black] = [0, 1, 2, 3, 4, 5, 6, 7];
  const shown = (input: number) => barsOf(paint({ width: 8, input }).row(0));
  assert.deepEqual(shown(0), [0, 1, 2, 3, 4, 5, 6, 7]);
  assert.deepEqual(shown(1), [white, amber, black, white, amber, black, white, amber]);
  assert.deepEqual(shown(2), [white, cyan, black, white, cyan, black, white, cyan]);
  assert.deepEqual(shown(3), [white, green, black, white, green, black, white, green]);
});

test('createBars moves the bars left by scroll pixels', () => {
  const still = barsOf(paint({ width: 64 }).row(0));
  for (const scroll of [0, 1, 2, 7, 8, 33, 63]) {
    const moved = barsOf(paint({ width: 64, scroll }).row(2));
    assert.deepEqual(moved, [...still.slice(scroll), ...still.slice(0, scroll)], `scroll ${scroll}`);
  }
});

test('createBars keeps chroma in the right columns when scroll is odd', () => {
  const { row } = paint({ width: 16, scroll: 1 });
  const { y, u } = BARS[0];
  // Every second pair straddles two bars: luma of each, first chroma of the left bar, second of the right.
  assert.deepEqual([...row(0).subarray(0, 4)], [y, u, BARS[1].y, BARS[1].v]);
});

test('createBars comes round when scroll has counted up to the width', () => {
  for (const width of [48, 64, 100]) {
    for (const scroll of [0, 2, width - 2]) {
      const first = paint({ width, scroll });
      for (const turns of [1, 2, 1000]) {
        const later = paint({ width, scroll: scroll + turns * width });
        assert.deepEqual(later.frame, first.frame, `width ${width}, scroll ${scroll}, turn ${turns}`);
      }
    }
  }
});

test('createBars begins with the first bar again at the right edge when eight does not divide the width', () => {
  const row = barsOf(paint({ width: 100 }).row(0));
  const bars = (at: number) => Math.floor(at / 12) % 8;
  assert.deepEqual(
    row,
    Array.from({ length: 100 }, (_, x) => bars(x)),
  );
  // At scroll s the row continues the same sequence, it does not wrap at the width.
  assert.deepEqual(
    barsOf(paint({ width: 100, scroll: 98 }).row(0)),
    Array.from({ length: 100 }, (_, x) => bars(x + 98)),
  );
});

test('createBars draws all rows alike and nothing outside the frame', () => {
  for (const { name, fourcc } of PAIRS) {
    for (const [width, height] of [
      [48, 32],
      [52, 33],
      [640, 61],
      [1916, 7],
      [1920, 1],
    ] as const) {
      for (const padding of [0, 20]) {
        const label = `${name} ${width}x${height}+${padding}`;
        const { row, outside } = paint({ fourcc, width, height, padding, scroll: 6 });
        for (let y = 1; y < height; y++) assert.deepEqual(row(y), row(0), `${label} row ${y}`);
        assert.ok(
          outside.every((byte) => byte === FILLER),
          label,
        );
      }
    }
  }
});

test('createBars clears the padding at the end of lines', () => {
  const { frame, bytesperline } = paint({ width: 48, height: 5, padding: 7 });
  for (let y = 0; y < 5; y++)
    assert.deepEqual(
      [...frame.subarray((y + 1) * bytesperline - 7, (y + 1) * bytesperline)],
      Array(7).fill(0),
    );
});

test('paint shows what it was asked for when input and scroll change from frame to frame', () => {
  const shape = { fourcc: V4L2_PIX_FMT_UYVY, width: 64, height: 9, bytesperline: 128 };
  const painter = createBars(shape);
  const kept = new Uint8Array(9 * 128);
  for (const [scroll, input] of [
    [0, 0],
    [2, 0],
    [2, 3],
    [3, 3],
    [2, 0],
    [64, 1],
  ] as const) {
    painter.paint(kept, scroll, input);
    const fresh = new Uint8Array(9 * 128);
    createBars(shape).paint(fresh, scroll, input);
    assert.deepEqual(kept, fresh, `scroll ${scroll}, input ${input}`);
  }
});

test('createBars refuses a format it cannot draw and lines that are too short', () => {
  assert.throws(() => createBars({ fourcc: 0, width: 48, height: 32, bytesperline: 96 }), RangeError);
  assert.throws(
    () => createBars({ fourcc: V4L2_PIX_FMT_RGB24, width: 48, height: 32, bytesperline: 143 }),
    RangeError,
  );
});
