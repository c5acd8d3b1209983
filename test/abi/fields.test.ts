import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type ArrayView,
  type Fields,
  type FieldType,
  type Layout,
  pointer,
  s32,
  s64,
  time64,
  u8,
  u16,
  u32,
  u64,
} from '../../src/abi/layout.ts';
import { fieldType, isArray, isLayout, LAYOUTS } from './declared.ts';

type Holder = Record<string, unknown>;

/** One scalar inside a struct, however deep. */
interface Leaf {
  readonly path: string;
  readonly offset: number;
  readonly type: FieldType<unknown>;
  read(root: Holder): unknown;
  write(root: Holder, value: unknown): void;
}

const VALUES = new Map<FieldType<unknown>, fc.Arbitrary<unknown>>([
  [u8, fc.integer({ min: 0, max: 0xff })],
  [u16, fc.integer({ min: 0, max: 0xffff })],
  [u32, fc.integer({ min: 0, max: 0xffff_ffff })],
  [s32, fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff })],
  [u64, fc.maxSafeNat()],
  [pointer, fc.oneof(fc.maxSafeNat(), fc.bigInt({ min: 2n ** 53n, max: 2n ** 64n - 1n }))],
  [time64, fc.maxSafeInteger()],
  [s64, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })],
] as [FieldType<unknown>, fc.Arbitrary<unknown>][]);

function anyOf(type: FieldType<unknown>): fc.Arbitrary<unknown> {
  const known = VALUES.get(type);
  if (known !== undefined) return known;
  const latin1 = fc.integer({ min: 1, max: 0xff }).map((code) => String.fromCharCode(code));
  return fc.string({ unit: latin1, maxLength: type.size - 1 });
}

function leavesOf(layout: Layout<Fields>): Leaf[] {
  return Object.entries(layout.offsets).flatMap(([field, offset]) => {
    const type = fieldType(layout, field);
    if (!type.scalar) return within(type, field, offset, (root) => root[field]);
    const write = (root: Holder, value: unknown) => {
      root[field] = value;
    };
    return [{ path: field, offset, type, read: (root: Holder) => root[field], write }];
  });
}

/** The leaves inside a sub-view that `reach` finds. */
function within(
  type: FieldType<unknown>,
  path: string,
  offset: number,
  reach: (root: Holder) => unknown,
): Leaf[] {
  if (isLayout(type)) {
    return leavesOf(type).map((leaf) => ({
      path: `${path}.${leaf.path}`,
      offset: offset + leaf.offset,
      type: leaf.type,
      read: (root) => leaf.read(reach(root) as Holder),
      write: (root, value) => leaf.write(reach(root) as Holder, value),
    }));
  }
  assert.ok(isArray(type), `${path} is neither scalar nor struct nor array`);
  const { element } = type;
  return Array.from({ length: type.length }, (_, index) => {
    const at = offset + index * element.size;
    const list = (root: Holder) => reach(root) as ArrayView<unknown>;
    const name = `${path}[${index}]`;
    if (!element.scalar) return within(element, name, at, (root) => list(root).get(index));
    return [
      {
        path: name,
        offset: at,
        type: element,
        read: (root: Holder) => list(root).get(index),
        write: (root: Holder, value: unknown) => list(root).set(index, value),
      },
    ];
  }).flat();
}

/** Bytes before and behind the struct that no field may touch. */
const MARGIN = 8;

for (const [name, layout] of LAYOUTS) {
  const leaves = leavesOf(layout);
  test(`${name} gives back what was written to a field, and no other byte changes`, () => {
    const length = layout.size + 2 * MARGIN;
    const noise = fc.uint8Array({ minLength: length, maxLength: length });
    fc.assert(
      fc.property(noise, fc.gen(), (bytes, draw) => {
        const view = layout.at(bytes, MARGIN) as unknown as Holder;
        for (const leaf of leaves) {
          const before = bytes.slice();
          const value = draw(anyOf, leaf.type);
          leaf.write(view, value);
          assert.equal(leaf.read(view), value, leaf.path);
          const start = MARGIN + leaf.offset;
          before.set(bytes.subarray(start, start + leaf.type.size), start);
          assert.deepEqual(bytes, before, `${leaf.path} changed a byte beside its own`);
        }
      }),
      { numRuns: 5 },
    );
  });
}
