import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inUserSpace, plainAddress, userAddress } from '../../src/linux/user-address.ts';

test('userAddress gives the address without its tag when the processor is an arm64', () => {
  for (const tag of [0, 1, 0x2a, 0x7f, 0xb4, 0xff]) {
    const high = (tag << 24) | 0xffff;
    assert.equal(userAddress(0xfedc_b0b8, high >>> 0, 'arm64'), 0xffff_fedc_b0b8);
    assert.equal(userAddress(0xfedc_b0b8, high, 'arm64'), 0xffff_fedc_b0b8, 'the word may be signed');
  }
});

test('userAddress gives an address that is nobody’s when x64 has bits above those of an address', () => {
  for (const high of [0x0020_0000, 0x0100_7fff, 0x8000_0000, 0xffff_ffff]) {
    assert.ok(!inUserSpace(userAddress(0x1000, high, 'x64'), 1), high.toString(16));
  }
  assert.equal(userAddress(0xffff_f000, 0x7fff, 'x64'), 0x7fff_ffff_f000);
});

test('plainAddress gives the address in all bits of a struct, or one that is nobody’s', () => {
  assert.equal(plainAddress(0xffff_fedc_b0b8), 0xffff_fedc_b0b8);
  assert.equal(plainAddress(0xb400_ffff_fedc_b0b8n, 'arm64'), 0xffff_fedc_b0b8);
  assert.ok(!inUserSpace(plainAddress(0xb400_7fff_fedc_b0b8n, 'x64'), 1));
});

test('inUserSpace is false when a range ends beyond the addresses of programs, or begins before', () => {
  const end = process.arch === 'x64' ? 2 ** 47 - 4096 : undefined;
  // Where a kernel for x64 has pages of five levels, programs have more.
  if (end !== undefined && !inUserSpace(end, 2)) {
    assert.ok(inUserSpace(end - 8, 8));
    assert.ok(!inUserSpace(end - 8, 9));
    assert.ok(inUserSpace(end, 0));
  }
  assert.ok(inUserSpace(0x7fff_0000, 4096));
  assert.ok(!inUserSpace(2 ** 53 - 8, 9));
  assert.ok(!inUserSpace(2 ** 64, 1));
  assert.ok(!inUserSpace(-1, 1));
});
