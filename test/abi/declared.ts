/** Everything that src/abi declares, gathered from its exports, so that no test keeps a list of its own. */
import * as abi from '../../src/abi/index.ts';
import type { ArrayType, Fields, FieldType, Layout } from '../../src/abi/layout.ts';

const exported: [string, unknown][] = Object.entries(abi);

/** The layout of each struct and union under its C name; one without a tag as `v4l2_buffer.m`. */
export const LAYOUTS: ReadonlyMap<string, Layout<Fields>> = new Map(
  exported
    .map(([, value]) => value)
    .filter(isLayout)
    .map((layout) => [layout.name, layout]),
);

/** Every constant, ioctl numbers included, under its C name. */
export const CONSTANTS: ReadonlyMap<string, number | string> = new Map(
  exported.filter(
    (entry): entry is [string, number | string] =>
      typeof entry[1] === 'number' || typeof entry[1] === 'string',
  ),
);

export function isLayout(value: unknown): value is Layout<Fields> {
  return typeof value === 'object' && value !== null && 'offsets' in value;
}

export function isArray(type: FieldType<unknown>): type is ArrayType<unknown> {
  return 'element' in type;
}

/** The type of a field, whether it lies over another or not. */
export function fieldType(layout: Layout<Fields>, field: string): FieldType<unknown> {
  const declared = layout.fields[field]!;
  return 'over' in declared ? declared.type : declared;
}

/** What the golden file holds: one line for each fact. */
export interface Golden {
  /** Bytes of each struct. */
  readonly sizes: Record<string, number>;
  /** `[offset, size]` of each `struct.field`. */
  readonly fields: Record<string, readonly [number, number]>;
  readonly constants: Record<string, number | string>;
}

/** The declarations as they are now, in the form of the golden file. */
export function declared(): Golden {
  const sizes: Golden['sizes'] = {};
  const fields: Golden['fields'] = {};
  for (const [name, layout] of [...LAYOUTS].sort(byName)) {
    sizes[name] = layout.size;
    for (const [field, offset] of Object.entries(layout.offsets)) {
      fields[`${name}.${field}`] = [offset, fieldType(layout, field).size];
    }
  }
  return { sizes, fields, constants: Object.fromEntries([...CONSTANTS].sort(byName)) };
}

function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Tests run in dist/, the golden file stays beside its source. */
export const GOLDEN_FILE = new URL('../../../test/abi/golden.json', import.meta.url);
