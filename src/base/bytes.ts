/** What is there when there is no memory. */
export const NO_BYTES = new Uint8Array(0);

/** The first `length` bytes; the same object where those are all, so that nothing is allocated. */
export function firstBytes(bytes: Uint8Array, length: number): Uint8Array {
  return bytes.length === length ? bytes : bytes.subarray(0, length);
}

/** Windows of the same size on an array, which are kept with it: to make them for each frame would be work for the heap. */
const windows = new WeakMap<Uint8Array, { readonly size: number; readonly parts: Uint8Array[] }>();

/** The bytes from `from` to `to` of an array that is used often, in equal parts: the same object every time. */
export function partOf(bytes: Uint8Array, from: number, to: number): Uint8Array {
  if (from === 0 && to === bytes.length) return bytes;
  const kept = windows.get(bytes) ?? { size: to - from, parts: [] };
  const n = from / kept.size;
  const known = kept.parts[n];
  if (known?.length === to - from) return known;
  const made = bytes.subarray(from, to);
  if (Number.isInteger(n)) kept.parts[n] = made;
  windows.set(bytes, kept);
  return made;
}

/** Copies the bytes from `from` to `to` to the same place in `target`, see {@link partOf}. */
export function copyPart(source: Uint8Array, target: Uint8Array, from: number, to: number): void {
  if (from < to) partOf(target, from, to).set(partOf(source, from, to));
}
