/**
 * When nobody has the memory of an mmap() any more: for devices that want to know, as videobuf's do. The filter does not
 * trap munmap(); but each mmap() has an open file of its own, which its mapping holds, in every process that has a part of
 * it, and the kernel tells of the last close of a file: before the munmap() or the exit that was the cause is over.
 */
import { readFileSync } from 'node:fs';
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

/** As many as the kernel queues by default. */
const USUALLY_QUEUED = 16384;

/** So many events are queued for an instance; those that come then are lost. */
function mostQueued(): number {
  try {
    return Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'latin1')) || USUALLY_QUEUED;
  } catch {
    return USUALLY_QUEUED;
  }
}

/** An inotify instance, and what is to be done at the end of each that it watches, by its watch. */
interface Instance {
  readonly fd: number;
  readonly ends: Map<number, () => void>;
}

export class MappingEnds {
  readonly #await: (inotify: number, look: () => void) => void;
  readonly #buffer = allocateNative(BUFFER_SIZE);
  readonly #instances: Instance[] = [];
  /**
   * A process that ends ends all of its mappings at once. Each has two events, the close and the end of the watch, and there is
   * room for those of all that an instance watches.
   */
  readonly #most = Math.max(1, Math.floor(mostQueued() / 2));

  /** When `awaitEvents` is called, `look` is to be called from then on while `inotify` is readable. */
  constructor(awaitEvents: (inotify: number, look: () => void) => void) {
    this.#await = awaitEvents;
  }

  /**
   * `ended` is called once, when what is open as `fd` (a descriptor of ours, of a file that nobody else has open) is open
   * and mapped nowhere any more. Throws ENOMEM.
   */
  watch(fd: number, ended: () => void): void {
    const instance = this.#instances.find(({ ends }) => ends.size < this.#most) ?? this.#begin();
    const path = putCString(this.#buffer, 0, `/proc/self/fd/${fd}`);
    const wd = syscall(ARCH.nr.inotify_add_watch as number, instance.fd, path, IN_CLOSE, 0, 0, 0);
    if (wd < 0)
      throw new Errno(ENOMEM, 'the end of a mapping cannot be watched: raise fs.inotify.max_user_watches');
    instance.ends.set(wd, ended);
  }

  #begin(): Instance {
    const fd = syscall(ARCH.nr.inotify_init1 as number, O_NONBLOCK | O_CLOEXEC, 0, 0, 0, 0, 0);
    if (fd < 0)
      throw new Errno(ENOMEM, 'the end of a mapping cannot be watched: raise fs.inotify.max_user_instances');
    const instance = { fd, ends: new Map() };
    this.#instances.push(instance);
    this.#await(fd, () => this.#look(instance));
    return instance;
  }

  #look(instance: Instance): void {
    const { view, address } = this.#buffer;
    const got = read(instance.fd, address, BUFFER_SIZE);
    const ended: (() => void)[] = [];
    for (let at = 0; at < got; at += EVENT.size + view.getUint32(at + EVENT.length, true)) {
      if (view.getUint32(at + EVENT.mask, true) & IN_IGNORED) continue;
      const wd = view.getInt32(at + EVENT.wd, true);
      const end = instance.ends.get(wd);
      if (end === undefined) continue;
      instance.ends.delete(wd);
      ended.push(end);
      syscall(ARCH.nr.inotify_rm_watch as number, instance.fd, wd, 0, 0, 0, 0);
    }
    for (const end of ended) end();
  }
}
