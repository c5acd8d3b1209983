import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Timer, TimerQueue } from '../../src/base/timers.ts';
import { bugsIn } from '../support/driver-bugs.ts';

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
