/** poll() with no wait. */
import { ppoll } from '../../src/linux/libc.ts';
import { allocateNative } from '../../src/linux/native-memory.ts';
import { POLLERR, POLLHUP, POLLIN, POLLOUT, POLLPRI } from '../../src/vfs/file.ts';

const native = allocateNative(4096);
const ALL = POLLIN | POLLPRI | POLLOUT | POLLERR;
const ALWAYS = POLLERR | POLLHUP;

/** What poll() says of a descriptor now, to who asks for `bits`. */
export function pollOnce(fd: number, bits = ALL): number {
  native.view.setInt32(0, fd, true);
  native.view.setInt16(4, bits, true);
  native.view.setInt16(6, 0, true);
  native.bytes.fill(0, 64, 80);
  ppoll(native.address, 1, native.address + 64, 0);
  return native.view.getUint16(6, true) & (ALL | ALWAYS);
}
