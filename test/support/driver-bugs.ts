/** A test file that imports this fails on every report of a driver bug that no test of it expects. */
import assert from 'node:assert/strict';
import { after } from 'node:test';
import { onDriverBug } from '../../src/base/bug.ts';

const unexpected: string[] = [];
onDriverBug((report) => unexpected.push(report));
after(() => assert.deepEqual(unexpected, [], 'no driver bug was reported'));

/** Runs `body` and gives the driver bugs reported meanwhile, which are then expected. */
export function bugsIn(body: () => void): string[] {
  const reports: string[] = [];
  const before = onDriverBug((report) => reports.push(report));
  try {
    body();
  } finally {
    onDriverBug(before);
  }
  return reports;
}

/** Runs `body`; any report of a driver bug fails the test. */
export function withoutBugs(body: () => void): void {
  assert.deepEqual(bugsIn(body), []);
}
