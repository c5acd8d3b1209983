import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  array,
  chars,
  over,
  packed,
  pointer,
  s32,
  s64,
  struct,
  time64,
  u8,
  u16,
  u32,
  u64,
  union,
} from '../../src/abi/layout.ts';

describe('struct', () => {
  test('pads each field to its alignment and the end to the strictest one', () => {
    const t = struct('t', { a: u8, b: u16, c: u8, d: u64, e: u8 });
    assert.deepEqual(t.offsets, { a: 0, b: 2, c: 4, d: 8, e: 16 });
    assert.equal(t.size, 24);
    assert.equal(t.align, 8);
  });

  test('aligns a nested struct by its own strictest field', () => {
    const inner = struct('inner', { a: u32, b: u64 });
    const t = struct('t', { a: u8, b: inner, c: u8 });
    assert.deepEqual(t.offsets, { a: 0, b: 8, c: 24 });
    assert.equal(t.size, 32);
  });

  test('aligns an array by its element', () => {
    const t = struct('t', { a: u8, b: array(u16, 3), c: chars(5), d: u32 });
    assert.deepEqual(t.offsets, { a: 0, b: 2, c: 8, d: 16 });
    assert.equal(t.size, 20);
  });

  test('refuses a field over one that is not declared before it', () => {
    assert.throws(() => struct('t', { a: over('b', u32), b: u32 }), /t\.a lies over b/);
  });

  test('refuses a field over one whose place does not suit its alignment', () => {
    assert.throws(() => struct('t', { a: u32, b: u32, c: over('b', u64) }), /t\.c is aligned more strictly/);
  });
});

describe('packed', () => {
  test('lays fields end to end and needs no alignment itself', () => {
    const p = packed('p', { a: u8, b: u64, c: u16 });
    assert.deepEqual(p.offsets, { a: 0, b: 1, c: 9 });
    assert.equal(p.size, 11);
    assert.deepEqual(struct('t', { a: u8, b: p }).offsets, { a: 0, b: 1 });
  });

  test('lays a field over an earlier one at any offset', () => {
    const p = packed('p', { a: u32, b: u8, c: over('b', s64), d: u8 });
    assert.deepEqual(p.offsets, { a: 0, b: 4, c: 4, d: 12 });
  });
});

describe('union', () => {
  test('lays all members at its start and is as large as the largest, padded', () => {
    const t = union('t', { a: u8, b: u64, c: chars(9) });
    assert.deepEqual(t.offsets, { a: 0, b: 0, c: 0 });
    assert.equal(t.size, 16);
  });
});

describe('a view', () => {
  const inner = struct('inner', { x: s32, y: s32 });
  const outer = struct('outer', { id: u32, at: inner, list: array(inner, 2), name: chars(4) });

  test('reads and writes the bytes it was made on, from its offset', () => {
    const bytes = new Uint8Array(outer.size + 8);
    const view = outer.at(bytes, 4);
    view.id = 0xffeeddcc;
    view.at.y = -2;
    view.list.get(1).x = 7;
    assert.deepEqual([...bytes.subarray(4, 8)], [0xcc, 0xdd, 0xee, 0xff]);
    assert.deepEqual([...bytes.subarray(12, 16)], [0xfe, 0xff, 0xff, 0xff]);
    assert.equal(bytes[4 + 20], 7);
    assert.equal(outer.at(bytes, 4).list.get(1).x, 7);
  });

  test('respects the place of its Uint8Array in a larger buffer', () => {
    const memory = new Uint8Array(64);
    outer.at(memory.subarray(10, 10 + outer.size)).id = 5;
    assert.equal(memory[10], 5);
  });

  test('gives the same sub-view each time', () => {
    const view = outer.make();
    assert.equal(view.at, view.at);
    assert.equal(view.list, view.list);
  });

  test('$bytes is the struct in place, and no byte more', () => {
    const bytes = new Uint8Array(outer.size + 8);
    const view = outer.at(bytes, 4);
    view.at.$bytes.fill(1);
    assert.equal(view.$bytes.length, outer.size);
    assert.equal(view.at.x, 0x01010101);
    assert.equal(view.id, 0);
    assert.equal(view.$layout.name, 'outer');
  });

  test('keeps a field called as its own parts are', () => {
    const t = struct('t', { view: inner, base: inner, bytes: u32, layout: u32 });
    const view = t.make();
    view.base.x = 1;
    view.view.x = 2;
    view.bytes = 3;
    assert.deepEqual([view.base.x, view.view.x, view.$bytes.length], [1, 2, t.size]);
  });

  test('refuses to replace a sub-view or an array as a whole', () => {
    const view = outer.make();
    assert.throws(() => {
      view.at = inner.make();
    }, TypeError);
    assert.throws(() => view.list.set(0, inner.make()), TypeError);
  });

  test('neither reads nor writes beyond the bytes when these are too short', () => {
    const view = outer.at(new Uint8Array(new ArrayBuffer(64), 0, 12 + inner.size - 1));
    assert.throws(() => view.list.get(0).y, RangeError);
    assert.throws(() => {
      view.name = 'abc';
    }, RangeError);
  });
});

describe('64-bit fields', () => {
  const t = struct('t', { address: u64, time: time64, value: s64 });

  test('u64 is exact up to 2^53 - 1', () => {
    const view = t.make();
    view.address = Number.MAX_SAFE_INTEGER;
    assert.equal(view.address, Number.MAX_SAFE_INTEGER);
    view.address = 0x7fff_dead_b000;
    assert.deepEqual([...view.$bytes.subarray(0, 8)], [0, 0xb0, 0xad, 0xde, 0xff, 0x7f, 0, 0]);
  });

  test('pointer keeps all 64 bits, and is a number where that is exact', () => {
    const view = struct('t', { at: pointer }).make();
    for (const at of [0, 0x7fff_dead_b000, 0xb400_ffff_dead_b008n, 0xffff_ffff_ffff_ffffn]) {
      view.at = at;
      assert.equal(view.at, at);
      assert.equal(new DataView(view.$bytes.buffer).getBigUint64(0, true), BigInt(at));
    }
  });

  test('time64 keeps its sign', () => {
    const view = t.make();
    for (const seconds of [0, 1, -1, -(2 ** 32), 2 ** 33 + 5, -(2 ** 40) - 1]) {
      view.time = seconds;
      assert.equal(view.time, seconds);
    }
  });

  test('s64 keeps all 64 bits', () => {
    const view = t.make();
    view.value = -0x8000_0000_0000_0000n;
    assert.equal(view.value, -0x8000_0000_0000_0000n);
    assert.equal(view.$bytes[23], 0x80);
  });
});

describe('chars', () => {
  const t = struct('t', { name: chars(4), after: u8 });

  test('ends at the first NUL', () => {
    const view = t.make();
    view.$bytes.set([0x61, 0, 0x62, 0x63]);
    assert.equal(view.name, 'a');
  });

  test('reads all characters when no NUL is there', () => {
    const view = t.make();
    view.$bytes.set([0x61, 0x62, 0x63, 0x64, 0x65]);
    assert.equal(view.name, 'abcd');
  });

  test('cuts a longer text so that the NUL fits, and clears what was there before', () => {
    const view = t.make();
    view.$bytes.fill(0xff);
    view.name = 'abcdef';
    assert.deepEqual([...view.$bytes], [0x61, 0x62, 0x63, 0, 0xff]);
    view.name = 'x';
    assert.deepEqual([...view.$bytes], [0x78, 0, 0, 0, 0xff]);
  });
});
