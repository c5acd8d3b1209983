/** What is there when there is no memory. */
export const NO_BYTES = new Uint8Array(0);

/** The first `length` bytes; the same object where those are all, so that nothing is allocated. */
export function firstBytes(bytes: Uint8Array, length: number): Uint8Array {
  return bytes.length === length ? bytes : bytes.subarray(0, length);
}
