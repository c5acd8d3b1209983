import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../src/base/timers.ts';
import { viviFormats } from '../../src/drivers/vivi/vivi-driver.ts';
import { settingsLines } from '../../src/drivers/vivi/vivi-overlay.ts';
import { ViviPicture } from '../../src/drivers/vivi/vivi-picture.ts';
import { type ViviSettings, ViviView, viviDefaults } from '../../src/drivers/vivi/vivi-view.ts';
import { type FormatName, type FrameSize, formatsNamed, sizeimageOf } from '../../src/pixel/index.ts';
import {
  adjust,
  FramePainter,
  NO_ADJUSTMENT,
  type Pattern,
  recolored,
  TextPainter,
  viviBars,
} from '../../src/tpg/index.ts';

const SMALL = { width: 160, height: 48 };
const WIDE = { width: 640, height: 160 };

function camera(name: FormatName, size: FrameSize) {
  const [info] = formatsNamed(name);
  const clock = new VirtualClock(0);
  const view = new ViviView(clock);
  const picture = new ViviPicture({ info: info!, ...size }, view);
  const frame = new Uint8Array(sizeimageOf(info!, size));
  const shoot = (number = 0, time = 0) => {
    picture.fill({ planeVaddr: () => frame, setPlanePayload: () => {} }, number, time);
    return frame.slice();
  };
  return { info: info!, clock, view, shoot };
}

/** The text that a luma plane shows in a line: each cell is looked up among those that the painter makes. */
function readLine(frame: Uint8Array, { width }: FrameSize, line: number): string {
  const cells = new Map<string, string>();
  const size = { width: 8, height: 16 };
  for (let code = 0x20; code < 0x7f; code++) {
    const cell = new Uint8Array(8 * 16);
    new TextPainter(formatsNamed('GREY')[0], size).drawText(cell, 0, 0, 0, String.fromCharCode(code));
    cells.set(cell.join(), String.fromCharCode(code));
  }
  let text = '';
  for (let x = 16; x + 8 <= width; x += 8) {
    const rows = Array.from({ length: 16 }, (_, y) => {
      const at = (16 * line + y) * width + x;
      return [...frame.subarray(at, at + 8)];
    });
    const character = cells.get(rows.flat().join());
    if (character === undefined) break;
    text += character;
  }
  return text;
}

const readLines = (frame: Uint8Array, size: FrameSize, lines: number) =>
  Array.from({ length: lines }, (_, i) => readLine(frame, size, i + 1));

test('the picture tells in eight lines what is set', () => {
  const { view, shoot } = camera('GREY', WIDE);
  view.change({ autogain: false });
  view.press();
  const hours = 3_600_000_000_000;
  assert.deepEqual(readLines(shoot(0, 27 * hours + 62_003_999_999), WIDE, 8), [
    ' 03:01:02:003 ',
    ' 640x160, input 0 ',
    ' brightness 127, contrast  16, saturation 127, hue 0 ',
    ' autogain 0, gain 100, volume 200, alpha 0x00 ',
    ' int32 0, int64 0, bitmask 80002000 ',
    ' boolean 1, menu Menu Item 3, string "  " ',
    ' integer_menu 5, value 4 ',
    ' button pressed!',
  ]);
});

test('the lines follow the settings from frame to frame', () => {
  const { view, shoot } = camera('GREY', WIDE);
  shoot();
  view.change({ autogain: false, gain: 7, volume: 0, int32: -2147483648, int64: -9223372036854775808n });
  view.change({ bitmask: 1, boolean: false, menu: 'Menu Item 1', string: 'abcd' });
  view.change({ integerMenu: { entry: 8, value: 42n } });
  const lines = readLines(shoot(), WIDE, 7);
  assert.deepEqual(lines.slice(3), [
    ' autogain 0, gain   7, volume   0, alpha 0x00 ',
    ' int32 -2147483648, int64 -9223372036854775808, bitmask 00000001 ',
    ' boolean 0, menu Menu Item 1, string "abcd" ',
    ' integer_menu 42, value 8 ',
  ]);
});

test('brightness and the like are told as they are set', () => {
  const set = {
    ...viviDefaults,
    input: 3,
    brightness: 0,
    contrast: 255,
    saturation: 7,
    hue: -128,
    alpha: 255,
  };
  const [first, second, third] = settingsLines(WIDE, set);
  assert.equal(first, ' 640x160, input 3 ');
  assert.equal(second, ' brightness   0, contrast 255, saturation   7, hue -128 ');
  assert.equal(third, ' autogain 1, gain 100, volume 200, alpha 0xff ');
});

