import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type FormatName, FrameScaler, formatsNamed, memorySizes } from '../../src/pixel/index.ts';

/** A frame of which each byte is another one than its neighbours, and two sizes of another. */
function scaled(name: FormatName, from: readonly [number, number], to: readonly [number, number]) {
  const [info] = formatsNamed(name);
  const [source, target] = [from, to].map(([width, height]) => ({ width, height }));
  const scaler = new FrameScaler(info!, source!, target!);
  const [sourceSize = 0] = memorySizes(info!, source!);
  const [targetSize = 0] = memorySizes(info!, target!);
  const read = Uint8Array.from({ length: sourceSize }, (_, i) => 1 + (i % 251));
  return { scaler, read, written: new Uint8Array(targetSize) };
}

const rect = (left: number, top: number, width: number, height: number) => ({ left, top, width, height });

test('FrameScaler brings a part as it is to where it shall be, and leaves the rest alone', () => {
  const { scaler, read, written } = scaled('GREY', [8, 4], [6, 5]);
  scaler.select(rect(2, 1, 4, 2), rect(1, 2, 4, 2));
  scaler.scale(0, read, written);
  const lines = Array.from({ length: 5 }, (_, y) => [...written.subarray(6 * y, 6 * y + 6)]);
  const none = [0, 0, 0, 0, 0, 0];
  assert.deepEqual(lines, [none, none, [0, 11, 12, 13, 14, 0], [0, 19, 20, 21, 22, 0], none]);
});

test('FrameScaler repeats samples where there are to be more, and takes those in the middle where there are to be fewer', () => {
  const { scaler, read, written } = scaled('GREY', [8, 1], [16, 2]);
  scaler.select(rect(0, 0, 8, 1), rect(0, 0, 16, 2));
  scaler.scale(0, read, written);
  const twice = [1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8];
  assert.deepEqual([...written], [...twice, ...twice]);
  const fewer = scaled('GREY', [8, 1], [4, 1]);
  fewer.scaler.select(rect(0, 0, 8, 1), rect(0, 0, 4, 1));
  fewer.scaler.scale(0, fewer.read, fewer.written);
  assert.deepEqual([...fewer.written], [2, 4, 6, 8]);
});

test('FrameScaler keeps samples together that share their chroma, in one plane and in several', () => {
  const yuyv = scaled('YUYV', [8, 1], [4, 1]);
  yuyv.scaler.select(rect(4, 0, 4, 1), rect(0, 0, 4, 1));
  yuyv.scaler.scale(0, yuyv.read, yuyv.written);
  assert.deepEqual(yuyv.written, yuyv.read.subarray(8));
  const nv12 = scaled('NV12', [4, 4], [2, 2]);
  nv12.scaler.select(rect(2, 2, 2, 2), rect(0, 0, 2, 2));
  nv12.scaler.scale(0, nv12.read, nv12.written);
  assert.deepEqual([...nv12.written], [11, 12, 15, 16, 23, 24]);
});

test('FrameScaler serves groups of three bytes', () => {
  const { scaler, read, written } = scaled('RGB24', [4, 2], [2, 2]);
  scaler.select(rect(2, 0, 2, 2), rect(0, 0, 2, 2));
  scaler.scale(0, read, written);
  assert.deepEqual([...written], [7, 8, 9, 10, 11, 12, 19, 20, 21, 22, 23, 24]);
});
