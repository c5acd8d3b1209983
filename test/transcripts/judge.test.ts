/** How transcripts are compared: nothing different goes unseen, and no reason outlives what it was for. */
import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Expectation } from './replay/expectations.ts';
import { judge } from './replay/judge.ts';

const kernel = ['open -> OK', 'a -> EINVAL', 'b -> OK', 'close -> OK'];
const reason = 'as it is';
const expect = (line: string | undefined, ...ours: readonly string[]): Expectation => ({
  transcript: 't',
  ...(line !== undefined && { kernel: line }),
  ...(ours.length > 0 && { ours }),
  reason,
});

it('says nothing of what is equal', () => {
  const { lines, equal, unexplained, vanished } = judge(kernel, kernel, []);
  assert.deepEqual([lines, equal, unexplained, vanished], [4, 4, [], []]);
});

it('tells a line that is another, one that is missing, and one too many', () => {
  const ours = ['open -> OK', 'a -> OK', 'b -> OK', 'c -> OK'];
  assert.deepEqual(judge(kernel, ours, []).unexplained, [
    { kernel: 'a -> EINVAL', ours: 'a -> OK' },
    { kernel: 'close -> OK', ours: 'c -> OK' },
  ]);
  assert.deepEqual(judge(kernel, kernel.slice(1), []).unexplained, [{ kernel: 'open -> OK' }]);
  assert.deepEqual(judge(kernel, [...kernel, 'd -> OK'], []).unexplained, [{ ours: 'd -> OK' }]);
});

it('explains a difference once for each expectation', () => {
  const twice = ['a -> EINVAL', 'b -> OK', 'a -> EINVAL'];
  const ours = ['a -> OK', 'b -> OK', 'a -> OK'];
  const verdict = judge(twice, ours, [expect('a -> EINVAL', 'a -> OK')]);
  assert.equal(verdict.explained.length, 1);
  assert.deepEqual(verdict.unexplained, [{ kernel: 'a -> EINVAL', ours: 'a -> OK' }]);
});

it('tells what was expected and is not there', () => {
  const expected = [expect('a -> EINVAL', 'a -> OK'), expect('b -> OK'), expect(undefined, 'c -> OK')];
  assert.deepEqual(judge(kernel, kernel, expected).vanished, expected);
});

it('does not count as equal what is so in some runs only', () => {
  const sometimes = [expect('a -> EINVAL', 'a -> OK', 'a -> EINVAL')];
  for (const said of ['a -> OK', 'a -> EINVAL']) {
    const ours = kernel.with(1, said);
    const { equal, unexplained, vanished } = judge(kernel, ours, sometimes);
    assert.deepEqual([equal, unexplained, vanished], [3, [], []]);
  }
});
