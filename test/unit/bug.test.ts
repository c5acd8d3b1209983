import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeThrown, errorOf, sayThrown } from '../../src/base/bug.ts';

const silent = Object.create(null);
const hostile = Object.defineProperty(new Error('x'), 'stack', {
  get() {
    throw new Error('of the stack');
  },
});
const odd = new Error('y');
odd.toString = () => {
  throw null;
};

test('whatever is thrown is told of in words, and telling throws nothing', () => {
  const noError = (words: string) =>
    `${words}, which is no Error, and so nobody knows where: throw new Error('…')`;
  for (const [thrown, words] of [
    [undefined, 'undefined'],
    [null, 'null'],
    ['some text', 'some text'],
    [{ code: 3 }, '{"code":3}'],
    [silent, 'a value of the type object'],
    [Symbol('s'), 'Symbol(s)'],
    ['long '.repeat(100), 'long '.repeat(40)],
  ] as const) {
    assert.equal(sayThrown(thrown), noError(words));
    assert.equal(describeThrown(thrown), noError(words));
    assert.equal(errorOf(thrown).message, noError(words));
  }
  assert.equal(sayThrown(new TypeError('wrong')), 'TypeError: wrong');
  assert.equal(describeThrown(hostile), 'Error: x');
  assert.equal(sayThrown(odd), 'Error');
  assert.equal(errorOf(odd), odd);
});
