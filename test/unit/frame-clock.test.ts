import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TimerQueue, VirtualClock } from '../../src/base/timers.ts';
import { FrameClock } from '../../src/drivers/index.ts';
import { bugsIn } from '../support/driver-bugs.ts';

const START = 1_000_000_000;
const MS = 1_000_000;
const every = (ms: number) => ({ numerator: ms, denominator: 1000 });

function world() {
  const clock = new VirtualClock(START);
  const due: { readonly sequence: number; readonly ms: number }[] = [];
  const frames = new FrameClock(clock, (sequence, time) => due.push({ sequence, ms: (time - START) / MS }));
  return { clock, frames, due };
}

test('FrameClock lets the first frame fall due at once and the others an interval apart', () => {
  const { clock, frames, due } = world();
  frames.start(every(10));
  clock.advance(25 * MS);
  assert.deepEqual(due, [
    { sequence: 0, ms: 0 },
    { sequence: 1, ms: 10 },
    { sequence: 2, ms: 20 },
  ]);
  frames.stop();
  clock.advance(100 * MS);
  assert.equal(due.length, 3);
  assert.equal(clock.timers.next(), Number.POSITIVE_INFINITY);
});

test('FrameClock counts the frames that were missed when nobody looked for a while', () => {
  const { clock, frames, due } = world();
  frames.start(every(10));
  clock.timers.run(START);
  clock.timers.run(START + 57 * MS);
  clock.timers.run(START + 60 * MS);
  assert.deepEqual(due, [
    { sequence: 0, ms: 0 },
    { sequence: 5, ms: 50 },
    { sequence: 6, ms: 60 },
  ]);
});

test('FrameClock counts a new interval from the last frame on', () => {
  const { clock, frames, due } = world();
  frames.start(every(10));
  clock.advance(12 * MS);
  frames.changeInterval(every(40));
  clock.advance(100 * MS);
  assert.deepEqual(
    due.map(({ ms }) => ms),
    [0, 10, 50, 90],
  );
});

test('FrameClock loses no frame when a shorter interval is over already', () => {
  const { clock, frames, due } = world();
  frames.start(every(1000));
  clock.advance(900 * MS);
  frames.changeInterval(every(10));
  clock.advance(25 * MS);
  assert.deepEqual(due, [
    { sequence: 0, ms: 0 },
    { sequence: 1, ms: 900 },
    { sequence: 2, ms: 910 },
    { sequence: 3, ms: 920 },
  ]);
});

test('FrameClock counts frames that were missed before the interval changed by the old one', () => {
  let now = START;
  const timers = new TimerQueue();
  const due: { readonly sequence: number; readonly ms: number }[] = [];
  const frames = new FrameClock({ timers, now: () => now }, (sequence, time) =>
    due.push({ sequence, ms: (time - START) / MS }),
  );
  frames.start(every(10));
  timers.run(now);
  now += 57 * MS;
  frames.changeInterval(every(40));
  timers.run(now);
  timers.run(START + 95 * MS);
  assert.deepEqual(due, [
    { sequence: 0, ms: 0 },
    { sequence: 5, ms: 50 },
    { sequence: 6, ms: 90 },
  ]);
});

test('FrameClock without a pace lets a frame fall due for each request, and none without', () => {
  const { clock, frames, due } = world();
  frames.startUnpaced();
  clock.advance(50 * MS);
  assert.equal(due.length, 0);
  for (let i = 0; i < 3; i++) {
    frames.hurry();
    clock.advance(MS);
  }
  assert.deepEqual(
    due.map(({ sequence }) => sequence),
    [0, 1, 2],
  );
});

test('FrameClock goes on with the next frame when one throws, which is reported', () => {
  const clock = new VirtualClock(START);
  let calls = 0;
  const frames = new FrameClock(clock, () => {
    calls++;
    throw new Error('no picture');
  });
  frames.start(every(10));
  const reports = bugsIn(() => clock.advance(20 * MS));
  assert.equal(calls, 3);
  assert.equal(reports.length, 3);
  assert.match(reports[0] ?? '', /no picture/);
});

test('FrameClock gives the number of a frame that was put off to the next, and counts nothing in between', () => {
  const clock = new VirtualClock(START);
  const due: { readonly sequence: number; readonly ms: number }[] = [];
  let isReady = false;
  const frames = new FrameClock(clock, (sequence, time) => {
    if (isReady) due.push({ sequence, ms: (time - START) / MS });
    else frames.putOff();
  });
  frames.start(every(10));
  clock.timers.run(START);
  clock.timers.run(START + 57 * MS);
  isReady = true;
  clock.timers.run(START + 80 * MS);
  assert.equal(frames.started, START + 80 * MS, 'the first frame is the start');
  isReady = false;
  clock.timers.run(START + 90 * MS);
  isReady = true;
  clock.timers.run(START + 120 * MS);
  assert.deepEqual(due, [
    { sequence: 0, ms: 80 },
    { sequence: 1, ms: 120 },
  ]);
});
