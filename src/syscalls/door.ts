/**
 * The syscall door: one loop on one thread that serves every trapped call of every program, fires the timers
 * of the drivers and wakes who sleeps. Each call is handled to completion before the next one is looked at, so
 * nothing behind the door needs a lock.
 */
import { EFAULT, Errno } from '../base/errno.ts';
import type { Clock } from '../base/timers.ts';
import { O_CLOEXEC, POLLHUP, POLLIN } from '../linux/constants.ts';
import { ppoll } from '../linux/libc.ts';
import { allocateNative, type NativeMemory } from '../linux/native-memory.ts';
import type { CharDevice } from '../vfs/file.ts';
import { ARCH, type CallName } from './arch.ts';
import type { Context } from './context.ts';
import * as descriptors from './descriptor-calls.ts';
import { Directories } from './directories.ts';
import { SOCKET_CALLS } from './filter.ts';
import { Notifications } from './notifications.ts';
import { OpenFiles } from './open-files.ts';
import { Operations } from './operations.ts';
import { attributeHandlers, nameHandlers, pathHandlers } from './path-table.ts';
import { Paths } from './paths.ts';
import { ProcessMemory } from './process-memory.ts';
import type { ShadowTree } from './shadow-tree.ts';
import { StandIns } from './stand-ins.ts';
import { Swaps } from './swaps.ts';
import { type Process, Threads } from './threads.ts';
import * as waits from './wait-calls.ts';

export interface DoorConfig {
  /** The seccomp listener. */
  readonly listener: number;
  /** How the filter was installed, see `install.ts`. */
  readonly killable: boolean;
  /** A descriptor that becomes readable when {@link Door.run} should return to its caller. */
  readonly wakeUp: number;
  readonly devices: readonly CharDevice[];
  readonly tree: ShadowTree;
  readonly clock: Clock;
  /** Where reports of our own bugs go. */
  readonly report: (message: string) => void;
}

type Handler = () => void;

const POLLFD = 8;
const TIMESPEC = 0;
const POLLFDS = 16;
const FIXED_FDS = 2;
/** The loop returns this often, so that the runtime can collect and finalize what is no longer used. */
const TURN_NS = 500e6;

export class Door {
  readonly #context: Context;
  readonly #operations: Operations;
  readonly #handlers: (Handler | undefined)[] = [];
  readonly #config: DoorConfig;
  #poll: NativeMemory = allocateNative(65536);
  #watched: Process[] = [];
  #watchedVersion = -1;

