/**
 * When nobody has the memory of an mmap() any more: for devices that want to know, as videobuf's do. The filter does not
 * trap munmap(); but each mmap() has an open file of its own, which its mapping holds, in every process that has a part of
 * it, and the kernel tells of the last close of a file: before the munmap() or the exit that was the cause is over.
 */
import { ENOMEM, Errno } from '../../base/errno.ts';
import { ARCH } from '../../linux/arch.ts';
import { O_CLOEXEC, O_NONBLOCK } from '../../linux/constants.ts';
import { read, syscall } from '../../linux/libc.ts';
import { allocateNative, putCString } from '../../linux/native-memory.ts';

const IN_CLOSE = 0x18;
const IN_IGNORED = 0x8000;
/** Where `struct inotify_event` has its fields, and its size; what is watched has no names. */
const EVENT = { wd: 0, mask: 4, length: 12, size: 16 } as const;
const BUFFER_SIZE = 4096;

export class MappingEnds {
  readonly #await: (inotify: number, look: () => void) => void;
  readonly #buffer = allocateNative(BUFFER_SIZE);
  /** What is to be done at the end of each, by its watch. */
  readonly #ends = new Map<number, () => void>();
  #inotify = -1;

  /** From when `awaitEvents` is called on, `look` is to be called while `inotify` is readable. */
  constructor(awaitEvents: (inotify: number, look: () => void) => void) {
    this.#await = awaitEvents;
  }

  /**
   * `ended` is called once, when what is open as `fd` (a descriptor of ours, of a file that nobody else has open) is open
   * and mapped nowhere any more. Throws ENOMEM.
   */
  watch(fd: number, ended: () => void): void {
    if (this.#inotify < 0) this.#begin();
    const path = putCString(this.#buffer, 0, `/proc/self/fd/${fd}`);
    const wd = syscall(ARCH.nr.inotify_add_watch as number, this.#inotify, path, IN_CLOSE, 0, 0, 0);
    if (wd < 0)
      throw new Errno(ENOMEM, 'the end of a mapping cannot be watched: raise fs.inotify.max_user_watches');
    this.#ends.set(wd, ended);
  }

  #begin(): void {
    this.#inotify = syscall(ARCH.nr.inotify_init1 as number, O_NONBLOCK | O_CLOEXEC, 0, 0, 0, 0, 0);
    if (this.#inotify < 0)
      throw new Errno(ENOMEM, 'the end of a mapping cannot be watched: raise fs.inotify.max_user_instances');
    this.#await(this.#inotify, () => this.#look());
  }

  #look(): void {
    const { view, address } = this.#buffer;
    const got = read(this.#inotify, address, BUFFER_SIZE);
    const ended: (() => void)[] = [];
    for (let at = 0; at < got; at += EVENT.size + view.getUint32(at + EVENT.length, true)) {
      if (view.getUint32(at + EVENT.mask, true) & IN_IGNORED) continue;
      const wd = view.getInt32(at + EVENT.wd, true);
      const end = this.#ends.get(wd);
      if (end === undefined) continue;
      this.#ends.delete(wd);
      ended.push(end);
      syscall(ARCH.nr.inotify_rm_watch as number, this.#inotify, wd, 0, 0, 0, 0);
    }
    for (const end of ended) end();
  }
}
