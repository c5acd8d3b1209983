import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Adjustment, adjust, NO_ADJUSTMENT, type Rgb } from '../../src/tpg/index.ts';

const rgb = (r: number, g: number, b: number): Rgb => ({ r, g, b });
const set = (part: Partial<Adjustment>): Adjustment => ({ ...NO_ADJUSTMENT, ...part });

/** Colours from all over the cube. */
const cube: readonly Rgb[] = [0, 1, 50, 127, 128, 204, 254, 255].flatMap((r, _, levels) =>
  levels.flatMap((g) => levels.map((b) => rgb(r, g, b))),
);

test('every colour stays what it is when nothing is set', () => {
  for (const color of cube) assert.deepEqual(adjust(color, NO_ADJUSTMENT), color);
});

/** By hand: 204 and its like are white, amber and blue of the bars. */
for (const [part, color, seen] of [
  [{ brightness: 200 }, rgb(0, 0, 0), rgb(73, 73, 73)],
  [{ brightness: 200 }, rgb(204, 204, 204), rgb(255, 255, 255)],
  [{ brightness: 200 }, rgb(208, 208, 0), rgb(255, 255, 73)],
  [{ brightness: 0 }, rgb(204, 204, 204), rgb(77, 77, 77)],
  [{ brightness: 0 }, rgb(0, 0, 255), rgb(0, 0, 128)],
  [{ contrast: 8 }, rgb(204, 205, 0), rgb(102, 103, 0)],
  [{ contrast: 0 }, rgb(204, 204, 204), rgb(0, 0, 0)],
  [{ contrast: 0, brightness: 227 }, rgb(208, 208, 0), rgb(100, 100, 100)],
  [{ contrast: 255 }, rgb(1, 16, 0), rgb(16, 255, 0)],
  [{ saturation: 0 }, rgb(208, 208, 0), rgb(184, 184, 184)],
  [{ saturation: 0 }, rgb(0, 0, 255), rgb(29, 29, 29)],
  [{ saturation: 254 }, rgb(100, 120, 100), rgb(88, 128, 88)],
  // A quarter of a turn: R-Y of red is 143.7, B-Y -61.3; turned they are 48.5 and 181.7, G-Y -60.
  [{ hue: 64 }, rgb(205, 0, 0), rgb(110, 1, 243)],
  // Half a turn takes each colour to the other side of its grey.
  [{ hue: -128 }, rgb(100, 120, 100), rgb(123, 103, 123)],
] as const)
  test(`${JSON.stringify(part)} makes ${Object.values(seen)} of ${Object.values(color)}`, () => {
    assert.deepEqual(adjust(color, set(part)), seen);
  });

/** The formula without a hue, in whole numbers. */
function exact({ r, g, b }: Rgb, { brightness, contrast, saturation }: Adjustment): Rgb {
  const luma = 299n * BigInt(r) + 587n * BigInt(g) + 114n * BigInt(b);
  const component = (value: number) => {
    const scale = 16n * 127n * 1000n;
    const distance = 1000n * BigInt(value) - luma;
    const numerator = BigInt(contrast) * (127n * luma + BigInt(saturation) * distance);
    // floor(x + 1/2), where BigInt cuts towards zero.
    const doubled = 2n * numerator + 2n * scale * BigInt(brightness - 127) + scale;
    const floor = doubled / (2n * scale) - (doubled < 0n && doubled % (2n * scale) !== 0n ? 1n : 0n);
    return Math.min(255, Math.max(0, Number(floor)));
  };
  return rgb(component(r), component(g), component(b));
}

test('brightness, contrast and saturation are exact, ties included', () => {
  for (const brightness of [0, 126, 127, 200, 255])
    for (const contrast of [0, 1, 8, 15, 24, 255])
      for (const saturation of [0, 1, 126, 127, 254, 255]) {
        const adjustment = { brightness, contrast, saturation, hue: 0 };
        for (const color of cube) assert.deepEqual(adjust(color, adjustment), exact(color, adjustment));
      }
});

test('grey stays grey, whatever is set', () => {
  for (const hue of [-128, -77, 5, 127])
    for (const saturation of [0, 200])
      for (const contrast of [3, 77])
        for (let level = 0; level < 256; level++) {
          const { r, g, b } = adjust(rgb(level, level, level), set({ hue, saturation, contrast }));
          assert.ok(r === g && g === b);
        }
});

test('a hue turns one way and back the other, as far as colours are in the cube', () => {
  for (const hue of [1, 20, 64, 100])
    for (const color of [rgb(120, 110, 130), rgb(100, 128, 128)]) {
      const back = adjust(adjust(color, set({ hue })), set({ hue: -hue }));
      for (const key of ['r', 'g', 'b'] as const) assert.ok(Math.abs(back[key] - color[key]) <= 1);
    }
});

test('luma stays what it is when chroma is turned', () => {
  const luma = ({ r, g, b }: Rgb) => 0.299 * r + 0.587 * g + 0.114 * b;
  for (let hue = -128; hue < 128; hue++) {
    const color = rgb(120, 110, 130);
    assert.ok(Math.abs(luma(adjust(color, set({ hue }))) - luma(color)) < 0.51, `${hue}`);
  }
});