  constructor(config: DoorConfig) {
    this.#config = config;
    const { clock } = config;
    const notifications = new Notifications(config.listener);
    // A caller that only a deadly signal can take away is there, or its memory is of no use to anybody.
    const memory = new ProcessMemory(() => config.killable || notifications.isValid());
    const threads = new Threads({
      memory,
      installFd: (fd, cloexec) => notifications.installFd(fd, cloexec ? O_CLOEXEC : 0),
      stillWaits: (thread) => this.#operations.stillWaits(thread),
    });
    this.#context = {
      clock,
      now: clock.now(),
      notifications,
      memory,
      threads,
      files: new OpenFiles(clock, threads),
      paths: new Paths(config.tree, config.devices),
      directories: new Directories(),
      standIns: new StandIns(),
      swaps: new Swaps(clock, notifications),
    };
    this.#operations = new Operations(this.#context, config.killable, config.report);
    this.#fillHandlers();
  }

  /** Open files of all programs, for those who look for leaks. */
  get openFiles(): number {
    return this.#context.files.size;
  }

  /**
   * Serves until there is something for the caller: `ended` when no process is left that could call, `turn`
   * when the runtime needs a moment or the wake-up descriptor is readable. The caller calls again.
   */
  run(): 'turn' | 'ended' {
    const { clock, files } = this.#context;
    let now = clock.now();
    const until = now + TURN_NS;
    for (;;) {
      if (clock.timers.next() <= now) {
        clock.timers.run(now);
        // A driver may have painted a whole frame.
        now = clock.now();
      }
      this.#operations.runWoken();
      files.refreshFaces();
      if (now >= until) return 'turn';
      const listener = this.#wait(Math.min(clock.timers.next(), until) - now);
      now = clock.now();
      this.#context.now = now;
      this.#noticeEnds();
      if (listener & POLLIN) this.#serve();
      else if (listener & POLLHUP) return 'ended';
      if (this.#pollEvents(1) !== 0) return 'turn';
    }
  }

  /** Waits `timeout` nanoseconds for a call, an end of a process or a wake-up; gives the events of the listener. */
  #wait(timeout: number): number {
    const { view, address } = this.#poll;
    this.#watchProcesses();
    const seconds = timeout > 0 ? Math.floor(timeout / 1e9) : 0;
    view.setUint32(TIMESPEC, seconds, true);
    view.setUint32(TIMESPEC + 8, timeout > 0 ? timeout - seconds * 1e9 : 0, true);
    const count = FIXED_FDS + this.#watched.length;
    if (ppoll(address + POLLFDS, count, address + TIMESPEC, 0) > 0) return this.#pollEvents(0);
    for (let i = 0; i < count; i++) view.setUint16(POLLFDS + i * POLLFD + 6, 0, true);
    return 0;
  }

  /** Ends of processes come before calls: who asks for a camera right after its user died must find it free. */
  #noticeEnds(): void {
    for (let i = 0; i < this.#watched.length; i++) {
      if (this.#pollEvents(FIXED_FDS + i) !== 0) this.#processEnded(this.#watched[i] as Process);
    }
  }

  #pollEvents(index: number): number {
    return this.#poll.view.getUint16(POLLFDS + index * POLLFD + 6, true);
  }

  #watchProcesses(): void {
    const { threads } = this.#context;
    if (threads.version === this.#watchedVersion) return;
    this.#watchedVersion = threads.version;
    this.#watched = [...threads.processes.values()];
    const fds = [this.#config.listener, this.#config.wakeUp, ...this.#watched.map(({ pidfd }) => pidfd)];
    const size = POLLFDS + fds.length * POLLFD;
    if (size > this.#poll.bytes.length) {
      this.#poll.unmap();
      this.#poll = allocateNative(2 * size);
    }
    fds.forEach((fd, i) => {
      this.#poll.view.setInt32(POLLFDS + i * POLLFD, fd, true);
      this.#poll.view.setUint32(POLLFDS + i * POLLFD + 4, POLLIN, true);
    });
  }

  #processEnded(process: Process): void {
    const { threads, files, directories, swaps } = this.#context;
    for (const thread of threads.ended(process)) this.#operations.ended(thread);
    swaps.drop(process);
    directories.drop(process);
    files.ended(process);
  }

  #serve(): void {
    const { notifications, swaps, threads } = this.#context;
    if (!notifications.receive()) return;
    if (swaps.some)
      swaps.restore(notifications.tid, threads.find(notifications.tid, this.#context.now)?.process);
    const handler = this.#handlers[notifications.nr];
    try {
      if (handler === undefined) notifications.continue();
      else handler();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    const { notifications } = this.#context;
    if (error instanceof Errno) {
      notifications.fail(error.code);
      return;
    }
    this.#config.report(`bug: system call ${notifications.nr}: ${(error as Error).stack ?? error}`);
    notifications.fail(EFAULT);
  }

  #fillHandlers(): void {
    const c = this.#context;
    const paths = { ...pathHandlers(c), ...attributeHandlers(c), ...nameHandlers(c) };
    const sockets = Object.fromEntries(SOCKET_CALLS.map((name) => [name, () => descriptors.socketCall(c)]));
    const handlers = { ...paths, ...this.#descriptorHandlers(), ...sockets };
    for (const [name, handler] of Object.entries(handlers)) {
      const nr = ARCH.nr[name as CallName];
      if (nr !== undefined) this.#handlers[nr] = handler;
    }
  }

  #descriptorHandlers(): Partial<Record<CallName, Handler>> {
    const c = this.#context;
    const n = c.notifications;
    const operations = this.#operations;
    return {
      ioctl: () => operations.begin('ioctl', n.argUint(1), n.arg(2)),
      read: () => operations.begin('read', n.arg(1), n.arg(2)),
      pread64: () => operations.begin('read', n.arg(1), n.arg(2)),
      pwrite64: () => operations.begin('write', n.arg(1), n.arg(2)),
      readv: () => operations.beginVector('read'),
      writev: () => operations.beginVector('write'),
      write: () => operations.begin('write', n.arg(1), n.arg(2)),
      mmap: () => descriptors.mmap(c),
      close: () => descriptors.close(c),
      close_range: () => descriptors.closeRange(c),
      dup: () => descriptors.dup(c),
      dup2: () => descriptors.dup2(c),
      dup3: () => descriptors.dup2(c),
      fcntl: () => descriptors.fcntl(c),
      epoll_ctl: () => waits.epollCtl(c),
      select: () => waits.select(c),
      pselect6: () => waits.select(c),
      getdents64: () => descriptors.getdents(c),
    };
  }
}
