/** poll(2) for a few descriptors that are waited for now and then. */
import { POLLIN } from './constants.ts';
import { poll } from './libc.ts';
import { allocateNative } from './native-memory.ts';

const POLLFD_SIZE = 8;
const REVENTS = 6;
const NS_PER_MS = 1e6;
const native = allocateNative(4096);

/** Waits until one of `fds` is readable or ended, for `patience` nanoseconds at most; tells for each whether it is. */
export function waitReadable(fds: readonly number[], patience: number): readonly boolean[] {
  for (const [i, fd] of fds.entries()) {
    native.view.setInt32(i * POLLFD_SIZE, fd, true);
    native.view.setUint32(i * POLLFD_SIZE + 4, POLLIN, true);
  }
  const ready = poll(native.address, fds.length, Math.ceil(patience / NS_PER_MS)) > 0;
  return fds.map((_, i) => ready && native.view.getUint16(i * POLLFD_SIZE + REVENTS, true) !== 0);
}
