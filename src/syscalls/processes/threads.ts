/**
 * The threads and processes that use a device. Others never get here: a call that is not for us is let go by
 * without asking whose it is.
 */
import { EMFILE, ENFILE, Errno } from '../../base/errno.ts';
import type { WaitQueue } from '../../base/wait-queue.ts';
import { ARCH } from '../../linux/arch.ts';
import { O_CLOEXEC } from '../../linux/constants.ts';
import { close, errno, open, syscall } from '../../linux/libc.ts';
import { reopenFd, tgidOf, threadsOf } from '../../linux/proc-fs.ts';
import type { Caller, UserMemory } from '../../vfs/file.ts';
import { WOULD_BLOCK } from '../../vfs/file.ts';
import type { OpenFile } from '../files/open-file.ts';
import type { KeptAnswer } from '../files/undelivered.ts';
import type { Call } from '../wire/call.ts';
import { LetGo } from './let-go.ts';
import type { AddressSpace } from './pinned-memory.ts';

/** How long a thread id is trusted to mean the same thread before the kernel is asked again. */
const TRUST_NS = 100e6;

/** A call that looks at what `fd` is. */
interface Use {
  readonly fd: number;
  readonly call: LetGo;
}

/** A call that makes `fd` mean something else. */
interface Change extends Use {
  /** True while the number is what it was before. */
  readonly isToCome: () => boolean;
}

const isUnderWay = ({ call, isToCome }: Change): boolean => isToCome() && !call.isOver();

const NOT_OPEN = -1;
const NOT_READABLE = -2;

/** What {@link pinMemory} may rely on. */
class Space implements AddressSpace {
  readonly tgid: number;
  readonly #pidfd: number;
  #left = false;

  constructor(tgid: number, pidfd: number) {
    this.tgid = tgid;
    this.#pidfd = pidfd;
  }

  leave(): void {
    this.#left = true;
  }

  /** Asks the kernel as well: that a process has ended is heard later than it happens. */
  isCurrent(): boolean {
    return !this.#left && syscall(ARCH.nr.pidfd_send_signal as number, this.#pidfd, 0, 0, 0, 0, 0) === 0;
  }
}

/** What is known of tables of descriptors: nearly always each process has one, and no process has that of another. */
interface Tables {
  /** Some process has the table of another, or threads have their own: nobody knows which. */
  areShared: boolean;
}

/** A process that has, or had, a device open. Its end is told by {@link Process.pidfd}. */
export class Process {
  readonly tgid: number;
  readonly pidfd: number;
  /** What the descriptors of the reserved range are, as far as they were asked for. */
  readonly #fds = new Map<number, OpenFile>();
  /** Calls that change what a number is. */
  #changes: Change[] = [];
  /** Calls by which the kernel looks at what a number is, and must not find memory there. */
  #using: Use[] = [];
  #memFd = NOT_OPEN;
  /** The thread that executes another program: until it is heard of again address space and descriptors may change. */
  #executing = 0;
  /** What it has now; another object after each exec. */
  #space: Space;
  /** True if the process has made a call that told us of it: others were found by looking. */
  isHeard = false;
  readonly #tables: Tables;
  #hasTables = false;

  constructor(tgid: number, pidfd: number, tables: Tables) {
    this.tgid = tgid;
    this.pidfd = pidfd;
    this.#tables = tables;
    this.#space = new Space(tgid, pidfd);
  }

  /** Its address space, undefined while that may be another at any moment. */
  addressSpace(): AddressSpace | undefined {
    return this.#executing === 0 ? this.#space : undefined;
  }

  /** It has ended: its number may soon be that of another process. */
  ended(): void {
    this.#space.leave();
    this.closeMemory();
  }

