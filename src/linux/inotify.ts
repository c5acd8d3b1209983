/** inotify(7): what happens to files, told by the kernel. */
import { Errno } from '../base/errno.ts';
import { ARCH } from './arch.ts';
import { O_CLOEXEC, O_NONBLOCK } from './constants.ts';
import { close, errno, read, syscall } from './libc.ts';
import { allocateNative, putCString } from './native-memory.ts';

/** Somebody who could write has closed it. */
export const IN_CLOSE_WRITE = 8;
/** It has got this name, which may have been another file's. */
export const IN_MOVED_TO = 0x80;

/** What is read at once: whoever looks has other things to do. */
const BUFFER_SIZE = 4096;
/** Where `struct inotify_event` has its fields, and its size. */
const EVENT = { watch: 0, mask: 4, cookie: 8, length: 12, name: 16 } as const;

export interface InotifyEvent {
  /** What {@link Inotify.add} gave. */
  readonly watch: number;
  readonly mask: number;
  /** The same for both halves of a move. */
  readonly cookie: number;
  /** Empty if it is about the watched file itself. */
  readonly name: string;
}

export class Inotify {
  /** Readable while there are events. */
  readonly fd: number;
  readonly #buffer = allocateNative(BUFFER_SIZE);
  readonly #decoder = new TextDecoder();

  /** Throws an Errno that names the mend if the user has too many. */
  constructor() {
    this.fd = syscall(ARCH.nr.inotify_init1 as number, O_NONBLOCK | O_CLOEXEC, 0, 0, 0, 0, 0);
    if (this.fd < 0) throw new Errno(errno(), 'files cannot be watched; raise fs.inotify.max_user_instances');
  }

  /** Watches `path` for what is in `mask`; the same path has the same watch. Throws Errno. */
  add(path: string, mask: number): number {
    const nr = ARCH.nr.inotify_add_watch as number;
    const watch = syscall(nr, this.fd, putCString(this.#buffer, 0, path), mask, 0, 0, 0);
    if (watch < 0) throw new Errno(errno(), `${path} cannot be watched; raise fs.inotify.max_user_watches`);
    return watch;
  }

  /** The next events, as many as are read at once; none if there are none. */
  read(): readonly InotifyEvent[] {
    const { view, bytes, address } = this.#buffer;
    const got = read(this.fd, address, BUFFER_SIZE);
    const events: InotifyEvent[] = [];
    for (let at = 0; at < got; ) {
      const end = at + EVENT.name + view.getUint32(at + EVENT.length, true);
      events.push({
        watch: view.getInt32(at + EVENT.watch, true),
        mask: view.getUint32(at + EVENT.mask, true),
        cookie: view.getUint32(at + EVENT.cookie, true),
        name: this.#decoder.decode(bytes.slice(at + EVENT.name, end)).replace(/\0.*$/s, ''),
      });
      at = end;
    }
    return events;
  }

  close(): void {
    close(this.fd);
    this.#buffer.unmap();
  }
}
