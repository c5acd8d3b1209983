/**
 * Memory that programs have got as descriptors of their own: what the kernel has dma-bufs for. Which it is tells its
 * inode, in whichever process and under whichever number it turns up.
 */
import { fstatSync } from 'node:fs';

const TWO_32 = 0x1_0000_0000;

const inodes = new Set<number>();

/** An inode as one number; of its own number 32 bits are enough to tell files in memory apart. */
export const inodeKey = (device: number, inode: number): number =>
  (device % TWO_32) * TWO_32 + (inode % TWO_32);

function keyOf(fd: number): number {
  const { dev, ino } = fstatSync(fd);
  return inodeKey(dev, ino);
}

/** `fd`, a descriptor of ours for memory, or a copy of it is given to a program. */
export function handOut(fd: number): void {
  inodes.add(keyOf(fd));
}

/** Nobody has `fd` but us, and we close it. Memory that a program still has stays known for good. */
export function takenBack(fd: number): void {
  if (inodes.size > 0) inodes.delete(keyOf(fd));
}

/** True if the inode of a descriptor is that of memory that was handed out. */
export const isHandedOut = (key: number | undefined): boolean => key !== undefined && inodes.has(key);