test('the gain is a clock while it is automatic, and what is set otherwise', () => {
  const { clock, view, shoot } = camera('GREY', WIDE);
  const gain = () => readLine(shoot(), WIDE, 4);
  clock.advance(770_000_000);
  assert.equal(view.gain, 77);
  assert.match(gain(), /autogain 1, gain {2}77,/);
  clock.advance(2_560_000_000);
  assert.equal(view.gain, 77);
  clock.advance(10_000_000);
  assert.match(gain(), /autogain 1, gain {2}78,/);
  view.change({ autogain: false });
  assert.equal(view.gain, 100);
  assert.match(gain(), /autogain 0, gain 100,/);
});

test('a press of the button is shown for thirty frames', () => {
  const { view, shoot } = camera('GREY', WIDE);
  const isShown = () => readLine(shoot(), WIDE, 8) === ' button pressed!';
  assert.equal(isShown(), false);
  view.press();
  const shown = Array.from({ length: 40 }, isShown);
  assert.deepEqual(shown.lastIndexOf(true), 29);
  assert.equal(shown.indexOf(false), 30);
});

test('a line is left out when it does not fit into the frame with a margin of 16', () => {
  // The second line has 18 characters: it needs more than 16 + 18 * 8 = 160 pixels.
  for (const [width, shown] of [
    [160, false],
    [164, true],
  ] as const) {
    const { shoot } = camera('GREY', { width, height: 100 });
    assert.equal(readLine(shoot(), { width, height: 100 }, 2) !== '', shown, `${width}`);
  }
  // The first line ends at 32: it needs a row below it.
  for (const [height, shown] of [
    [32, false],
    [33, true],
  ] as const) {
    const { shoot } = camera('GREY', { width: 160, height });
    assert.equal(readLine(shoot(), { width: 160, height }, 1) !== '', shown, `height ${height}`);
  }
});

const lastRow = (frame: Uint8Array, length: number) => frame.subarray(frame.length - length);

test('the bars of every format are those of a palette that was adjusted', () => {
  const settings = { brightness: 140, contrast: 20, saturation: 90, hue: -40, alpha: 0x81 };
  for (const info of viviFormats) {
    const { view, shoot } = camera(info.name as FormatName, SMALL);
    for (const [n, input] of [0, 2, 3].entries()) {
      view.change({ ...settings, input });
      const expected = new Uint8Array(sizeimageOf(info, SMALL));
      const pattern = recolored(viviBars[input] as Pattern, (color) => adjust(color, settings));
      new FramePainter(info, SMALL).paint(expected, 0, pattern, 2 * n, settings.alpha);
      const row = info.name === 'RGB24' ? 480 : 160;
      assert.deepEqual(lastRow(shoot(n), row), lastRow(expected, row), `${info.name} ${input}`);
    }
  }
});

test('text has the colours that white and black have become', () => {
  const { view, shoot } = camera('RGB24', SMALL);
  for (const brightness of [127, 200]) {
    view.change({ brightness });
    const frame = shoot();
    const shades = new Set<number>();
    for (let x = 16; x < 16 + 14 * 8; x++)
      for (let y = 16; y < 32; y++) {
        const at = 3 * (160 * y + x);
        assert.ok(frame[at] === frame[at + 1] && frame[at] === frame[at + 2]);
        shades.add(frame[at] as number);
      }
    const seen = (level: number) =>
      adjust({ r: level, g: level, b: level }, { ...NO_ADJUSTMENT, brightness }).r;
    assert.deepEqual(
      [...shades].sort((a, b) => a - b),
      [seen(0), seen(204)],
    );
  }
});

test('alpha is in every pixel of the formats that have it', () => {
  for (const [name, at] of [
    ['RGB32', 0],
    ['BGR32', 3],
    ['ARGB32', 0],
    ['ABGR32', 3],
  ] as const) {
    const { view, shoot } = camera(name, SMALL);
    view.change({ alpha: 0x7b });
    const frame = shoot();
    for (let i = at; i < frame.length; i += 4) assert.equal(frame[i], 0x7b, name);
  }
});

test('a setting that comes back makes the same picture again', () => {
  const { view, shoot } = camera('YUYV', WIDE);
  view.change({ autogain: false });
  const before = shoot(3, 100_000_000);
  const others: Partial<ViviSettings>[] = [{ brightness: 3 }, { alpha: 9 }, { hue: 50 }, { input: 2 }];
  for (const other of others) {
    view.change(other);
    shoot(3, 100_000_000);
  }
  view.change({ ...viviDefaults, autogain: false });
  assert.deepEqual(shoot(3, 100_000_000), before);
});
