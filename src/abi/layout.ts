/**
 * C structs declared once. A layout gives the size and the offset of every field by the rules of the System V
 * ABI (LP64, little endian: x64 and arm64 agree) and makes views: objects whose properties read and write the
 * bytes in place. A view costs nothing to use again, loses no reserved byte and needs no decoding.
 */

/** How a field of a struct is laid out and reached. `T` is what its property gives. */
export interface FieldType<T> {
  readonly size: number;
  readonly align: number;
  /** True if the property can be assigned to (numbers, strings), false for sub-views. */
  readonly scalar: boolean;
  get(view: DataView, offset: number): T;
  set(view: DataView, offset: number, value: T): void;
}

function scalar<T>(
  size: number,
  get: (view: DataView, offset: number) => T,
  set: (view: DataView, offset: number, value: T) => void,
  align = size,
): FieldType<T> {
  return { size, align, scalar: true, get, set };
}

export const u8 = scalar<number>(
  1,
  (v, o) => v.getUint8(o),
  (v, o, x) => v.setUint8(o, x),
);
export const u16 = scalar<number>(
  2,
  (v, o) => v.getUint16(o, true),
  (v, o, x) => v.setUint16(o, x, true),
);
export const u32 = scalar<number>(
  4,
  (v, o) => v.getUint32(o, true),
  (v, o, x) => v.setUint32(o, x, true),
);
export const s32 = scalar<number>(
  4,
  (v, o) => v.getInt32(o, true),
  (v, o, x) => v.setInt32(o, x, true),
);

const TWO_32 = 0x1_0000_0000;

/** An unsigned 64-bit field as a number: sizes, standard sets. Exact below 2^53. */
export const u64 = scalar<number>(
  8,
  (v, o) => v.getUint32(o, true) + v.getUint32(o + 4, true) * TWO_32,
  (v, o, x) => {
    v.setUint32(o, x % TWO_32, true);
    v.setUint32(o + 4, Math.floor(x / TWO_32), true);
  },
);

const EXACT_HIGH = 0x20_0000;

/**
 * An address in a program. All of its bits count, also those that processors ignore and programs keep tags in: it goes
 * back as it came. A number where that is exact, as of all addresses without a tag; else a bigint.
 */
export const pointer = scalar<number | bigint>(
  8,
  (v, o) => {
    const high = v.getUint32(o + 4, true);
    return high < EXACT_HIGH ? v.getUint32(o, true) + high * TWO_32 : v.getBigUint64(o, true);
  },
  (v, o, x) => (typeof x === 'number' ? u64.set(v, o, x) : v.setBigUint64(o, x, true)),
);

/** A signed 64-bit field as a number: seconds, microseconds. Exact within 2^53 of zero. */
export const time64 = scalar<number>(
  8,
  (v, o) => v.getUint32(o, true) + v.getInt32(o + 4, true) * TWO_32,
  (v, o, x) => {
    v.setUint32(o, x - Math.floor(x / TWO_32) * TWO_32, true);
    v.setInt32(o + 4, Math.floor(x / TWO_32), true);
  },
);

/** A signed 64-bit field as a bigint, for values where every bit counts (64-bit controls). */
export const s64 = scalar<bigint>(
  8,
  (v, o) => v.getBigInt64(o, true),
  (v, o, x) => v.setBigInt64(o, x, true),
);

/** `char name[length]`: Latin-1 text up to its NUL; a longer text is cut so that the NUL fits (strscpy). */
export function chars(length: number): FieldType<string> {
  return scalar<string>(
    length,
    (v, o) => {
      let text = '';
      for (let i = 0; i < length; i++) {
        const byte = v.getUint8(o + i);
        if (byte === 0) break;
        text += String.fromCharCode(byte);
      }
      return text;
    },
    (v, o, text) => {
      for (let i = 0; i < length; i++) {
        v.setUint8(o + i, i < length - 1 && i < text.length ? text.charCodeAt(i) : 0);
      }
    },
    1,
  );
}

