import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FormatInfo, formatsNamed, memorySizes, pixelFormats } from '../../src/pixel/index.ts';
import {
  type Captioned,
  CaptionedPainter,
  canPack,
  checker,
  FramePainter,
  type Pattern,
  TextPainter,
  viviBars,
  whiteOnBlack,
} from '../../src/tpg/index.ts';

const LEFT = 16;
const alphaInk = { ...whiteOnBlack, alpha: 0x80 };

type Size = { readonly width: number; readonly height: number };

/** Painters that keep what they did for the frame before, and what a frame has to be whatever was before it. */
function screen(info: FormatInfo, size: Size) {
  const kept = new CaptionedPainter(info, size, LEFT);
  const pattern = new FramePainter(info, size);
  const text = new TextPainter(info, size);
  return (shown: Captioned) =>
    memorySizes(info, size).map((bytes, n) => {
      const frame = new Uint8Array(bytes + 16).fill(0xa5);
      kept.paint(frame, n, shown);
      const expected = new Uint8Array(bytes + 16).fill(0xa5);
      pattern.paint(expected, n, shown.pattern, shown.scroll, shown.ink.alpha);
      for (const [line, words] of shown.captions.entries())
        text.drawText(expected, n, LEFT, 16 * line, words, shown.ink);
      return { frame, expected };
    });
}

const bars = viviBars[0] as Pattern;
const others = viviBars[1] as Pattern;

/** What changes from one frame to the next. */
const frames: readonly Captioned[] = [
  { pattern: bars, scroll: 0, captions: ['', '00:00', 'abc'], ink: whiteOnBlack },
  { pattern: bars, scroll: 2, captions: ['', '00:01', 'abc'], ink: whiteOnBlack },
  { pattern: bars, scroll: 4, captions: ['', '00:12', 'abd'], ink: whiteOnBlack },
  { pattern: bars, scroll: 4, captions: ['', '00:12', 'abd'], ink: whiteOnBlack },
  { pattern: bars, scroll: 9, captions: ['', '00:12', 'abd'], ink: alphaInk },
  { pattern: others, scroll: 9, captions: ['', '00:12', 'abd'], ink: alphaInk },
  { pattern: others, scroll: 11, captions: ['', '00:12', ''], ink: alphaInk },
  { pattern: others, scroll: 13, captions: ['', '', ''], ink: alphaInk },
  { pattern: others, scroll: 15, captions: ['', '', 'x'], ink: alphaInk },
  { pattern: others, scroll: 17, captions: ['', '', 'yz'], ink: whiteOnBlack },
  { pattern: checker(3), scroll: 17, captions: ['', '', 'yz'], ink: whiteOnBlack },
  { pattern: checker(3), scroll: 19, captions: ['', '', 'yz'], ink: whiteOnBlack },
  { pattern: others, scroll: 1001, captions: ['', '', 'yz'], ink: whiteOnBlack },
  { pattern: others, scroll: 1000, captions: ['', '1', 'yz'], ink: whiteOnBlack },
];

for (const size of [
  { width: 64, height: 52 },
  { width: 68, height: 49 },
] as const)
  test(`CaptionedPainter shows pattern and text in every format when frames are ${Object.values(size).join('x')}`, () => {
    for (const info of pixelFormats.filter(canPack)) {
      const show = screen(info, size);
      for (const [i, shown] of frames.entries())
        for (const { frame, expected } of show(shown))
          assert.deepEqual(frame, expected, `${info.name}, frame ${i}`);
    }
  });

test('CaptionedPainter shows a text that is as long as before in the cells that changed', () => {
  const show = screen(formatsNamed('YUYV')[0], { width: 640, height: 160 });
  for (let n = 0; n < 700; n++) {
    const captions = ['', String(n).padStart(12, '0'), '', 'brightness 127, contrast  16, saturation 127'];
    for (const { frame, expected } of show({ pattern: bars, scroll: 2 * n, captions, ink: whiteOnBlack }))
      if (n % 50 < 2) assert.deepEqual(frame, expected, `frame ${n}`);
  }
});

test('CaptionedPainter begins the pattern anew after a width that the bars do not divide', () => {
  for (const name of ['XRGB32', 'VYUY', 'NV12'] as const) {
    const show = screen(formatsNamed(name)[0], { width: 68, height: 48 });
    for (let n = 0; n < 80; n++)
      for (const { frame, expected } of show({
        pattern: bars,
        scroll: 2 * n,
        captions: ['', 'text'],
        ink: whiteOnBlack,
      }))
        assert.deepEqual(frame, expected, `${name}, frame ${n}`);
  }
});
