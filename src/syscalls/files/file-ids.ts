/**
 * Which open file a descriptor is: told by what it shows, whatever its number is and whoever has it. A poll face has an
 * inode of its own; memory that stands in a face's place has the position that was given to it.
 */

import { type InodeKey, inodeOf, positionOf } from '../../linux/proc-fs.ts';
import { forget } from '../../linux/shown-files.ts';
import type { OpenFile } from './open-file.ts';
import { isAnywhere } from './shown-memory.ts';

export class FileIds {
  readonly #faces = new Map<InodeKey, OpenFile>();
  /** Inodes of memory that was shown, and the files in whose place, by serial. */
  readonly #memories = new Map<InodeKey, Map<number, OpenFile>>();

  /** The current face of `openFile` means it from now on. */
  addFace(openFile: OpenFile): void {
    this.#faces.set(openFile.inode, openFile);
  }

  /** Memory with `inode` and the serial of `openFile` as its position means it too. */
  addMemory(inode: InodeKey, openFile: OpenFile): void {
    for (const [known, files] of this.#memories)
      if (files.has(openFile.serial) && !isAnywhere(known, openFile.serial))
        this.removeMemory(known, openFile);
    const files = this.#memories.get(inode) ?? new Map<number, OpenFile>();
    files.set(openFile.serial, openFile);
    this.#memories.set(inode, files);
  }

  /** True as long as somebody has memory that was shown in the place of `openFile`: mapped, or as a descriptor. */
  hasMemory({ serial }: OpenFile): boolean {
    return [...this.#memories].some(([inode, files]) => files.has(serial) && isAnywhere(inode, serial));
  }

  remove(openFile: OpenFile): void {
    for (const [inode, known] of this.#faces) if (known === openFile) this.#faces.delete(inode);
    for (const inode of this.#memories.keys()) this.removeMemory(inode, openFile);
  }

  /** Memory with `inode` that was shown in the place of `openFile` is nowhere any more. */
  removeMemory(inode: InodeKey, { serial }: OpenFile): void {
    const files = this.#memories.get(inode);
    files?.delete(serial);
    if (files?.size !== 0) return;
    this.#memories.delete(inode);
    forget(inode);
  }

  /** What descriptor `fd` of thread `tid` is; undefined if it is none of ours. */
  find(tid: number, fd: number): OpenFile | undefined {
    if (this.#faces.size === 0) return undefined;
    const inode = inodeOf(tid, fd);
    return inode === undefined ? undefined : this.identify(inode, tid, fd);
  }

  /** The same for a descriptor whose inode is known. */
  identify(inode: InodeKey, tid: number, fd: number): OpenFile | undefined {
    const openFile = this.#faces.get(inode);
    if (openFile !== undefined) return openFile;
    const files = this.#memories.get(inode);
    return files?.get(positionOf(tid, fd));
  }
}
