import assert from 'node:assert/strict';
import { test } from 'node:test';
import { V4L2_PIX_FMT_RGB24, V4L2_PIX_FMT_RGB32, V4L2_PIX_FMT_YUYV } from '../../src/abi/index.ts';
import {
  depthOf,
  type FormatInfo,
  formatInfo,
  formatsNamed,
  memorySizes,
  pixelFormats,
} from '../../src/pixel/index.ts';
import {
  canPack,
  FramePainter,
  GLYPH_HEIGHT,
  GLYPH_WIDTH,
  solid,
  TextPainter,
  whiteOnBlack,
} from '../../src/tpg/index.ts';

const FILLER = 0xa5;

interface Screen {
  width?: number;
  height?: number;
  fourcc?: number;
}

/** A frame of filler, its painter, and which of its pixels are white `#`, black `.` or untouched ` `. */
function screen({ width = 64, height = 48, fourcc = V4L2_PIX_FMT_YUYV }: Screen = {}) {
  const pixelBytes = depthOf(formatInfo(fourcc)!) / 8;
  const bytesperline = width * pixelBytes;
  const margin = 200;
  const memory = new Uint8Array(height * bytesperline + 2 * margin).fill(FILLER);
  const frame = memory.subarray(margin, memory.length - margin);
  const painter = new TextPainter(formatInfo(fourcc)!, { width, height });
  const colors = new Map([
    [new Uint8Array(pixelBytes).fill(FILLER).join(), ' '],
    ['191,128', '#'],
    ['16,128', '.'],
    ['204,204,204', '#'],
    ['0,0,0', '.'],
  ]);
  const pixel = (x: number, y: number) => {
    const at = y * bytesperline + x * pixelBytes;
    return colors.get(frame.subarray(at, at + pixelBytes).join()) ?? '?';
  };
  return {
    draw: (x: number, y: number, text: string, alpha = 0) =>
      painter.drawText(frame, 0, x, y, text, alpha === 0 ? whiteOnBlack : { ...whiteOnBlack, alpha }),
    wipe: () => frame.fill(FILLER),
    frame,
    lines: () =>
      Array.from({ length: height }, (_, y) => Array.from({ length: width }, (_, x) => pixel(x, y)).join('')),
    outsideIsUntouched: () =>
      memory.subarray(0, margin).every((byte) => byte === FILLER) &&
      memory.subarray(memory.length - margin).every((byte) => byte === FILLER),
  };
}

/** The box of pixels that are not filler: left, top, right, bottom (the last two behind the box). */
function drawnBox(lines: readonly string[]): number[] | undefined {
  const rows = lines.flatMap((line, y) => (line.trim() === '' ? [] : [y]));
  if (rows.length === 0) return undefined;
  const left = Math.min(...rows.map((y) => lines[y]!.search(/\S/)));
  const right = Math.max(...rows.map((y) => lines[y]!.trimEnd().length));
  return [left, rows[0]!, right, rows.at(-1)! + 1];
}

test('drawText draws a letter one can read', () => {
  const { draw, lines } = screen({ width: 8, height: 16 });
  draw(0, 0, 'F');
  assert.deepEqual(lines(), [
    '........',
    '.#####..',
    '.#####..',
    '.#......',
    '.#......',
    '.#......',
    '.#......',
    '.####...',
    '.####...',
    '.#......',
    '.#......',
    '.#......',
    '.#......',
    '.#......',
    '.#......',
    '........',
  ]);
});

