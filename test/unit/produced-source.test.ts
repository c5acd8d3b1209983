/** What a camera shows of a producer: on a virtual clock, with the test as the producer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { VirtualClock } from '../../src/base/timers.ts';
import { formatsNamed } from '../../src/pixel/index.ts';
import {
  type FrameOrder,
  FrameRing,
  type Playing,
  PRODUCER_ENDED,
  PRODUCER_FAILED,
  PRODUCER_STILL,
  ProducedSource,
  parseSource,
  placeholderPicture,
} from '../../src/sources/index.ts';

const SECOND = 1_000_000_000;
const INTERVAL = SECOND / 25;
const shape = { info: formatsNamed('GREY')[0], width: 16, height: 2 };
const BYTES = 32;
const usual: Playing = { fit: 'contain', loop: false, pace: 'time' };

function world({ source = 'film.mp4', playing = {} }: { source?: string; playing?: Partial<Playing> } = {}) {
  const clock = new VirtualClock();
  const ring = FrameRing.shared({ slots: 4, frameBytes: BYTES });
  const order: FrameOrder = {
    source: parseSource(source),
    playing: { ...usual, ...playing },
    format: 'GREY',
    width: 16,
    height: 2,
    planeSizes: [BYTES],
    interval: { numerator: 1, denominator: 25 },
  };
  const troubles: string[] = [];
  let stops = 0;
  let busy = 0;
  let isAtDisk = false;
  const produced = new ProducedSource({
    shape,
    order,
    clock,
    trouble: (text) => troubles.push(text),
    host: {
      check: () => undefined,
      start: () => ({ ring, stop: () => stops++, work: () => ({ busy, isAtDisk }) }),
    },
  });
  const plane = new Uint8Array(BYTES);
  /** What frame `number` shows: the value that all its bytes have, or 'placeholder'. */
  const show = (number: number) => {
    produced.fill({ planeVaddr: () => plane, setPlanePayload: () => {} }, number, number * INTERVAL);
    const placeholder = placeholderPicture(shape).latest(0, 0)?.[0];
    return Buffer.from(plane).equals(placeholder as Uint8Array) ? 'placeholder' : plane[0];
  };
  const write = (...values: readonly number[]) => {
    for (const value of values) {
      (ring.room as Uint8Array).fill(value);
      ring.publish();
    }
  };
  /** Time goes by, in which the producer's threads are busy for so long together. */
  const work = (ns: number, whole: number) => {
    busy += ns;
    clock.advance(whole);
  };
  const readDisk = (whole: number) => {
    isAtDisk = true;
    work(0, whole);
    produced.isReady();
    isAtDisk = false;
  };
  return { clock, ring, work, readDisk, produced, show, write, troubles, stops: () => stops };
}

test('ProducedSource is not ready before its first frame, and shows that as the first', () => {
  const { produced, show, write } = world();
  assert.equal(produced.isReady(), false);
  write(11, 12);
  assert.equal(produced.isReady(), true);
  assert.equal(show(0), 11);
  assert.equal(show(1), 12);
});

test('ProducedSource goes by time: a frame that the camera missed is missed, what is late comes later', () => {
  const { show, write, ring } = world();
  write(1, 2, 3, 4);
  assert.equal(show(5), 1, 'the stream counts from where it began');
  assert.equal(show(7), 3);
  assert.equal(ring.taken, 2);
  assert.equal(show(8), 4);
  assert.equal(show(9), 4, 'nothing new: the last one again');
  write(5, 6);
  assert.equal(show(10), 6, 'frame 5 was due before');
});

test('ProducedSource with pace=frames shows every frame once, and is not ready while there is no new one', () => {
  const { produced, show, write } = world({ playing: { pace: 'frames' } });
  write(1, 2);
  assert.equal(show(0), 1);
  assert.equal(show(9), 2);
  assert.equal(produced.isReady(), false);
  write(3);
  assert.equal(produced.isReady(), true);
  assert.equal(show(10), 3);
});

test('ProducedSource of something live shows the newest frame', () => {
  const { show, write, ring } = world({ source: 'rtsp://host/stream' });
  write(1, 2, 3);
  assert.equal(show(0), 3);
  assert.equal(ring.taken, 2);
});

