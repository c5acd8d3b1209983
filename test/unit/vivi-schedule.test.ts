import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FrameSchedule } from '../../src/drivers/index.ts';

const DAY_FRAMES = 24 * 60 * 60 * 30;

/** The time of frame `n`, reckoned without rounding. */
function exact(start: number, n: number, numerator: number, denominator: number): number {
  return start + Number((BigInt(n) * BigInt(numerator) * 1_000_000_000n) / BigInt(denominator));
}

function schedule(start: number, numerator: number, denominator: number): FrameSchedule {
  const result = new FrameSchedule();
  result.restart(start, { numerator, denominator });
  return result;
}

const intervals = [
  [1, 30],
  [1001, 30000],
  [1, 60],
  [1, 1000],
  [1, 1],
  [1_000_000, 59_940_060],
] as const;

test('timeOf is exact to the nanosecond after a day', () => {
  for (const [numerator, denominator] of intervals) {
    const s = schedule(12345, numerator, denominator);
    for (const n of [0, 1, 2, 3, 1000, 99_999, DAY_FRAMES])
      assert.equal(s.timeOf(n), exact(12345, n, numerator, denominator), `frame ${n} of ${denominator}`);
  }
});

test('frameAt gives a frame from the moment it is due until the next one is', () => {
  for (const [numerator, denominator] of intervals) {
    const s = schedule(1_000_000_007, numerator, denominator);
    for (const n of [0, 1, 2, 3, 7, 1000, 12_345, DAY_FRAMES]) {
      assert.equal(s.frameAt(s.timeOf(n)), n);
      assert.equal(s.frameAt(s.timeOf(n + 1) - 1), n);
    }
  }
});

test('frameAt gives frame 0 when nothing is due yet', () => {
  assert.equal(schedule(1000, 1, 30).frameAt(0), 0);
});
