/** What stat() and statx() say of our devices: the kernel's own answer for /dev/null with the identity changed. */
import { AT_FDCWD } from '../linux/constants.ts';
import { makedev, syscall } from '../linux/libc.ts';
import { allocateNative, putCString } from '../linux/native-memory.ts';
import type { CharDevice } from '../vfs/file.ts';
import { ARCH } from './arch.ts';

const native = allocateNative(16384);
const RESULT = 8192;
const STATX_SIZE = 256;
const S_IFCHR_RW_ALL = 0o020666;
/** Inode numbers of ours, out of the way of what a devtmpfs hands out. */
const INODE_BASE = 0x5cab0000;

/** stat() of `path`, as our own process sees it, with the AT_* `flags`; the raw bytes, or the errno as a number. */
export function rawStat(path: string, flags: number, statxMask?: number): Uint8Array | undefined {
  const address = putCString(native, 0, path);
  const result = native.address + RESULT;
  const failed =
    statxMask === undefined
      ? syscall(ARCH.nr.newfstatat as number, AT_FDCWD, address, result, flags, 0, 0)
      : syscall(ARCH.nr.statx as number, AT_FDCWD, address, flags, statxMask, result, 0);
  const size = statxMask === undefined ? ARCH.stat.size : STATX_SIZE;
  return failed === 0 ? native.bytes.subarray(RESULT, RESULT + size) : undefined;
}

/** stat() of a device node of ours. */
export function deviceStat(device: CharDevice): Uint8Array {
  const bytes = rawStat('/dev/null', 0) as Uint8Array;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  view.setUint32(ARCH.stat.ino, INODE_BASE + device.minor, true);
  view.setUint32(ARCH.stat.mode, S_IFCHR_RW_ALL, true);
  view.setUint32(ARCH.stat.rdev, makedev(device.major, device.minor), true);
  return bytes;
}

/** statx() of a device node of ours. */
export function deviceStatx(device: CharDevice, mask: number): Uint8Array {
  const bytes = rawStat('/dev/null', 0, mask) as Uint8Array;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  view.setUint16(28, S_IFCHR_RW_ALL, true);
  view.setUint32(32, INODE_BASE + device.minor, true);
  view.setUint32(128, device.major, true);
  view.setUint32(132, device.minor, true);
  return bytes;
}
