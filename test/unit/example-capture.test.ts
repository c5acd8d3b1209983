/** The parts of examples/capture.ts that need no device: from pixels to a picture, progress, options. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PNG } from 'pngjs';
import { V4L2_PIX_FMT_GREY, V4L2_PIX_FMT_MJPEG, V4L2_PIX_FMT_YUYV } from '../../src/abi/index.ts';
import { depthOf, formatsNamed } from '../../src/pixel/index.ts';
import { createBars } from '../../src/tpg/index.ts';

interface FrameFormat {
  pixelformat: number;
  width: number;
  height: number;
  bytesperline: number;
}

interface Pixels {
  canConvert(pixelformat: number): boolean;
  toRgba(frame: Uint8Array, format: FrameFormat): Uint8Array;
  toPng(frame: Uint8Array, format: FrameFormat): Uint8Array;
}

interface ProgressModule {
  Progress: new (
    total: number,
    output: { isTTY?: boolean; write(text: string): unknown },
  ) => { frame(sequence: number, now: number): void; summary(): string };
}

interface OptionsModule {
  parseOptions(args: readonly string[]): Record<string, unknown> | undefined;
}

// Examples stand beside the tests, not below them, so the compiled files are loaded by their place.
const example = (name: string) => import(new URL(`../../examples/${name}.js`, import.meta.url).href);
const { canConvert, toRgba, toPng } = (await example('pixels')) as Pixels;
const { Progress } = (await example('progress')) as ProgressModule;
const { parseOptions } = (await example('capture-options')) as OptionsModule;

/** The eight bars of the first input. */
const BARS = [
  [204, 204, 204],
  [208, 208, 0],
  [0, 206, 206],
  [0, 239, 0],
  [239, 0, 239],
  [205, 0, 0],
  [0, 0, 255],
  [0, 0, 0],
] as const;

const WIDTH = 64;
const HEIGHT = 4;

/** A painted frame with padding at the end of its lines. */
function barsFrame(fourcc: number, depth: number): { frame: Uint8Array; format: FrameFormat } {
  const bytesperline = (WIDTH * depth) / 8 + 12;
  const frame = new Uint8Array(bytesperline * HEIGHT);
  createBars({ fourcc, width: WIDTH, height: HEIGHT, bytesperline }).paint(frame, 0, 0);
  return { frame, format: { pixelformat: fourcc, width: WIDTH, height: HEIGHT, bytesperline } };
}

const formats = [
  ...formatsNamed('YUYV', 'UYVY', 'YVYU', 'VYUY', 'RGB565', 'RGB565X', 'RGB555', 'RGB555X'),
  ...formatsNamed('RGB24', 'BGR24', 'RGB32', 'BGR32'),
];

for (const info of formats) {
  const { fourcc } = info;
  const depth = depthOf(info);
  const name = String.fromCharCode(fourcc & 127, (fourcc >> 8) & 127, (fourcc >> 16) & 127, fourcc >>> 24);
  test(`toRgba gives the colours of the bars back when the format is ${name}`, () => {
    assert.ok(canConvert(fourcc));
    const { frame, format } = barsFrame(fourcc, depth);
    const rgba = toRgba(frame, format);
    assert.equal(rgba.length, WIDTH * HEIGHT * 4);
    // 16-bit RGB keeps five bits, YUV is rounded twice.
    const tolerance = depth === 16 ? 8 : 0;
    for (let pixel = 0; pixel < WIDTH * HEIGHT; pixel++) {
      const bar = BARS[Math.floor(((pixel % WIDTH) * 8) / WIDTH)]!;
      for (let channel = 0; channel < 3; channel++) {
        const value = rgba[4 * pixel + channel]!;
        const off = Math.abs(value - bar[channel]!);
        assert.ok(off <= tolerance, `pixel ${pixel}, channel ${channel}: ${value}, not ${bar[channel]}`);
      }
      assert.equal(rgba[4 * pixel + 3], 255);
    }
  });
}