/** For fields that cannot be assigned to as a whole. */
function refuse(why: string): () => never {
  return () => {
    throw new TypeError(why);
  };
}

/** A view of `T[length]`. */
export interface ArrayView<T> {
  readonly length: number;
  get(index: number): T;
  set(index: number, value: T): void;
}

/** `T name[length]` as a type, open to whoever walks over a layout. */
export interface ArrayType<T> extends FieldType<ArrayView<T>> {
  readonly element: FieldType<T>;
  readonly length: number;
}

/** `element name[length]`. */
export function array<T>(element: FieldType<T>, length: number): ArrayType<T> {
  return {
    element,
    length,
    size: element.size * length,
    align: element.align,
    scalar: false,
    get: (view, offset) => ({
      length,
      get: (index) => element.get(view, offset + index * element.size),
      set: (index, value) => element.set(view, offset + index * element.size, value),
    }),
    set: refuse('an array field is changed element by element'),
  };
}

/** A field that lies at the offset of an earlier one: a member of the same (anonymous) union. */
export interface Over<T> {
  readonly over: string;
  readonly type: FieldType<T>;
}

/**
 * `union { first; name; }` without a name of its own: lays the field over the earlier field `first`. The union
 * starts where `first` does, so where alignments differ the strictest member has to be declared first.
 */
export function over<T>(first: string, type: FieldType<T>): Over<T> {
  return { over: first, type };
}

// biome-ignore lint/suspicious/noExplicitAny: the value type is recovered by inference in ViewOf
type AnyField = FieldType<any> | Over<any>;

export type Fields = Readonly<Record<string, AnyField>>;

/** The view that a layout makes. */
export type ViewOf<F extends Fields> = {
  -readonly [K in keyof F]: F[K] extends Over<infer T> ? T : F[K] extends FieldType<infer T> ? T : never;
} & StructView;

/** What every view has beside its fields. `$` keeps these apart from field names. */
export interface StructView {
  /** The bytes of this struct, in place: one window, made when first asked for. */
  readonly $bytes: Uint8Array;
  readonly $layout: Layout<Fields>;
}

/** A struct or union as a value: its size, its fields' places, and how to look at bytes through it. */
export interface Layout<F extends Fields> extends FieldType<ViewOf<F>> {
  readonly name: string;
  /** Byte offset of each field, in the order of declaration. */
  readonly offsets: Readonly<Record<keyof F & string, number>>;
  readonly fields: F;
  /** A view of the struct that starts at `offset` of `bytes`. */
  at(bytes: Uint8Array, offset?: number): ViewOf<F>;
  /** A view of a zeroed struct in memory of its own. */
  make(): ViewOf<F>;
}

interface Placed {
  readonly size: number;
  readonly align: number;
  readonly offsets: Record<string, number>;
}

function isOver(field: AnyField): field is Over<unknown> {
  return 'over' in field;
}

function typeOf(field: AnyField): FieldType<unknown> {
  return isOver(field) ? field.type : (field as FieldType<unknown>);
}

function place(name: string, fields: Fields, options: { packed: boolean; union: boolean }): Placed {
  const offsets: Record<string, number> = {};
  let end = 0;
  let align = 1;
  for (const [key, field] of Object.entries(fields)) {
    const type = typeOf(field);
    const fieldAlign = options.packed ? 1 : type.align;
    let offset = options.union ? 0 : Math.ceil(end / fieldAlign) * fieldAlign;
    if (isOver(field)) {
      const first = offsets[field.over];
      if (first === undefined)
        throw new TypeError(`${name}.${key} lies over ${field.over}, which is not declared before it`);
      if (first % fieldAlign !== 0)
        throw new TypeError(`${name}.${key} is aligned more strictly than ${field.over}: declare it first`);
      offset = first;
    }
    offsets[key] = offset;
    end = Math.max(end, offset + type.size);
    align = Math.max(align, fieldAlign);
  }
  return { size: Math.ceil(end / align) * align, align, offsets };
}

