/**
 * Memory of a program that a driver fills long after the call that named it (USERPTR). There are no pages to
 * pin from outside: the range is checked when it is taken, and moved with one copy when it is used.
 */
import { readFileSync } from 'node:fs';
import { EFAULT, Errno } from '../base/errno.ts';
import { processVmReadv, processVmWritev } from '../linux/libc.ts';
import { allocateNative } from '../linux/native-memory.ts';
import type { PinnedMemory } from '../vfs/file.ts';

const IOV_SIZE = 16;
/** No program has memory from here on (47 bits of address, 48 on arm64). */
const USER_SPACE_END = 2 ** 48;
const MAPPING = /^([0-9a-f]+)-([0-9a-f]+) (r)(w)/;
const iov = allocateNative(4096);

function setIov(at: number, address: number, length: number): void {
  iov.view.setUint32(at, address % 0x1_0000_0000, true);
  iov.view.setUint32(at + 4, Math.floor(address / 0x1_0000_0000), true);
  iov.view.setUint32(at + 8, length, true);
}

/** True if every byte of the range belongs to a mapping that can be read and written. */
function isWritable(tgid: number, address: number, length: number): boolean {
  let maps: string;
  try {
    maps = readFileSync(`/proc/${tgid}/maps`, 'latin1');
  } catch {
    return false;
  }
  let reached = address;
  for (const line of maps.split('\n')) {
    const match = MAPPING.exec(line);
    if (match === null) continue;
    const [start, end] = [Number.parseInt(match[1] as string, 16), Number.parseInt(match[2] as string, 16)];
    if (start <= reached && reached < end) reached = end;
    if (reached >= address + length) return true;
  }
  return false;
}

/** Takes `length` bytes at `address` of process `tgid`; throws EFAULT. */
export function pinMemory(tgid: number, address: number, length: number): PinnedMemory {
  if (length === 0 || address >= USER_SPACE_END || !isWritable(tgid, address, length)) {
    throw new Errno(EFAULT, `${length} bytes at 0x${address.toString(16)} cannot be written`);
  }
  const staging = allocateNative(length);
  const aim = (count: number) => {
    setIov(0, staging.address, count);
    setIov(IOV_SIZE, address, count);
  };
  return {
    bytes: staging.bytes,
    fetch(count) {
      aim(count);
      return processVmReadv(tgid, iov.address, 1, iov.address + IOV_SIZE, 1, 0) === count;
    },
    flush(count) {
      aim(count);
      return processVmWritev(tgid, iov.address, 1, iov.address + IOV_SIZE, 1, 0) === count;
    },
    release: () => staging.unmap(),
  };
}
