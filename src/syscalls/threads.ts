/**
 * The threads and processes that use a device. Others never get here: a call that is not for us is let go by
 * without asking whose it is.
 */

import type { WaitQueue } from '../base/wait-queue.ts';
import { O_CLOEXEC } from '../linux/constants.ts';
import { close, open, syscall } from '../linux/libc.ts';
import type { Caller, UserMemory } from '../vfs/file.ts';
import { WOULD_BLOCK } from '../vfs/file.ts';
import { ARCH } from './arch.ts';
import type { OpenFile } from './open-file.ts';
import { reopenFd, tgidOf } from './proc-fs.ts';
import type { Answer } from './undelivered.ts';

/** How long a thread id is trusted to mean the same thread; ids are not used again that fast. */
const TRUST_NS = 100e6;
/** How long after a change the table of a process is asked of /proc and not kept: the change may be under way. */
const SETTLE_NS = 5e6;

const NOT_OPEN = -1;
const NOT_READABLE = -2;

/** A process that has a device open. */
export class Process {
  readonly tgid: number;
  readonly pidfd: number;
  /** What the descriptors of the reserved range are, as far as they were asked for. */
  readonly #fds = new Map<number, OpenFile>();
  #settledAt = 0;
  #memFd = NOT_OPEN;
  /** The thread that executes another program: until it is heard of again the address space may change. */
  #executing = 0;

  constructor(tgid: number, pidfd: number) {
    this.tgid = tgid;
    this.pidfd = pidfd;
  }

  /** A descriptor of the memory that `tid`, a thread of this process, sees; -1 if there is none to be had. */
  memFd(tid: number): number {
    if (this.#memFd >= 0 || this.#memFd === NOT_READABLE) return this.#memFd;
    if (this.#executing !== 0 && this.#executing !== tid) return -1;
    this.#executing = 0;
    this.#memFd = open(`/proc/${this.tgid}/mem`, O_CLOEXEC);
    if (this.#memFd < 0) this.#memFd = NOT_READABLE;
    return this.#memFd;
  }

  /** Thread `tid` is about to execute another program, in an address space of its own. */
  executes(tid: number): void {
    this.closeMemory();
    this.#executing = tid;
  }

  closeMemory(): void {
    if (this.#memFd >= 0) close(this.#memFd);
    this.#memFd = NOT_OPEN;
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

/** What a thread needs of the door while it is the caller. */
export interface ThreadDoor {
  readonly memory: UserMemory;
  /** Puts a descriptor of ours into the process of the current call. */
  readonly installFd: (fd: number, cloexec: boolean) => number;
  /** True while the call that the thread sleeps in is not interrupted. */
  readonly stillWaits: (thread: Thread) => boolean;
}

/** A thread as the caller of operations. */
export class Thread implements Caller {
  readonly tid: number;
  readonly process: Process;
  readonly #door: ThreadDoor;
  /** The queue it sleeps on, while it does. */
  sleepsOn: WaitQueue | undefined = undefined;
  /** An answer that did not reach it. */
  undelivered: Answer | undefined = undefined;
  trustedUntil = 0;

  constructor(tid: number, process: Process, door: ThreadDoor) {
    this.tid = tid;
    this.process = process;
    this.#door = door;
  }

  get memory(): UserMemory {
    return this.#door.memory;
  }

  installFd(fd: number, cloexec: boolean): number {
    return this.#door.installFd(fd, cloexec);
  }

  takeFd(fd: number): number {
    return reopenFd(this.tid, fd);
  }

  sleep(queue: WaitQueue): typeof WOULD_BLOCK {
    this.sleepsOn = queue;
    return WOULD_BLOCK;
  }

  get asleep(): boolean {
    return this.sleepsOn !== undefined && this.#door.stillWaits(this);
  }
}

export class Threads {
  readonly processes = new Map<number, Process>();
  /** Changes whenever `processes` does. */
  version = 0;
  readonly #threads = new Map<number, Thread>();
  readonly #door: ThreadDoor;

  constructor(door: ThreadDoor) {
    this.#door = door;
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
    const thread = new Thread(tid, process, this.#door);
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
    process.closeMemory();
    const gone = [...this.#threads.values()].filter((thread) => thread.process === process);
    for (const thread of gone) this.#threads.delete(thread.tid);
    return gone;
  }
}