interface Accessors {
  get(this: View): unknown;
  set(this: View, value: never): void;
}

function sharedAccessors(type: FieldType<unknown>, offset: number): Accessors {
  return {
    get() {
      return type.get(this.$view, this.$base + offset);
    },
    set(value) {
      type.set(this.$view, this.$base + offset, value);
    },
  };
}

/**
 * The types that most fields have get accessors of their own: through the shared ones the machine would see every
 * type at one place, and look each of them up.
 */
const ownAccessors: ReadonlyMap<FieldType<unknown>, (offset: number) => Accessors> = new Map<
  unknown,
  (offset: number) => Accessors
>([
  [
    u32,
    (offset) => ({
      get() {
        return this.$view.getUint32(this.$base + offset, true);
      },
      set(value: number) {
        this.$view.setUint32(this.$base + offset, value, true);
      },
    }),
  ],
  [
    time64,
    (offset) => ({
      get() {
        return time64.get(this.$view, this.$base + offset);
      },
      set(value: number) {
        time64.set(this.$view, this.$base + offset, value);
      },
    }),
  ],
]) as ReadonlyMap<FieldType<unknown>, (offset: number) => Accessors>;

function defineField(
  prototype: object,
  key: string,
  index: number,
  type: FieldType<unknown>,
  offset: number,
): void {
  if (type.scalar) {
    const accessors = ownAccessors.get(type)?.(offset) ?? sharedAccessors(type, offset);
    Object.defineProperty(prototype, key, { enumerable: true, ...accessors });
    return;
  }
  // Sub-views are made when first asked for and kept: a view that is used again allocates nothing.
  // They are found by the number of the field: a computed property name would be looked up as a string each time.
  Object.defineProperty(prototype, key, {
    enumerable: true,
    get(this: View) {
      this.$subs ??= [];
      this.$subs[index] ??= type.get(this.$view, this.$base + offset);
      return this.$subs[index];
    },
  });
}

interface View {
  $view: DataView;
  $base: number;
  $subs: unknown[] | undefined;
  $window: Uint8Array | undefined;
}

function layout<F extends Fields>(
  name: string,
  fields: F,
  options: { packed: boolean; union: boolean },
): Layout<F> {
  const placed = place(name, fields, options);
  class StructOf implements View {
    $view: DataView;
    $base: number;
    $subs: unknown[] | undefined = undefined;
    $window: Uint8Array | undefined = undefined;
    constructor(view: DataView, base: number) {
      this.$view = view;
      this.$base = base;
    }
    get $bytes(): Uint8Array {
      this.$window ??= new Uint8Array(this.$view.buffer, this.$view.byteOffset + this.$base, placed.size);
      return this.$window;
    }
    get $layout(): Layout<F> {
      return self;
    }
  }
  Object.entries(fields).forEach(([key, field], index) => {
    defineField(StructOf.prototype, key, index, typeOf(field), placed.offsets[key] as number);
  });
  const view = (data: DataView, offset: number) => new StructOf(data, offset) as unknown as ViewOf<F>;
  const self: Layout<F> = {
    name,
    size: placed.size,
    align: placed.align,
    offsets: placed.offsets as Layout<F>['offsets'],
    fields,
    scalar: false,
    get: view,
    set: refuse(`${name} is changed field by field`),
    at: (bytes, offset = 0) => view(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset),
    make: () => view(new DataView(new ArrayBuffer(placed.size)), 0),
  };
  return self;
}

/** `struct name { fields }` in header order. */
export function struct<F extends Fields>(name: string, fields: F): Layout<F> {
  return layout(name, fields, { packed: false, union: false });
}

/** `struct name { fields } __attribute__((packed))`. */
export function packed<F extends Fields>(name: string, fields: F): Layout<F> {
  return layout(name, fields, { packed: true, union: false });
}

/** `union name { fields }`. */
export function union<F extends Fields>(name: string, fields: F): Layout<F> {
  return layout(name, fields, { packed: false, union: true });
}
