import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import {
  FrameRing,
  isPlain,
  PRODUCER_ENDED,
  PRODUCER_FAILED,
  PRODUCER_MAKING,
  plainView,
} from '../../src/sources/index.ts';

const SHAPE = { slots: 3, frameBytes: 10 };

/** Writes a frame that is full of `value`. */
function write(ring: FrameRing, value: number): void {
  (ring.room as Uint8Array).fill(value);
  ring.publish();
}

test('FrameRing has room for as many frames as slots, and again for each that is given back', () => {
  const ring = FrameRing.shared(SHAPE);
  for (const value of [1, 2, 3]) write(ring, value);
  assert.equal(ring.room, undefined);
  assert.equal(ring.written, 3);
  assert.deepEqual(
    [0, 1, 2].map((n) => ring.slot(n)[9]),
    [1, 2, 3],
  );
  ring.giveBack(2);
  assert.equal(ring.taken, 2);
  write(ring, 4);
  write(ring, 5);
  assert.equal(ring.room, undefined);
  assert.deepEqual(
    [2, 3, 4].map((n) => ring.slot(n)[0]),
    [3, 4, 5],
  );
});

test('FrameRing does not take back what was given back already', () => {
  const ring = FrameRing.shared(SHAPE);
  for (const value of [1, 2, 3]) write(ring, value);
  ring.giveBack(2);
  ring.giveBack(1);
  assert.equal(ring.taken, 2);
});

test('FrameRing keeps the length of each frame', () => {
  const ring = FrameRing.shared(SHAPE);
  ring.publish(4);
  ring.publish(7);
  assert.deepEqual([ring.lengthOf(0), ring.lengthOf(1)], [4, 7]);
});

test('FrameRing comes to its end once, with a note that is cut where there is no room for it', () => {
  const ring = FrameRing.shared(SHAPE);
  assert.deepEqual([ring.state, ring.note], [PRODUCER_MAKING, '']);
  ring.finish(PRODUCER_FAILED, 'größer als 日本');
  ring.finish(PRODUCER_ENDED, 'never heard');
  assert.deepEqual([ring.state, ring.note], [PRODUCER_FAILED, 'größer als 日本']);
  const other = FrameRing.shared(SHAPE);
  other.finish(PRODUCER_FAILED, 'x'.repeat(1000));
  assert.equal(other.note, 'x'.repeat(256));
});

test('FrameRing.whenRoom settles at once if there is room, and else when something is given back', async () => {
  const ring = FrameRing.shared(SHAPE);
  await ring.whenRoom();
  for (const value of [1, 2, 3]) write(ring, value);
  let hasRoom = false;
  const room = ring.whenRoom().then(() => {
    hasRoom = true;
  });
  await new Promise(setImmediate);
  assert.equal(hasRoom, false);
  ring.giveBack(1);
  await room;
});

test('FrameRing hands frames from thread to thread, each whole and in order', async () => {
  const shape = { slots: 2, frameBytes: 4096 };
  const ring = FrameRing.shared(shape);
  const frames = 2000;
  const url = new URL('../../src/sources/index.js', import.meta.url).href;
  const text = `
    const { parentPort, workerData } = require('node:worker_threads');
    // Who waits for room has nothing else to stay for.
    parentPort.once('message', () => {});
    import(workerData.url).then(async ({ FrameRing }) => {
      const ring = new FrameRing(workerData.shape, workerData.memory);
      for (let n = 0; n < workerData.frames; n++) {
        await ring.whenRoom();
        ring.room.fill(n % 251);
        ring.publish();
      }
      ring.finish(2);
    });`;
  const workerData = { url, shape, memory: ring.memory, frames };
  const worker = new Worker(text, { eval: true, workerData });
  for (let n = 0; n < frames; n++) {
    while (ring.written <= n) await ring.whenWritten(n);
    const slot = ring.slot(n);
    assert.ok(
      slot.every((byte) => byte === n % 251),
      `frame ${n} is whole`,
    );
    ring.giveBack(n + 1);
  }
  await ring.whenWritten(frames);
  assert.equal(ring.state, PRODUCER_ENDED);
  await worker.terminate();
});

test('FrameRing tells the writer how frames are to be seen, as they are if nobody has said', () => {
  const ring = FrameRing.shared({ slots: 2, frameBytes: 8 });
  const other = new FrameRing(ring.shape, ring.memory);
  assert.deepEqual(other.view, plainView);
  const view = { ...plainView, zoom: 250, x: -0.5, brightness: 20.25, hue: -128 };
  ring.view = view;
  assert.deepEqual(other.view, view);
  assert.equal(isPlain(other.view), false);
  assert.equal(ring.written, 0);
});
