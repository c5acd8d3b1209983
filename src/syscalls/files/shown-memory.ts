/**
 * The memory of a buffer as it is shown in the place of a poll face: an open file of its own for each mmap(). It lasts as
 * long as a mapping, a descriptor or a message has it, so that the memory's owner can tell. Its position says in whose
 * place it stands; mmap() does not look at it. A lock on the byte of that number goes with the open file, and so tells
 * whether there is one left.
 */
import { readFileSync } from 'node:fs';
import { ENFILE, ENOMEM, Errno } from '../../base/errno.ts';
import { F_OFD_SETLK, O_CLOEXEC, O_RDONLY, O_RDWR, SEEK_SET } from '../../linux/constants.ts';
import { close, fcntl, lseek, open } from '../../linux/libc.ts';
import { allocateNative } from '../../linux/native-memory.ts';
import { type InodeKey, inodeNumber } from '../../linux/proc-fs.ts';
import type { OpenFile } from './open-file.ts';

/** A struct flock for one byte; F_RDLCK and SEEK_SET are 0. */
const lock = allocateNative(4096);
const START = 8;
const LENGTH = 16;
lock.view.setBigInt64(LENGTH, 1n, true);

/** A descriptor of ours of the memory file `fd`, to be shown in the place of a descriptor of `openFile`. */
export function openMemory(fd: number, { file, serial }: OpenFile): number {
  const ours = open(`/proc/self/fd/${fd}`, (file.access.write ? O_RDWR : O_RDONLY) | O_CLOEXEC);
  if (ours < 0) throw new Errno(ENFILE);
  lseek(ours, serial, SEEK_SET);
  lock.view.setBigInt64(START, BigInt(serial), true);
  if (fcntl(ours, F_OFD_SETLK, lock.address) === 0) return ours;
  close(ours);
  throw new Errno(ENOMEM, 'the kernel has no memory for a file lock');
}

/** True as long as somebody has memory with this inode that was shown in the place of the open file `serial`. */
export function isAnywhere(inode: InodeKey, serial: number): boolean {
  const line = new RegExp(` READ +-1 \\S+:${inodeNumber(inode)} ${serial} ${serial}$`, 'm');
  try {
    return line.test(readFileSync('/proc/locks', 'latin1'));
  } catch {
    // Nobody tells: it may be.
    return true;
  }
}
