import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Timer, TimerQueue } from '../../src/base/timers.ts';
import { bugsIn } from '../support/driver-bugs.ts';

test('TimerQueue.armBy puts off nothing that is due before', () => {
  const timers = new TimerQueue();
  const timer = new Timer(() => {});
  timers.armBy(timer, 5);
  timers.armBy(timer, 7);
  assert.equal(timers.next(), 5);
  timers.armBy(timer, 3);
  assert.equal(timers.next(), 3);
  timers.run(3);
  timers.armBy(timer, 9);
  assert.equal(timers.next(), 9);
});

test('TimerQueue.run reports a callback that throws and fires the others', () => {
  const timers = new TimerQueue();
  const fired: string[] = [];
  const throwing = new Timer(() => {
    fired.push('throwing');
    throw new TypeError('oops');
  });
  timers.arm(throwing, 1);
  timers.arm(new Timer(() => fired.push('other')), 2);
  const bugs = bugsIn(() => timers.run(2));
  assert.deepEqual(fired, ['throwing', 'other']);
  assert.equal(bugs.length, 1);
  assert.match(bugs[0] ?? '', /a timer threw: TypeError: oops/);
  assert.equal(timers.next(), Number.POSITIVE_INFINITY);
});

test('TimerQueue.run comes to an end with a timer that is always due, and fires the others', () => {
  const timers = new TimerQueue();
  const fired: string[] = [];
  const always: Timer = new Timer(() => {
    fired.push('always');
    if (fired.length < 100) timers.arm(always, 0);
  });
  timers.arm(always, 1);
  timers.arm(new Timer(() => fired.push('other')), 2);
  timers.run(2);
  assert.deepEqual(fired, ['always', 'other']);
  timers.run(3);
  assert.deepEqual(fired, ['always', 'other', 'always']);
});
