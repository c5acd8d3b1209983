import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  canPackRgba,
  formatsNamed,
  pixelFormats,
  RgbaPacker,
  RgbaUnpacker,
  sizeimageOf,
} from '../../src/pixel/index.ts';
import { canPack, FramePainter, solid } from '../../src/tpg/index.ts';
import { farthest } from '../support/films.ts';

const size = { width: 6, height: 4 };

/** A picture of one colour. */
function flat({ r, g, b }: { r: number; g: number; b: number }): Uint8Array {
  return Uint8Array.from({ length: size.width * size.height * 4 }, (_, i) => [r, g, b, 0][i % 4] as number);
}

test('RgbaPacker makes of a picture of one colour what the test pattern makes, in every format of both', () => {
  const both = pixelFormats.filter((info) => canPackRgba(info) && canPack(info));
  assert.ok(both.length > 50, `${both.length} formats`);
  for (const color of [
    { r: 200, g: 30, b: 90 },
    { r: 0, g: 255, b: 1 },
    { r: 255, g: 255, b: 255 },
  ])
    for (const info of both) {
      const packed = new Uint8Array(sizeimageOf(info, size));
      new RgbaPacker(info, size).pack(flat(color), packed);
      const painted = info.memory.map((_, n) => {
        const plane = new Uint8Array(sizeimageOf({ ...info, memory: [info.memory[n]!] }, size));
        new FramePainter(info, size).paint(plane, n, solid('one', color));
        return [...plane];
      });
      assert.deepEqual([...packed], painted.flat(), info.name);
    }
});

test('RgbaUnpacker makes pictures of what RgbaPacker has packed, in every format that is packed', () => {
  const gradient = Uint8Array.from(
    { length: size.width * size.height * 4 },
    (_, i) => [90 + 20 * Math.floor(((i >> 2) % size.width) / 2), 60, 180, 255][i % 4] as number,
  );
  for (const info of pixelFormats.filter(canPackRgba)) {
    const [packed, rgba] = [new Uint8Array(sizeimageOf(info, size)), new Uint8Array(gradient.length)];
    new RgbaPacker(info, size).pack(gradient, packed);
    new RgbaUnpacker(info, size).unpack(packed, rgba);
    const again = new Uint8Array(packed.length);
    new RgbaPacker(info, size).pack(rgba, again);
    // An alpha is not handed on.
    const worst = /A/.test(info.name) ? 0 : farthest(again, packed);
    assert.ok(worst <= 2, `${info.name}: ${worst}`);
    assert.ok(
      rgba.every((byte, i) => i % 4 < 3 || byte === 255),
      info.name,
    );
  }
});

test('RgbaPacker takes chroma from the mean of the pixels that share it', () => {
  const [yuyv, nv12] = formatsNamed('YUYV', 'NV12');
  // Red and blue over green and green.
  const rgba = Uint8Array.of(255, 0, 0, 0, 0, 0, 255, 0, 0, 255, 0, 0, 0, 255, 0, 0);
  const frame = new Uint8Array(8);
  new RgbaPacker(yuyv, { width: 2, height: 2 }).pack(rgba, frame);
  assert.deepEqual([...frame], [81, 165, 41, 175, 145, 54, 145, 34]);
  const planes = new Uint8Array(6);
  new RgbaPacker(nv12, { width: 2, height: 2 }).pack(rgba, planes);
  assert.deepEqual([...planes], [81, 41, 145, 145, 109, 105]);
});

test('RgbaPacker refuses what has no colours of its own', () => {
  const [jpeg] = formatsNamed('MJPEG');
  assert.equal(canPackRgba(jpeg), false);
  assert.throws(() => new RgbaPacker(jpeg, size), /no picture can be converted to MJPEG/);
});

test('RgbaPacker makes the same of rows that are like those above them, wherever the picture lies', () => {
  const tall = { width: 6, height: 12 };
  const rows = [0, 0, 1, 1, 1, 2, 3, 3, 3, 3, 4, 4];
  const picture = Uint8Array.from(
    { length: tall.width * tall.height * 4 },
    (_, i) => ((rows[Math.floor(i / (tall.width * 4))] as number) * 50 + (i % 24) * 7) % 256,
  );
  // Of no offset that words have: rows are not compared there.
  const elsewhere = new Uint8Array(picture.length + 1).subarray(1);
  elsewhere.set(picture);
  for (const info of pixelFormats.filter(canPackRgba)) {
    const [packed, plain] = [0, 0].map(() => new Uint8Array(sizeimageOf(info, tall)));
    new RgbaPacker(info, tall).pack(picture, packed as Uint8Array);
    new RgbaPacker(info, tall).pack(elsewhere, plain as Uint8Array);
    assert.deepEqual(packed, plain, info.name);
  }
});
