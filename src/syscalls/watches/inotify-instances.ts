/**
 * How we add a watch to the inotify instance of a program: through a copy of its descriptor. Where nobody lets us copy it
 * (pidfd_getfd() is refused, as by the profile of Docker) we make the instances ourselves, and keep a descriptor of each.
 *
 * All instances are one inode, so which of them a program's descriptor is, is told by a lock: flock() on ours shows in
 * the /proc of whatever descriptor is the same open file, and hinders nobody, because it is shared.
 */
import { EMFILE } from '../../base/errno.ts';
import { type Clock, Timer } from '../../base/timers.ts';
import { ARCH } from '../../linux/arch.ts';
import { LOCK_SH, LOCK_UN, O_CLOEXEC } from '../../linux/constants.ts';
import { close, errno, flock, syscall } from '../../linux/libc.ts';
import {
  descriptorsOf,
  hasLock,
  mayCopyDescriptors,
  pidfdGetfd,
  readlink,
  tgidOf,
} from '../../linux/proc-fs.ts';
import type { Process } from '../processes/threads.ts';
import { type Answer, type Call, CONTINUE } from '../wire/call.ts';

/** What /proc calls a descriptor of an instance. */
const LINK = 'anon_inode:inotify';
/** How often we look whether programs still have what we keep for them. */
const LOOK_NS = 1e9;

const isInstance = (tid: number, fd: number): boolean => readlink(`/proc/${tid}/fd/${fd}`) === LINK;

export class InotifyInstances {
  readonly #clock: Clock;
  readonly #mustKeep = !mayCopyDescriptors();
  /** Descriptors of ours, and a process that has each. */
  readonly #kept = new Map<number, number>();
  readonly #timer = new Timer(() => this.#look());

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** inotify_init1(). */
  make({ tid }: Call, flags: number): Answer {
    const fd = this.#mustKeep ? this.#make(flags) : -1;
    if (fd < 0) return CONTINUE;
    return {
      kind: 'descriptor',
      source: fd,
      cloexec: (flags & O_CLOEXEC) !== 0,
      at: undefined,
      given: () => {
        this.#kept.set(fd, tgidOf(tid) ?? tid);
        // It goes on by itself as long as there is anything; put off by each new one it would never come.
        if (this.#kept.size === 1) this.#clock.timers.arm(this.#timer, this.#clock.now() + LOOK_NS);
      },
      refused: () => {
        close(fd);
      },
    };
  }

  /** A user may have few instances: one that nobody has any more must not be in the way. */
  #make(flags: number): number {
    const nr = ARCH.nr.inotify_init1 as number;
    const fd = syscall(nr, flags | O_CLOEXEC, 0, 0, 0, 0, 0);
    if (fd >= 0 || errno() !== EMFILE) return fd;
    this.#look();
    return syscall(nr, flags | O_CLOEXEC, 0, 0, 0, 0, 0);
  }

  /** What `use` gives for a descriptor of ours of what thread `tid` of `owner` has as `fd`; undefined if it is no instance. */
  withCopy<T>(owner: Process, tid: number, fd: number, use: (copy: number) => T): T | undefined {
    if (!isInstance(tid, fd)) return undefined;
    for (const [ours] of this.#kept)
      if (isSame(ours, tid, fd)) {
        this.#kept.set(ours, owner.tgid);
        return use(ours);
      }
    const copy = this.#mustKeep ? -1 : pidfdGetfd(owner.pidfd, fd);
    if (copy < 0) return undefined;
    try {
      return use(copy);
    } finally {
      close(copy);
    }
  }

  /** Closes what the process no longer has for which it was kept. */
  #look(): void {
    for (const [ours, pid] of this.#kept) {
      if ((descriptorsOf(pid) ?? []).some((fd) => isInstance(pid, fd) && isSame(ours, pid, fd))) continue;
      close(ours);
      this.#kept.delete(ours);
    }
    if (this.#kept.size > 0) this.#clock.timers.arm(this.#timer, this.#clock.now() + LOOK_NS);
  }
}

/** True if our descriptor `ours` and `fd` of thread `tid` are one open file. */
function isSame(ours: number, tid: number, fd: number): boolean {
  if (flock(ours, LOCK_SH) !== 0) return false;
  const same = hasLock(tid, fd);
  flock(ours, LOCK_UN);
  return same;
}
