/** Which descriptors are the user's is asked once, and what they are by then whenever they are used. */
import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { closedStreams, givenDescriptors } from '../../src/session/given-descriptors.ts';

test('a descriptor that is another one by now is none of those that were given', () => {
  const directory = mkdtempSync(join(tmpdir(), 'given-'));
  const [first, second] = [join(directory, 'first'), join(directory, 'second')] as const;
  for (const file of [first, second]) writeFileSync(file, '');
  const kept = openSync(first, 'r');
  const passing = openSync(first, 'r');
  const stillGiven = givenDescriptors(undefined);
  const has = (fd: number) => stillGiven().includes(fd);
  assert.deepEqual([has(kept), has(passing)], [true, true]);
  closeSync(passing);
  assert.deepEqual([has(kept), has(passing)], [true, false]);
  const other = openSync(second, 'r');
  assert.equal(other, passing);
  assert.deepEqual([has(kept), has(other)], [true, false]);
  for (const fd of [kept, other]) closeSync(fd);
  rmSync(directory, { recursive: true });
});

test('what was noted is believed, whatever it is, and nothing else', () => {
  const [nothing, other] = [openSync('/dev/null', 'r'), openSync('/dev/zero', 'r')];
  const absent = Math.max(...readdirSync('/proc/self/fd').map(Number)) + 1;
  assert.ok(!givenDescriptors(undefined)().includes(nothing));
  assert.deepEqual(givenDescriptors([0, 1, 2, nothing, absent])(), [nothing]);
  for (const fd of [nothing, other]) closeSync(fd);
});

test('a stream was closed only if somebody has looked', () => {
  assert.deepEqual(closedStreams(undefined), []);
  assert.deepEqual(closedStreams([1, 7]), [0, 2]);
  assert.deepEqual(closedStreams([]), [0, 1, 2]);
});
