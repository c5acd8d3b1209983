import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp from 'sharp';
import { JpegEncoder } from '../../src/producers/jpeg-encoder.ts';
import { qrPicture } from '../../src/producers/qr-code.ts';
import { farthest } from '../support/films.ts';

/** Colours that change slowly, so that half of the chroma is enough. */
function gradient(width: number, height: number): Uint8Array {
  const rgba = new Uint8Array(width * height * 4).fill(255);
  for (let y = 0, p = 0; y < height; y++)
    for (let x = 0; x < width; x++, p += 4)
      rgba.set([(x * 255) / width, (y * 255) / height, 128 + 60 * Math.sin(x / 9)], p);
  return rgba;
}

const SIZES = [
  { width: 320, height: 240 },
  { width: 102, height: 50 },
  { width: 9, height: 3 },
];

test('JpegEncoder makes JPEGs that a decoder reads as they were, whatever their size', async () => {
  for (const size of SIZES) {
    const encoder = new JpegEncoder(size);
    const target = new Uint8Array(size.width * size.height * 2 + 1000);
    for (const picture of [
      gradient(size.width, size.height),
      new Uint8Array(size.width * size.height * 4).fill(255),
    ]) {
      const length = encoder.encode(picture, target);
      const image = sharp(target.slice(0, length));
      const seen = await image.ensureAlpha().raw().toBuffer({ resolveWithObject: true });
      assert.deepEqual([seen.info.width, seen.info.height], [size.width, size.height]);
      const far = farthest(seen.data, picture);
      assert.ok(far <= (size.width < 16 ? 40 : 7), `${size.width}x${size.height}: ${far}`);
    }
  }
});

test('JpegEncoder halves the width of chroma, as cameras on USB', () => {
  const size = { width: 640, height: 480 };
  const target = new Uint8Array(size.width * size.height * 2);
  assert.ok(new JpegEncoder(size).encode(qrPicture('Hello', size), target) < 60_000);
  const frame = target.findIndex((byte, i) => byte === 0xff && target[i + 1] === 0xc0) + 2;
  assert.deepEqual(
    [0, 1, 2].map((n) => target[frame + 9 + 3 * n]),
    [0x21, 0x11, 0x11],
  );
});

test('JpegEncoder says how much room it needs where there is too little, and writes nowhere else', () => {
  const [size] = SIZES as [{ width: number; height: number }];
  const memory = new Uint8Array(3000).fill(7);
  const length = new JpegEncoder(size).encode(gradient(size.width, size.height), memory.subarray(0, 2000));
  assert.ok(length > 2000);
  assert.ok(memory.subarray(2000).every((byte) => byte === 7));
});
