const WORD = 4;

/**
 * Brings into `target` what `other` has changed since both were equal to `agreed`. All three are as long, and
 * what both have changed is as in `other`. Works on words where memory is aligned to them, as planes are.
 */
export function mergeChanges(target: Uint8Array, other: Uint8Array, agreed: Uint8Array): void {
  const words = [target, other, agreed].every((bytes) => bytes.byteOffset % WORD === 0)
    ? Math.floor(target.length / WORD)
    : 0;
  if (words > 0) mergeEach(wordsOf(target, words), wordsOf(other, words), wordsOf(agreed, words));
  const done = words * WORD;
  mergeEach(target.subarray(done), other.subarray(done), agreed.subarray(done));
}

function wordsOf(bytes: Uint8Array, count: number): Uint32Array {
  return new Uint32Array(bytes.buffer, bytes.byteOffset, count);
}

function mergeEach<A extends Uint8Array | Uint32Array>(target: A, other: A, agreed: A): void {
  for (let i = 0; i < target.length; i++) {
    const value = other[i] as number;
    if (value !== agreed[i]) target[i] = value;
  }
}
