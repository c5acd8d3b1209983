/** docs/api.md: is what the types say. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { apiPage } from '../support/api-page.ts';

test('the page is what the types are', () => {
  const page = new URL('../../../docs/api.md', import.meta.url);
  assert.equal(readFileSync(page, 'utf8'), apiPage());
});
