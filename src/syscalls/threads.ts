/**
 * The threads and processes that use a device. Others never get here: a call that is not for us is let go by
 * without asking whose it is.
 */
import { close, syscall } from '../linux/libc.ts';
import type { Caller, UserMemory } from '../vfs/file.ts';
import { WOULD_BLOCK } from '../vfs/file.ts';
import type { WaitQueue } from '../base/wait-queue.ts';
import { ARCH } from './arch.ts';
import type { OpenFile } from './open-file.ts';
import { tgidOf } from './proc-fs.ts';
import type { Answer } from './undelivered.ts';

/** How long a thread id is trusted to mean the same thread; ids are not used again that fast. */
const TRUST_NS = 100e6;
/** How long after a change the table of a process is asked of /proc and not kept: the change may be under way. */
const SETTLE_NS = 5e6;

/** A process that has a device open. */
export class Process {
  readonly tgid: number;
  readonly pidfd: number;
  /** What the descriptors of the reserved range are, as far as they were asked for. */
  readonly #fds = new Map<number, OpenFile>();
  #settledAt = 0;

  constructor(tgid: number, pidfd: number) {
    this.tgid = tgid;
    this.pidfd = pidfd;
  }

  known(fd: number): OpenFile | undefined {
    return this.#fds.get(fd);
  }

  /** Remembers what `fd` is, unless the table is changing at this moment. */
  remember(fd: number, openFile: OpenFile, now: number): void {
    if (now >= this.#settledAt) this.#fds.set(fd, openFile);
  }

  /** The descriptor `fd` (all of them, if left out) is about to change by a call that the kernel carries out. */
  forget(now: number, fd?: number): void {
    if (fd === undefined) this.#fds.clear();
    else this.#fds.delete(fd);
    this.#settledAt = now + SETTLE_NS;
  }

  /** The open file is gone for good. */
  drop(openFile: OpenFile): void {
    for (const [fd, known] of this.#fds) if (known === openFile) this.#fds.delete(fd);
  }
}

/** A thread as the caller of operations. */
export class Thread implements Caller {
  readonly tid: number;
  readonly process: Process;
  readonly memory: UserMemory;
  /** The queue it sleeps on, while it does. */
  sleepsOn: WaitQueue | undefined = undefined;
  /** An answer that did not reach it. */
  undelivered: Answer | undefined = undefined;
  trustedUntil = 0;
  readonly #stillWaits: (thread: Thread) => boolean;

  constructor(tid: number, process: Process, memory: UserMemory, stillWaits: (thread: Thread) => boolean) {
    this.tid = tid;
    this.process = process;
    this.memory = memory;
    this.#stillWaits = stillWaits;
  }

  sleep(queue: WaitQueue): typeof WOULD_BLOCK {
    this.sleepsOn = queue;
    return WOULD_BLOCK;
  }

  get asleep(): boolean {
    return this.sleepsOn !== undefined && this.#stillWaits(this);
  }
}

export class Threads {
  readonly processes = new Map<number, Process>();
  /** Changes whenever `processes` does. */
  version = 0;
  readonly #threads = new Map<number, Thread>();
  readonly #memory: UserMemory;
  readonly #stillWaits: (thread: Thread) => boolean;

  constructor(memory: UserMemory, stillWaits: (thread: Thread) => boolean) {
    this.#memory = memory;
    this.#stillWaits = stillWaits;
  }

  /** The thread `tid` if it is known to use a device. */
  find(tid: number, now: number): Thread | undefined {
    const thread = this.#threads.get(tid);
    if (thread === undefined || now < thread.trustedUntil) return thread;
    if (syscall(ARCH.nr.tgkill as number, thread.process.tgid, tid, 0, 0, 0, 0) === 0) {
      thread.trustedUntil = now + TRUST_NS;
      return thread;
    }
    this.#threads.delete(tid);
    return undefined;
  }

  /** The thread `tid`, which uses a device from now on; undefined if it is gone. */
  get(tid: number, now: number): Thread | undefined {
    const known = this.find(tid, now);
    if (known !== undefined) return known;
    const tgid = tgidOf(tid);
    const process = tgid === undefined ? undefined : this.process(tgid);
    if (process === undefined) return undefined;
    const thread = new Thread(tid, process, this.#memory, this.#stillWaits);
    thread.trustedUntil = now + TRUST_NS;
    this.#threads.set(tid, thread);
    return thread;
  }

  /** The process `tgid`, watched from now on; undefined if it is gone. */
  process(tgid: number): Process | undefined {
    const known = this.processes.get(tgid);
    if (known !== undefined) return known;
    const pidfd = syscall(ARCH.nr.pidfd_open as number, tgid, 0, 0, 0, 0, 0);
    if (pidfd < 0) return undefined;
    const process = new Process(tgid, pidfd);
    this.processes.set(tgid, process);
    this.version++;
    return process;
  }

  /** The process has ended; gives its threads. */
  ended(process: Process): Thread[] {
    this.processes.delete(process.tgid);
    this.version++;
    close(process.pidfd);
    const gone = [...this.#threads.values()].filter((thread) => thread.process === process);
    for (const thread of gone) this.#threads.delete(thread.tid);
    return gone;
  }
}