test('drawText has a glyph of its own for every printable character', () => {
  const seen = new Map<string, string>();
  for (let code = 0x20; code <= 0x7e; code++) {
    const { draw, lines } = screen({ width: 8, height: 16 });
    const character = String.fromCharCode(code);
    draw(0, 0, character);
    const picture = lines().join('\n');
    assert.match(picture, /^[#.\n]+$/, character);
    assert.equal(picture.includes('#'), character !== ' ', character);
    assert.equal(seen.get(picture), undefined, `${character} looks like another`);
    seen.set(picture, character);
  }
});

test('drawText keeps neighbours apart', () => {
  const { draw, lines } = screen({ width: 8 * 95, height: 16 });
  draw(0, 0, Array.from({ length: 95 }, (_, i) => String.fromCharCode(0x20 + i)).join(''));
  for (const line of lines())
    for (let cell = 0; cell < 95; cell++) assert.equal(line.charAt(cell * GLYPH_WIDTH), '.');
});

test('drawText shows a question mark when it has no glyph', () => {
  const known = screen();
  known.draw(0, 0, '????');
  const unknown = screen();
  unknown.draw(0, 0, '\u0000\u007fé☃');
  assert.deepEqual(unknown.lines(), known.lines());
});

test('drawText writes exactly the cells of the text and nothing else', () => {
  for (const fourcc of [V4L2_PIX_FMT_YUYV, V4L2_PIX_FMT_RGB24]) {
    const { draw, lines, outsideIsUntouched } = screen({ fourcc });
    draw(16, 16, 'abc');
    assert.deepEqual(drawnBox(lines()), [16, 16, 16 + 3 * GLYPH_WIDTH, 16 + GLYPH_HEIGHT]);
    assert.ok(outsideIsUntouched());
  }
});

test('drawText leaves out characters that do not fit between left and right edge', () => {
  const { draw, lines, wipe, outsideIsUntouched } = screen({ width: 48 });
  draw(-20, 0, 'abcdefghijklmnop');
  // -20 + 3 * 8 = 4 is the first cell inside, 4 + 5 * 8 = 44 the last edge.
  assert.deepEqual(drawnBox(lines()), [4, 0, 44, 16]);
  const cut = lines();
  wipe();
  draw(4, 0, 'defgh');
  assert.deepEqual(lines(), cut);
  assert.ok(outsideIsUntouched());
});

test('drawText cuts rows above and below the frame', () => {
  const { draw, lines, wipe, outsideIsUntouched } = screen();
  draw(0, 0, 'W');
  const whole = lines().slice(0, 16);
  wipe();
  draw(0, -5, 'W');
  assert.deepEqual(lines().slice(0, 11), whole.slice(5));
  assert.deepEqual(drawnBox(lines()), [0, 0, 8, 11]);
  wipe();
  draw(0, 48 - 6, 'W');
  assert.deepEqual(lines().slice(-6), whole.slice(0, 6));
  assert.deepEqual(drawnBox(lines()), [0, 42, 8, 48]);
  assert.ok(outsideIsUntouched());
});

test('drawText draws nothing when the text lies outside or is empty', () => {
  const { draw, lines, outsideIsUntouched } = screen({ width: 52, height: 40 });
  for (const [x, y] of [
    [-32, 0],
    [52, 0],
    [45, 0],
    [0, -16],
    [0, 40],
    [0, 1000],
    [-1000, -1000],
  ] as const)
    draw(x, y, 'abcd');
  draw(0, 0, '');
  assert.equal(drawnBox(lines()), undefined);
  assert.ok(outsideIsUntouched());
});

test('drawText draws nothing when the frame is narrower than a character', () => {
  const { draw, lines, outsideIsUntouched } = screen({ width: 6 });
  draw(0, 0, 'a');
  assert.equal(drawnBox(lines()), undefined);
  assert.ok(outsideIsUntouched());
});

test('drawText shows the new text when a line changes, gets longer or shorter, or moves', () => {
  const kept = screen();
  for (const [x, y, text] of [
    [0, 16, '12:00'],
    [0, 16, '12:01'],
    [0, 16, '12:01:5'],
    [0, 16, '1'],
    [8, 16, '1'],
    [8, 20, '1'],
    [8, 32, '1'],
    [-8, 20, '1234'],
    [0, 20, '1234'],
  ] as const) {
    kept.wipe();
    kept.draw(x, y, text);
    const fresh = screen();
    fresh.draw(x, y, text);
    assert.deepEqual(kept.lines(), fresh.lines(), `${text} at ${x}, ${y}`);
  }
});

test('drawText puts alpha into every pixel when the format has it', () => {
  const { draw, frame } = screen({ fourcc: V4L2_PIX_FMT_RGB32, width: 8, height: 16 });
  const alphas = () => new Set(Array.from({ length: frame.length / 4 }, (_, pixel) => frame[4 * pixel]));
  draw(0, 0, 'A');
  assert.deepEqual([...alphas()], [0]);
  draw(0, 0, 'A', 200);
  assert.deepEqual([...alphas()], [200]);
});

const SIZE = { width: 44, height: 37 };
const SOLID = {
  green: { r: 0, g: 239, b: 0 },
  white: { r: 204, g: 204, b: 204 },
  black: { r: 0, g: 0, b: 0 },
};

/** A frame of one colour, each plane of memory by itself. */
function planesOf(info: FormatInfo, color: keyof typeof SOLID): Uint8Array[] {
  const painter = new FramePainter(info, SIZE);
  return memorySizes(info, SIZE).map((bytes, n) => {
    const plane = new Uint8Array(bytes);
    painter.paint(plane, n, solid(color, SOLID[color]));
    return plane;
  });
}

test('drawText writes white, black and nothing else in every format that can be painted', () => {
  for (const info of pixelFormats.filter(canPack)) {
    const text = new TextPainter(info, SIZE);
    const [green, white, black] = (['green', 'white', 'black'] as const).map((color) =>
      planesOf(info, color),
    );
    for (const [n, plane] of planesOf(info, 'green').entries()) {
      text.drawText(plane, n, 8, 16, 'Hi');
      const isOneOf = (byte: number, i: number) =>
        [green, white, black].some((planes) => planes?.[n]?.[i] === byte);
      assert.ok(plane.every(isOneOf), info.name);
      const written = plane.filter((byte, i) => byte !== green?.[n]?.[i]).length;
      // Two cells of the frame's 44 x 37 pixels: the share of bytes that can differ.
      assert.ok(written <= Math.ceil((plane.length * 2 * GLYPH_WIDTH * GLYPH_HEIGHT) / (40 * 32)), info.name);
    }
  }
});

test('drawText takes the colour out of the chroma below it when planes share it', () => {
  const [info] = formatsNamed('NV12');
  const [frame] = planesOf(info, 'green') as [Uint8Array];
  new TextPainter(info, SIZE).drawText(frame, 0, 8, 16, 'Hi');
  const chroma = frame.subarray(SIZE.width * SIZE.height);
  const green = planesOf(info, 'green')[0]?.subarray(SIZE.width * SIZE.height);
  for (let y = 0; y < 19; y++)
    for (let x = 0; x < 22; x++) {
      const at = 44 * y + 2 * x;
      const isText = y >= 8 && y < 16 && x >= 4 && x < 12;
      const expected = isText ? [128, 128] : [...(green?.subarray(at, at + 2) ?? [])];
      assert.deepEqual([...chroma.subarray(at, at + 2)], expected, `${x}, ${y}`);
    }
});

test('drawText draws all of a text anew when the ink is another', () => {
  const [info] = formatsNamed('GREY');
  const painter = new TextPainter(info, SIZE);
  const ink = { text: SOLID.black, ground: SOLID.white, alpha: 0 };
  const draw = (text: TextPainter, dip: typeof ink) => {
    const frame = new Uint8Array(SIZE.width * SIZE.height);
    text.drawText(frame, 0, 8, 16, 'Hi', dip);
    return frame;
  };
  draw(painter, whiteOnBlack);
  assert.deepEqual(draw(painter, ink), draw(new TextPainter(info, SIZE), ink));
  assert.deepEqual(draw(painter, whiteOnBlack), draw(new TextPainter(info, SIZE), whiteOnBlack));
});