  /** A descriptor of the memory of this process; -1 if there is none to be had. */
  memFd(): number {
    if (this.#memFd >= 0 || this.#memFd === NOT_READABLE) return this.#memFd;
    if (this.#executing !== 0) return -1;
    this.#memFd = open(`/proc/${this.tgid}/mem`, O_CLOEXEC);
    if (this.#memFd >= 0) return this.#memFd;
    if (errno() !== EMFILE && errno() !== ENFILE) this.#memFd = NOT_READABLE;
    return -1;
  }

  /** Thread `tid` is about to execute another program, in an address space of its own. */
  executes(tid: number): void {
    this.#fds.clear();
    this.closeMemory();
    this.#executing = tid;
    this.#space.leave();
    this.#space = new Space(this.tgid, this.pidfd);
  }

  get isExecuting(): boolean {
    return this.#executing !== 0;
  }

  closeMemory(): void {
    if (this.#memFd >= 0) close(this.#memFd);
    this.#memFd = NOT_OPEN;
  }

  /** What a number is may be another thing for each of its threads, or be changed by another process. */
  get isSplit(): boolean {
    return this.#hasTables || this.#tables.areShared;
  }

  /** A thread of it is about to have a table of descriptors of its own. */
  split(): void {
    this.#hasTables = true;
  }

  /** Threads that have all of its tables of descriptors between them. */
  tables(): readonly number[] {
    return this.isSplit ? threadsOf(this.tgid) : [this.tgid];
  }

  /** What `fd` is if that need not be asked. */
  known(fd: number): OpenFile | undefined {
    return this.isSplit ? undefined : this.#fds.get(fd);
  }

  /**
   * Remembers what `fd` was seen to be. False if that may change and nobody tells, or a call was changing it: whether it is
   * over by now does not matter, it may not have been when we looked.
   */
  remember(fd: number, openFile: OpenFile): boolean {
    if (this.isSplit || this.#executing !== 0 || this.#changes.some((change) => change.fd === fd))
      return false;
    this.#fds.set(fd, openFile);
    return true;
  }

  /** What `fd` is has to be asked. */
  unknown(fd: number): void {
    this.#fds.delete(fd);
  }

  /** `call` changes `fd`, and the kernel carries it out; `isToCome` as long as the number is what it was. */
  changes(fd: number, { tid, nr }: Call, isToCome: () => boolean): void {
    this.#fds.delete(fd);
    // A thread that ends after it does not come here again.
    this.isChanging(fd);
    this.#changes.push({ fd, call: new LetGo(tid, String(nr)), isToCome });
  }

  /** `call` uses what `fd` is now, and the kernel carries it out. */
  uses(fd: number, { tid, nr }: Call): void {
    this.isUsed(fd, tid);
    this.#using.push({ fd, call: new LetGo(tid, String(nr)) });
  }

  /** True while a call of another thread than `tid` that uses `fd` may still be under way. */
  isUsed(fd: number, tid: number): boolean {
    this.#using = this.#using.filter(({ call }) => !call.isOver());
    return this.#using.some((use) => use.fd === fd && use.call.tid !== tid);
  }

  /** True while a call that changes `fd` may still be under way. */
  isChanging(fd: number): boolean {
    if (this.#changes.length === 0) return false;
    this.#changes = this.#changes.filter((change) => change.fd !== fd || isUnderWay(change));
    return this.#changes.some((change) => change.fd === fd);
  }

  /**
   * Thread `tid` is here again: the call that it made before is over. True if another program is executed now, or could
   * not be. (Whichever thread executes it goes on as the first one.)
   */
  returned(tid: number): boolean {
    if (this.#changes.length > 0) this.#changes = this.#changes.filter(({ call }) => call.tid !== tid);
    if (this.#using.length > 0) this.#using = this.#using.filter(({ call }) => call.tid !== tid);
    if (this.#executing === 0 || (this.#executing !== tid && this.#exists(this.#executing))) return false;
    this.#executing = 0;
    this.#changes = [];
    return true;
  }

  /** The open file has another face, or is gone for good. */
  forget(openFile: OpenFile): void {
    for (const [fd, known] of this.#fds) if (known === openFile) this.#fds.delete(fd);
  }

  #exists(tid: number): boolean {
    return syscall(ARCH.nr.tgkill as number, this.tgid, tid, 0, 0, 0, 0) === 0;
  }
}

/** What a thread needs of the door while it is the caller. */
export interface ThreadDoor {
  readonly memory: UserMemory;
  /** Puts a descriptor of ours into the process that makes `call`. */
  readonly installFd: (call: Call, fd: number, cloexec: boolean) => number;
  /** The end of `process` is to be told from now on. */
  readonly awaitEnd: (process: Process) => void;
  /** True while the call that the thread sleeps in is not interrupted. */
  readonly stillWaits: (thread: Thread) => boolean;
  /** What is to be done when the call has been answered. */
  readonly afterwards: (work: () => boolean) => void;
}

/** A thread as the caller of operations. */
export class Thread implements Caller {
  readonly tid: number;
  readonly process: Process;
  readonly #door: ThreadDoor;
  /** The call that it is in. */
  call: Call;
  /** The queue it sleeps on, while it does. */
  sleepsOn: WaitQueue | undefined = undefined;
  /** To be told if that sleep ends otherwise than by the queue. */
  ifInterrupted: (() => number | undefined) | undefined = undefined;
  /** An answer that did not reach it. */
  undelivered: KeptAnswer | undefined = undefined;
  trustedUntil = 0;

  constructor(call: Call, process: Process, door: ThreadDoor) {
    this.tid = call.tid;
    this.call = call;
    this.process = process;
    this.#door = door;
  }

  get memory(): UserMemory {
    return this.#door.memory;
  }

  installFd(fd: number, cloexec: boolean): number {
    return this.#door.installFd(this.call, fd, cloexec);
  }

  takeFd(fd: number): number {
    return reopenFd(this.tid, fd);
  }

  sleep(queue: WaitQueue, interrupted?: () => number | undefined): typeof WOULD_BLOCK {
    this.sleepsOn = queue;
    this.ifInterrupted = interrupted;
    return WOULD_BLOCK;
  }

  afterwards(work: () => boolean): void {
    this.#door.afterwards(work);
  }

  get asleep(): boolean {
    return this.sleepsOn !== undefined && this.#door.stillWaits(this);
  }
}

export class Threads {
  readonly processes = new Map<number, Process>();
  readonly #threads = new Map<number, Thread>();
  readonly #tables: Tables = { areShared: false };
  readonly #door: ThreadDoor;
  readonly #gone: (thread: Thread) => void;

  /** `gone` is told of threads that have ended and are forgotten. */
  constructor(door: ThreadDoor, gone: (thread: Thread) => void) {
    this.#door = door;
    this.#gone = gone;
  }

  /** The calling thread if it is known to use a device. */
  find(call: Call): Thread | undefined {
    const thread = this.#threads.get(call.tid);
    if (thread === undefined || call.time < thread.trustedUntil) return thread;
    if (syscall(ARCH.nr.tgkill as number, thread.process.tgid, thread.tid, 0, 0, 0, 0) === 0) {
      thread.trustedUntil = call.time + TRUST_NS;
      return thread;
    }
    this.forget(thread);
    return undefined;
  }

  /** The calling thread, known from now on; undefined if it is gone. Throws ENFILE if we are out of descriptors. */
  get(call: Call): Thread | undefined {
    const known = this.find(call);
    if (known !== undefined) return known;
    const tgid = tgidOf(call.tid);
    const process = tgid === undefined ? undefined : this.process(tgid);
    if (process === undefined) return undefined;
    process.isHeard = true;
    const thread = new Thread(call, process, this.#door);
    thread.trustedUntil = call.time + TRUST_NS;
    this.#threads.set(call.tid, thread);
    return thread;
  }

  /** The process that makes `call`, if it is known; a thread of it that was never seen is looked up. */
  processOf(call: Call): Process | undefined {
    const known = this.find(call)?.process ?? this.processes.get(call.tid);
    if (known !== undefined || this.processes.size === 0) return known;
    const tgid = tgidOf(call.tid);
    return tgid === undefined ? undefined : this.processes.get(tgid);
  }

  /** The process `tgid`, watched from now on; undefined if it is gone. Throws ENFILE if we are out of descriptors. */
  process(tgid: number): Process | undefined {
    const known = this.processes.get(tgid);
    if (known !== undefined) return known;
    const pidfd = syscall(ARCH.nr.pidfd_open as number, tgid, 0, 0, 0, 0, 0);
    if (pidfd < 0) {
      if (errno() === EMFILE || errno() === ENFILE)
        throw new Errno(ENFILE, 'usercam has no descriptor to spare');
      return undefined;
    }
    const process = new Process(tgid, pidfd, this.#tables);
    this.processes.set(tgid, process);
    this.#door.awaitEnd(process);
    return process;
  }

  /** The caller is about to share its table of descriptors with another process, or to make a thread that does not have it. */
  shareTables(): void {
    this.#tables.areShared = true;
  }

  /** Threads that have all tables of descriptors of process `pid` between them. */
  tablesOf(pid: number): readonly number[] {
    return this.processes.get(pid)?.tables() ?? (this.#tables.areShared ? threadsOf(pid) : [pid]);
  }

  /** The process has ended, with all its threads. */
  ended(process: Process): void {
    this.processes.delete(process.tgid);
    close(process.pidfd);
    process.ended();
    for (const thread of [...this.#threads.values()]) if (thread.process === process) this.forget(thread);
  }

  /** The thread has ended. */
  forget(thread: Thread): void {
    if (this.#threads.get(thread.tid) === thread) this.#threads.delete(thread.tid);
    this.#gone(thread);
  }
}