test('ProducedSource shows a still for ever', () => {
  const { clock, ring, show, write, troubles } = world({ source: 'qr:Hello' });
  write(7);
  ring.finish(PRODUCER_STILL);
  for (let n = 0; n < 100; n++) {
    assert.equal(show(n), 7);
    clock.advance(SECOND);
  }
  assert.deepEqual(troubles, []);
});

test('ProducedSource shows all that there is of a film that has ended, then the placeholder, and tells it once', () => {
  for (const pace of ['time', 'frames'] as const) {
    const { ring, show, write, troubles } = world({ playing: { pace } });
    write(1, 2, 3);
    ring.finish(PRODUCER_ENDED);
    assert.deepEqual([0, 1, 2, 3, 4].map(show), [1, 2, 3, 'placeholder', 'placeholder'], pace);
    assert.deepEqual(troubles, ['film.mp4 has come to its end']);
  }
});

test('ProducedSource is ready when its producer has failed, shows the placeholder, and tells why once', () => {
  const { produced, ring, show, troubles } = world();
  ring.finish(PRODUCER_FAILED, 'cannot be shown: no such codec');
  assert.equal(produced.isReady(), true);
  assert.equal(show(0), 'placeholder');
  assert.equal(show(1), 'placeholder');
  assert.deepEqual(troubles, ['film.mp4 cannot be shown: no such codec']);
});

test('ProducedSource shows the placeholder while its producer is stalled, tells it, and goes on with it', () => {
  const { clock, produced, show, write, troubles } = world();
  clock.advance(2.1 * SECOND);
  assert.equal(produced.isReady(), true, 'nobody is kept waiting for ever');
  assert.equal(show(0), 'placeholder');
  write(1);
  assert.equal(show(5), 1);
  clock.advance(SECOND);
  assert.equal(show(30), 1);
  clock.advance(1.1 * SECOND);
  assert.equal(show(60), 'placeholder');
  assert.equal(show(61), 'placeholder');
  assert.deepEqual(troubles, ['film.mp4 gives no frames', 'film.mp4 gives no frames']);
});

test('ProducedSource has patience with a producer that is at work, or waits for a processor', () => {
  const { clock, produced, show, write, troubles, work } = world();
  work(5 * SECOND, 6 * SECOND);
  assert.equal(produced.isReady(), false, 'it did nothing for a second');
  assert.deepEqual(troubles, []);
  write(1);
  assert.equal(show(0), 1);
  clock.advance(1.5 * SECOND);
  assert.equal(show(1), 1);
  work(3 * SECOND, 3 * SECOND);
  assert.equal(show(1), 1, 'of 4.5 s it did nothing in 1.5');
  clock.advance(SECOND);
  assert.equal(show(1), 'placeholder');
  work(5 * SECOND, 5 * SECOND);
  assert.equal(show(1), 'placeholder', 'what was shown is not taken back before there is a frame');
});

test('ProducedSource has patience with a producer that waits for a disk', () => {
  const { clock, produced, troubles, readDisk } = world();
  for (let i = 0; i < 5; i++) readDisk(1.5 * SECOND);
  assert.equal(produced.isReady(), false);
  clock.advance(2.1 * SECOND);
  assert.equal(produced.isReady(), true);
  assert.deepEqual(troubles, []);
});

test('ProducedSource counts no more work than time has gone by, however many threads there are, and has no patience for ever', () => {
  const many = world();
  many.work(16 * SECOND, 2 * SECOND);
  assert.equal(many.produced.isReady(), false);
  many.clock.advance(2.1 * SECOND);
  assert.equal(
    many.produced.isReady(),
    true,
    'eight threads were at work for two seconds, and none is any more',
  );
  const endless = world();
  for (let i = 0; i < 20; i++) {
    endless.work(SECOND, SECOND);
    assert.equal(endless.produced.isReady(), false);
  }
  endless.work(SECOND, SECOND);
  assert.equal(endless.show(0), 'placeholder');
  assert.deepEqual(endless.troubles, ['film.mp4 gives no frames']);
});

test('ProducedSource stops its producer when nobody looks any more', () => {
  const { produced, stops } = world();
  produced.end();
  assert.equal(stops(), 1);
});
