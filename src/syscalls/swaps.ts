/**
 * The two faces of an open file. A program's descriptor is the poll face; for the length of one mmap() the
 * memfd with the buffer takes its place under the same number, and the kernel itself carries the mmap out. When
 * the thread that maps makes its next trapped call, its mmap is over and the poll face is put back.
 */
import type { Clock } from '../base/timers.ts';
import { O_CLOEXEC } from '../linux/constants.ts';
import type { Notifications } from './notifications.ts';
import type { OpenFile } from './open-file.ts';
import { isCloexec } from './proc-fs.ts';
import type { Process, Thread } from './threads.ts';

interface Swap {
  readonly thread: Thread;
  readonly fd: number;
  readonly openFile: OpenFile;
  readonly flags: number;
  readonly since: number;
}

/** After this time the mmap of another thread of the process is over in any case. */
const OVER_NS = 5e6;

export class Swaps {
  readonly #clock: Clock;
  readonly #notifications: Notifications;
  #swaps: Swap[] = [];

  constructor(clock: Clock, notifications: Notifications) {
    this.#clock = clock;
    this.#notifications = notifications;
  }

  get some(): boolean {
    return this.#swaps.length > 0;
  }

  /** Puts `memfd` in the place of descriptor `fd` of the calling thread; false if the thread is gone. */
  showMemory(thread: Thread, openFile: OpenFile, fd: number, memfd: number): boolean {
    const flags = isCloexec(thread.tid, fd) ? O_CLOEXEC : 0;
    if (!this.#notifications.replaceFd(memfd, fd, flags)) return false;
    this.#swaps.push({ thread, fd, openFile, flags, since: this.#clock.now() });
    return true;
  }

  /** The calling thread is here again: what it mapped is mapped, its descriptors show the poll face again. */
  restore(tid: number, process: Process | undefined): void {
    const now = this.#clock.now();
    this.#swaps = this.#swaps.filter((swap) => {
      const over = swap.thread.tid === tid || (swap.thread.process === process && now - swap.since > OVER_NS);
      if (over && !swap.openFile.released) {
        this.#notifications.replaceFd(swap.openFile.face.fd, swap.fd, swap.flags);
      }
      return !over;
    });
  }

  /** Descriptor `fd` of `process` (all, if left out) is about to close: there is nothing to put back. */
  drop(process: Process, fd?: number): void {
    this.#swaps = this.#swaps.filter(
      (swap) => swap.thread.process !== process || (fd !== undefined && swap.fd !== fd),
    );
  }
}
