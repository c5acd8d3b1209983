/**
 * Files of the shadow tree that root may write, as in sysfs: what is written there is no content but a request. So who
 * opens one gets a copy of his own, and the name of the copy says of which file: that is how a write finds it, under
 * whatever number and in whatever process. Programs can give such names too: so the copies are known by their inodes as well.
 */
import { ftruncateSync, readFileSync, writeSync } from 'node:fs';
import { O_CLOEXEC, O_RDONLY } from '../../linux/constants.ts';
import { close, lseek, open } from '../../linux/libc.ts';
import { copyDescriptor, type InodeKey, inodeOf, readlink } from '../../linux/proc-fs.ts';
import { namedCopy } from './sealed-copy.ts';

const SEEK_CUR = 1;
const NAME = 'usercam-written:';
/** How /proc shows a memory file. */
const SHOWN = /^\/memfd:usercam-written:(.*) \(deleted\)$/s;

export class WrittenAttributes {
  /** Of all copies there were. As long as nobody has opened one nothing need be looked for. */
  readonly #inodes = new Set<InodeKey>();

  /** Opens a copy of `real`, which programs know as `path`; negative, with errno, if it cannot be made. */
  open(real: string, path: string, access: number): number {
    const fd = open(real, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return fd;
    const copy = namedCopy(fd, NAME + path, access);
    const inode = copy < 0 ? undefined : inodeOf(process.pid, copy);
    if (inode !== undefined) this.#inodes.add(inode);
    return copy;
  }

  /** So many bytes were written to copy `fd` of thread `tid`, by which the file has become what `real` is now: it shows that. */
  wrote(tid: number, fd: number, real: string, length: number): void {
    const copy = copyDescriptor(tid, fd);
    if (copy < 0) return;
    const content = readFileSync(real);
    writeSync(copy, content, 0, content.length, 0);
    ftruncateSync(copy, content.length);
    if (length > 0) lseek(copy, length, SEEK_CUR);
    close(copy);
  }

  /** The file whose copy is descriptor `fd` of thread `tid`; undefined if it is no such copy. */
  find(tid: number, fd: number): string | undefined {
    if (this.#inodes.size === 0) return undefined;
    const [, path] = SHOWN.exec(readlink(`/proc/${tid}/fd/${fd}`) ?? '') ?? [];
    const inode = path === undefined ? undefined : inodeOf(tid, fd);
    return inode !== undefined && this.#inodes.has(inode) ? path : undefined;
  }
}
