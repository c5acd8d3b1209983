import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatsNamed, memorySizes } from '../../src/pixel/index.ts';
import {
  type Adjustment,
  adjust,
  FrameAdjuster,
  FramePainter,
  NO_ADJUSTMENT,
  type Pattern,
  recolored,
  viviBars,
} from '../../src/tpg/index.ts';

const size = { width: 64, height: 4 };
const bars = viviBars[0] as Pattern;
const formats = formatsNamed('YUYV', 'NV12', 'YUV420', 'NV12M', 'GREY', 'RGB24', 'BGR32');
type Format = (typeof formats)[number];

function painted(info: Format, pattern: Pattern): readonly Uint8Array[] {
  const painter = new FramePainter(info, size);
  return memorySizes(info, size).map((bytes, n) => {
    const plane = new Uint8Array(bytes);
    painter.paint(plane, n, pattern);
    return plane;
  });
}

function adjusted(info: Format, adjustment: Adjustment): readonly Uint8Array[] {
  const planes = painted(info, bars);
  const adjuster = new FrameAdjuster(info, size);
  adjuster.adjustment = adjustment;
  adjuster.apply({ planeVaddr: (n) => planes[n] as Uint8Array });
  return planes;
}

function farthest(a: readonly Uint8Array[], b: readonly Uint8Array[]): number {
  return Math.max(
    ...a.flatMap((plane, n) => [...plane].map((byte, i) => Math.abs(byte - (b[n]?.[i] as number)))),
  );
}

test('FrameAdjuster leaves frames as they are when nothing is set', () => {
  for (const info of formats) assert.equal(farthest(adjusted(info, NO_ADJUSTMENT), painted(info, bars)), 0);
});

// As far as no colour of the bars is cut off: beyond, colours are cut in other places.
for (const part of [
  { brightness: 127 },
  { contrast: 9 },
  { saturation: 20 },
  { brightness: 160, contrast: 8, saturation: 60, hue: 20 },
])
  test(`FrameAdjuster does to frames what ${JSON.stringify(part)} does to colours, within rounding`, () => {
    const adjustment = { ...NO_ADJUSTMENT, ...part };
    const expected = recolored(bars, (color) => adjust(color, adjustment));
    for (const info of formats) {
      const far = farthest(adjusted(info, adjustment), painted(info, expected));
      assert.ok(far <= 2, `${info.name}: ${far}`);
    }
  });

test('FrameAdjuster stays within the limited range', () => {
  const [yuyv] = formatsNamed('YUYV');
  const bright = adjusted(yuyv, { ...NO_ADJUSTMENT, brightness: 254, saturation: 254 })[0] as Uint8Array;
  assert.equal(Math.max(...bright.filter((_, i) => i % 2 === 0)), 235);
  assert.equal(Math.max(...bright.filter((_, i) => i % 2 === 1)), 240);
});
