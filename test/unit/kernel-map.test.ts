/** docs/kernel-map.md: is what the sources say, and leaves no function of the documents unexplained. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { counterparts, documents, kernelMapPage, without } from '../support/kernel-map-page.ts';

test('every function of the documents has a counterpart, or a reason why not, and never both', () => {
  const known = new Set(counterparts().map(({ kernel }) => kernel));
  const spoken = new Set(documents.flatMap(({ functions }) => functions));
  for (const name of spoken) assert.equal(known.has(name), without[name] === undefined, name);
  assert.deepEqual(
    Object.keys(without).filter((name) => !spoken.has(name)),
    [],
  );
});

test('the page is what the sources say', () => {
  const page = new URL('../../../docs/kernel-map.md', import.meta.url);
  assert.equal(readFileSync(page, 'utf8'), kernelMapPage());
});
