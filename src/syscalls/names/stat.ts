/**
 * What stat(), statx() and statfs() say of our devices: the kernel's own answer for /dev/null and its directory, with
 * the identity changed.
 */

import { ARCH } from '../../linux/arch.ts';
import { AT_FDCWD } from '../../linux/constants.ts';
import { makedev, syscall } from '../../linux/libc.ts';
import { allocateNative, putCString } from '../../linux/native-memory.ts';
import type { CharDevice } from '../../vfs/file.ts';

const native = allocateNative(16384);
const RESULT = 8192;
const STATX_SIZE = 256;
const STATFS_SIZE = 120;
const S_IFCHR = 0o020000;
/** R_OK, W_OK and X_OK: what may be asked of any file. */
const ANY_ACCESS = 7;
/** Inode numbers of ours, out of the way of what a devtmpfs hands out. */
const INODE_BASE = 0x5cab0000;
const SYSFS_MAGIC = 0x62656572;

/** The inode number that the node of `device` has. */
export const inodeNumberOf = ({ major, minor }: CharDevice): number => INODE_BASE + (major << 8) + minor;

/** Who may use a device node, as far as chmod() and chown() tell. */
export interface NodeOwner {
  /** The permission bits. */
  mode: number;
  uid: number;
  gid: number;
}

const owners = new WeakMap<CharDevice, NodeOwner>();

/**
 * The owner and mode of a device node, to be read and changed. stat() shows them; nobody is refused because of them:
 * a run has one user, and cameras are there to be opened.
 */
export function ownerOf(device: CharDevice): NodeOwner {
  const known = owners.get(device) ?? { mode: 0o666, uid: 0, gid: 0 };
  owners.set(device, known);
  return known;
}

/** stat() of `path`, as our own process sees it, with the AT_* `flags`; the raw bytes, or undefined and errno. */
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

/** What a node of ours is like where nothing else is said: a file of /dev, or where that is empty one without bytes. */
const likeNode = (flags: number, statxMask?: number): Uint8Array | undefined =>
  rawStat('/dev/null', flags, statxMask) ?? rawStat('/proc/version', flags, statxMask);

/** stat() of a device node of ours; undefined and errno where the kernel has no such `flags`. */
export function deviceStat(device: CharDevice, flags: number): Uint8Array | undefined {
  const bytes = likeNode(flags);
  if (bytes === undefined) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const { mode, uid, gid } = ownerOf(device);
  view.setUint32(ARCH.stat.ino, inodeNumberOf(device), true);
  view.setUint32(ARCH.stat.mode, S_IFCHR | mode, true);
  view.setUint32(ARCH.stat.uid, uid, true);
  view.setUint32(ARCH.stat.gid, gid, true);
  view.setUint32(ARCH.stat.rdev, makedev(device.major, device.minor), true);
  return bytes;
}

/** statx() of a device node of ours, in the same way. */
export function deviceStatx(device: CharDevice, flags: number, mask: number): Uint8Array | undefined {
  const bytes = likeNode(flags, mask);
  if (bytes === undefined) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const { mode, uid, gid } = ownerOf(device);
  view.setUint32(20, uid, true);
  view.setUint32(24, gid, true);
  view.setUint16(28, S_IFCHR | mode, true);
  view.setUint32(32, inodeNumberOf(device), true);
  view.setUint32(128, device.major, true);
  view.setUint32(132, device.minor, true);
  return bytes;
}

/** Whether the kernel has such `flags` of faccessat2(), and such a `mode`, whatever the file; if not, errno says so. */
export function isAccess(mode: number, flags: number): boolean {
  // Without flags it is the older call, which every kernel has.
  const nr = (flags === 0 ? ARCH.nr.faccessat : ARCH.nr.faccessat2) as number;
  return syscall(nr, AT_FDCWD, putCString(native, 0, '/'), mode & ~ANY_ACCESS, flags, 0, 0) === 0;
}

/** statfs() of what programs know as `path`, in /dev, /sys or /run; undefined if there is nothing like it. */
export function statFileSystem(path: string): Uint8Array | undefined {
  const top = `/${path.split('/')[1] ?? ''}`;
  const address = putCString(native, 0, top);
  const result = native.address + RESULT;
  if (syscall(ARCH.nr.statfs as number, address, result, 0, 0, 0, 0) !== 0) return undefined;
  // Where /sys is not mounted its files are there all the same.
  if (top === '/sys') native.view.setUint32(RESULT, SYSFS_MAGIC, true);
  return native.bytes.subarray(RESULT, RESULT + STATFS_SIZE);
}
