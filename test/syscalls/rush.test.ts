import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EINTR } from '../../src/base/errno.ts';
import { errno, ppoll } from '../../src/linux/libc.ts';
import { MonotonicClock } from '../../src/linux/monotonic-clock.ts';
import { Interruption } from '../../src/syscalls/interruption.ts';
import { Rush } from '../../src/syscalls/rush.ts';

const MS = 1e6;

test('Interruption ends a wait without end, again and again, when it has started', () => {
  const interruption = Interruption.ofThisThread();
  assert.ok(interruption);
  interruption.start(new MonotonicClock().now() + MS, MS);
  for (let i = 0; i < 3; i++) {
    assert.equal(ppoll(0, 0, 0, 0), -1);
    assert.equal(errno(), EINTR);
  }
  interruption.stop();
});

/** A rush after `calls` that came at once. */
function after(calls: number): Rush {
  const rush = new Rush();
  for (let i = 0; i < calls; i++) rush.waited(1000);
  return rush;
}

test('Rush lasts when enough calls came one upon another and nothing is due', () => {
  assert.equal(after(16).lasts(0, 500 * MS), false);
  assert.equal(after(17).lasts(0, 500 * MS), true);
  assert.equal(after(17).lasts(0, MS), false, 'something is due');
  assert.equal(after(64).lasts(0, 500 * MS), false, 'time to look after everything else');
  assert.equal(after(65).lasts(0, 500 * MS), true);
});

test('Rush is over when a call kept us waiting or none came', () => {
  for (const wait of [50e3, Number.POSITIVE_INFINITY]) {
    const rush = after(20);
    rush.begin(0);
    rush.waited(wait);
    assert.equal(rush.lasts(0, 500 * MS), false);
  }
});