test('toRgba takes chroma from the pair of a pixel when the width is odd', () => {
  const frame = Uint8Array.of(16, 128, 235, 128, 81, 90, 0, 240);
  const rgba = toRgba(frame, { pixelformat: V4L2_PIX_FMT_YUYV, width: 3, height: 1, bytesperline: 8 });
  assert.deepEqual([...rgba.subarray(0, 8)], [0, 0, 0, 255, 255, 255, 255, 255]);
  const [r, g, b] = rgba.subarray(8, 11);
  assert.ok(r! > 250 && g! < 5 && b! < 5, `red, not ${r},${g},${b}`);
});

test('toRgba shows grey as grey', () => {
  const format = { pixelformat: V4L2_PIX_FMT_GREY, width: 2, height: 1, bytesperline: 2 };
  assert.deepEqual([...toRgba(Uint8Array.of(7, 250), format)], [7, 7, 7, 255, 250, 250, 250, 255]);
});

test('toRgba refuses a format that has no pixels', () => {
  assert.equal(canConvert(V4L2_PIX_FMT_MJPEG), false);
  const format = { pixelformat: V4L2_PIX_FMT_MJPEG, width: 1, height: 1, bytesperline: 0 };
  assert.throws(() => toRgba(new Uint8Array(4), format), RangeError);
});

test('toPng makes a file that reads back as the same picture', () => {
  const { frame, format } = barsFrame(V4L2_PIX_FMT_YUYV, 16);
  const file = toPng(frame, format);
  const picture = PNG.sync.read(Buffer.from(file));
  assert.equal(picture.width, WIDTH);
  assert.equal(picture.height, HEIGHT);
  assert.deepEqual([...picture.data], [...toRgba(frame, format)]);
});

test('Progress counts missing sequence numbers as drops, over the end of the numbers too', () => {
  const progress = new Progress(5, { write: () => true });
  for (const [sequence, now] of [
    [0xffff_fffe, 1000],
    [0xffff_ffff, 1100],
    [0, 1200],
    [3, 1300],
    [4, 1400],
  ] as const)
    progress.frame(sequence, now);
  assert.equal(progress.summary(), '5 frames in 0.40 s, 10.00 frames per second, 2 dropped');
});

test('Progress writes a line per second when the output is no terminal', () => {
  const lines: string[] = [];
  const progress = new Progress(61, { write: (text) => lines.push(text) });
  for (let i = 0; i < 61; i++) progress.frame(i, i * 40);
  assert.deepEqual(lines, [
    '  26/61 frames, 25.00 frames per second, 0 dropped\n',
    '  51/61 frames, 25.00 frames per second, 0 dropped\n',
  ]);
});

test('Progress stays on one line and clears it at the end when the output is a terminal', () => {
  const writes: string[] = [];
  const progress = new Progress(4, { isTTY: true, write: (text) => writes.push(text) });
  for (let i = 0; i < 4; i++) progress.frame(i, i * 100);
  assert.ok(writes.every((text) => text.startsWith('\r') && !text.includes('\n')));
  assert.equal(writes.at(-1), '\r\x1b[K');
});

test('parseOptions fills in what was not given', () => {
  assert.deepEqual(parseOptions([]), {
    device: '/dev/video0',
    frames: 100,
    size: undefined,
    format: undefined,
    png: 'capture.png',
  });
});

test('parseOptions reads what was given', () => {
  const args = ['/dev/video3', '--frames', '7', '--size', '320x240', '--format', 'Y16', '--png', 'a.png'];
  assert.deepEqual(parseOptions(args), {
    device: '/dev/video3',
    frames: 7,
    size: { width: 320, height: 240 },
    format: 'Y16 ',
    png: 'a.png',
  });
  assert.equal(parseOptions(['--help']), undefined);
});

test('parseOptions says in a sentence what is wrong', () => {
  for (const [args, sentence] of [
    [['--frames', '0'], /--frames 0 is not a number of frames/],
    [['--size', '640'], /--size 640 is not a size/],
    [['--format', 'TOOLONG'], /--format TOOLONG is not a fourcc/],
    [['a', 'b'], /one device at a time/],
    [['--nonsense'], /--nonsense/],
  ] as const)
    assert.throws(() => parseOptions(args), sentence);
});
