import type { Fields, Layout, ViewOf } from '../abi/index.ts';
import type { Caller, UserAddress } from '../vfs/file.ts';

/** Writes a struct for each of `objects` into the array at `address` of the program, which may be 0: then there is none. */
export function writeArray<F extends Fields, T>(
  caller: Caller,
  address: UserAddress,
  layout: Layout<F>,
  objects: readonly T[],
  fill: (view: ViewOf<F>, object: T) => void,
): void {
  if (address === 0 || objects.length === 0) return;
  const bytes = new Uint8Array(objects.length * layout.size);
  for (const [i, object] of objects.entries()) fill(layout.at(bytes, i * layout.size), object);
  caller.memory.write(address, bytes);
}
