/**
 * What inotify tells of a device node. The watch lies on an ordinary file in the node's place; while somebody watches,
 * each open file of the device has that file open in the same way, and what is done to the one is done to the other.
 * The kernel makes the events.
 */
import { utimesSync } from 'node:fs';
import { O_ACCMODE, O_CLOEXEC, O_RDONLY, O_RDWR, O_WRONLY } from '../../linux/constants.ts';
import { close, open, pread, pwrite } from '../../linux/libc.ts';
import { allocateNative } from '../../linux/native-memory.ts';
import type { CharDevice } from '../../vfs/file.ts';
import type { OpenFile } from '../files/open-file.ts';
import type { ShadowTree } from '../names/shadow-tree.ts';

const byte = allocateNative(4096).address;

export class NodeEvents {
  readonly #tree: ShadowTree;
  /** A camera that has gone is not watched any more. */
  readonly #watched = new WeakSet<CharDevice>();
  /** Descriptors of ours of the files in the nodes' places. */
  readonly #mirrors = new Map<OpenFile, number>();

  constructor(tree: ShadowTree) {
    this.#tree = tree;
  }

  /** Somebody is about to watch the file at {@link ShadowTree.nodeOf}; `openFiles` are all of `device`. */
  watch(device: CharDevice, openFiles: Iterable<OpenFile>): void {
    if (this.#watched.has(device)) return;
    this.#watched.add(device);
    for (const openFile of openFiles) this.opened(openFile);
  }

  opened(openFile: OpenFile): void {
    const { device, access } = openFile.file;
    if (!this.#watched.has(device)) return;
    const how = access.write ? (access.read ? O_RDWR : O_WRONLY) : O_RDONLY;
    const fd = open(this.#tree.nodeOf(device), (how & O_ACCMODE) | O_CLOEXEC);
    if (fd >= 0) this.#mirrors.set(openFile, fd);
  }

  /** A program has read from or written to `openFile`. */
  moved(openFile: OpenFile, how: 'read' | 'write'): void {
    const fd = this.#mirrors.get(openFile);
    if (fd === undefined) return;
    if (how === 'read') pread(fd, byte, 1, 0);
    else pwrite(fd, byte, 1, 0);
  }

  /** Mode, owner or times of the node have been set. */
  changed(device: CharDevice): void {
    if (!this.#watched.has(device)) return;
    const now = new Date();
    utimesSync(this.#tree.nodeOf(device), now, now);
  }

  closed(openFile: OpenFile): void {
    const fd = this.#mirrors.get(openFile);
    if (fd === undefined) return;
    this.#mirrors.delete(openFile);
    close(fd);
  }
}
