/**
 * Files of memory that programs have been shown. Who has freed his memory closes its file, but as long as a program has it
 * mapped somebody may have to ask for that: then the descriptor is kept.
 */
import { close } from './libc.ts';
import { type InodeKey, inodeOf } from './proc-fs.ts';

interface Shown {
  readonly fd: number;
  /** True if whoever made it has freed it, and left its descriptor to us. */
  readonly isFreed: boolean;
}

const shown = new Map<InodeKey, Shown>();

/** The file of which `fd` is a descriptor of ours is shown to a program. */
export function show(fd: number): void {
  const inode = inodeOf(process.pid, fd);
  if (inode !== undefined && !shown.has(inode)) shown.set(inode, { fd, isFreed: false });
}

/** A descriptor of ours of what was shown; undefined if that is freed and nobody had it then. */
export function descriptorOf(inode: InodeKey): number | undefined {
  const fd = shown.get(inode)?.fd;
  // A driver with memory of its own may have closed it without a word.
  return fd !== undefined && inodeOf(process.pid, fd) === inode ? fd : undefined;
}

/** The memory behind `fd` is freed: closes `fd`, now, or if a program has the memory (`isShared`) at {@link forget}. */
export function closeShown(fd: number, isShared: boolean): void {
  const inode = shown.size === 0 ? undefined : inodeOf(process.pid, fd);
  const isKnown = inode !== undefined && shown.get(inode)?.fd === fd;
  if (isKnown && isShared) {
    shown.set(inode, { fd, isFreed: true });
    return;
  }
  if (isKnown) shown.delete(inode);
  close(fd);
}

/** Nobody asks for what has `inode` any more. */
export function forget(inode: InodeKey): void {
  const found = shown.get(inode);
  shown.delete(inode);
  if (found?.isFreed) close(found.fd);
}
