/**
 * The memory of a buffer as it is shown in the place of a poll face: an open file of its own for each mmap(). It lasts as
 * long as a mapping, a descriptor or a message has it, so that the memory's owner can tell. Its position says in whose
 * place it stands; mmap() does not look at it. A lock on the byte of that number goes with the open file, so the kernel tells
 * whether there is one left: nobody else could then have the byte for himself.
 */
import { ENFILE, ENOMEM, Errno } from '../../base/errno.ts';
import {
  F_OFD_GETLK,
  F_OFD_SETLK,
  F_RDLCK,
  F_UNLCK,
  F_WRLCK,
  FLOCK,
  O_CLOEXEC,
  O_RDONLY,
  O_RDWR,
  SEEK_SET,
} from '../../linux/constants.ts';
import { close, fcntl, lseek, open } from '../../linux/libc.ts';
import { allocateNative } from '../../linux/native-memory.ts';
import type { InodeKey } from '../../linux/proc-fs.ts';
import { descriptorOf, show } from '../../linux/shown-files.ts';
import type { OpenFile } from './open-file.ts';

/** A struct flock; SEEK_SET is 0. */
const lock = allocateNative(4096);

/** The byte with the number `serial`; where it lies. */
function lockOf(type: number, serial: number): number {
  lock.view.setInt16(FLOCK.type, type, true);
  lock.view.setBigInt64(FLOCK.start, BigInt(serial), true);
  lock.view.setBigInt64(FLOCK.length, 1n, true);
  lock.view.setInt32(FLOCK.pid, 0, true);
  return lock.address;
}

/** A descriptor of ours of the memory file `fd`, to be shown in the place of a descriptor of `openFile`. */
export function openMemory(fd: number, { file, serial }: OpenFile): number {
  const ours = open(`/proc/self/fd/${fd}`, (file.access.write ? O_RDWR : O_RDONLY) | O_CLOEXEC);
  if (ours < 0) throw new Errno(ENFILE);
  lseek(ours, serial, SEEK_SET);
  if (fcntl(ours, F_OFD_SETLK, lockOf(F_RDLCK, serial)) === 0) {
    show(fd);
    return ours;
  }
  close(ours);
  throw new Errno(ENOMEM, 'the kernel has no memory for a file lock');
}

/** True as long as somebody has memory with this inode that was shown in the place of the open file `serial`. */
export function isAnywhere(inode: InodeKey, serial: number): boolean {
  const fd = descriptorOf(inode);
  if (fd === undefined) return false;
  const told = fcntl(fd, F_OFD_GETLK, lockOf(F_WRLCK, serial));
  // Where nobody tells it may be.
  return told < 0 || lock.view.getInt16(FLOCK.type, true) !== F_UNLCK;
}
