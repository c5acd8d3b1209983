import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { declared, GOLDEN_FILE, type Golden } from './declared.ts';

const golden = JSON.parse(readFileSync(GOLDEN_FILE, 'utf8')) as Golden;
const now = declared();

test('every struct has the size of the golden file', () => {
  assert.deepEqual(now.sizes, golden.sizes);
});

test('every field has the offset and the size of the golden file', () => {
  assert.deepEqual(now.fields, golden.fields);
});

test('every constant and ioctl number has the value of the golden file', () => {
  assert.deepEqual(now.constants, golden.constants);
});

test('no constant is negative when its top bit is set', () => {
  for (const [name, value] of Object.entries(now.constants)) {
    if (typeof value === 'number') assert.ok(value >= 0 && value <= 0xffff_ffff, name);
  }
});
