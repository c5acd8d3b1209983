import assert from 'node:assert/strict';
import fc from 'fast-check';

/** So many steps a walk has; with USERCAM_LONG=1 a million. */
const STEPS = process.env.USERCAM_LONG === '1' ? 1_000_000 : 20_000;
/** So many times as long it may become, until everything has been done. */
const MOST = 10;

/**
 * Checks `walk` again and again. `steps` are those it has made so far, `lacks` what it has hardly ever done: what is rare may not
 * have come by the end, so it goes on then, or it leads nowhere.
 */
export function walkLong<T>(
  walk: fc.IRawProperty<T>,
  steps: () => number,
  lacks: () => readonly string[],
): void {
  while (steps() < STEPS || (lacks().length > 0 && steps() < MOST * STEPS))
    fc.assert(walk, { numRuns: 100, includeErrorInReport: true });
  assert.deepEqual(lacks(), [], 'hardly ever done');
}
