/**
 * The syscall door: one loop on one thread that serves every trapped call of every program, fires the timers
 * of the drivers and wakes who sleeps. Each call is handled to completion before the next one is looked at, so
 * nothing behind the door needs a lock.
 */
import { describeThrown } from '../base/bug.ts';
import { EBUSY, EFAULT, EMFILE, Errno } from '../base/errno.ts';
import { type Clock, Timer } from '../base/timers.ts';
import { O_CLOEXEC, POLLHUP, POLLIN } from '../linux/constants.ts';
import { errno } from '../linux/libc.ts';
import { fileSystemUid } from '../linux/proc-fs.ts';
import { keepSpare } from '../linux/spare-descriptor.ts';
import type { DeviceTable } from '../vfs/device-table.ts';
import { callHandlers } from './calls/call-table.ts';
import type { Context } from './calls/context.ts';
import { giveFd } from './calls/give-fd.ts';
import { Operations } from './calls/operations.ts';
import { Faces } from './files/faces.ts';
import { FileIds } from './files/file-ids.ts';
import { MappingEnds } from './files/mapping-ends.ts';
import { OpenFiles } from './files/open-files.ts';
import { Directories } from './names/directories.ts';
import { Paths } from './names/paths.ts';
import type { ShadowTree } from './names/shadow-tree.ts';
import { StandIns } from './names/stand-ins.ts';
import { WrittenAttributes } from './names/written-attributes.ts';
import { PollList } from './poll-list.ts';
import { Current } from './processes/current.ts';
import { LoweredLimits } from './processes/lowered-limits.ts';
import { ProcessMemory } from './processes/process-memory.ts';
import { type Process, Threads } from './processes/threads.ts';
import { DevEvents } from './watches/dev-events.ts';
import { InotifyInstances } from './watches/inotify-instances.ts';
import { NodeEvents } from './watches/node-events.ts';
import { UeventSockets } from './watches/uevent-sockets.ts';
import { AGAIN, type Answer, Call, CONTINUE, type GiveFd, type Handler } from './wire/call.ts';
import type { FdRange } from './wire/filter.ts';
import { Notifications } from './wire/notifications.ts';

export interface DoorConfig {
  /** The seccomp listener. */
  readonly listener: number;
  /** How the filter was installed, see `install.ts`. */
  readonly killable: boolean;
  /** The numbers that descriptors of ours get. */
  readonly range: FdRange;
  readonly devices: DeviceTable;
  readonly tree: ShadowTree;
  readonly clock: Clock;
  /** Where reports of our own bugs go. */
  readonly report: (message: string) => void;
}

/** How soon a call is made again that waits for another thread to leave the kernel: first, and at most. */
const FIRST_AGAIN_NS = 50e3;
const LAST_AGAIN_NS = 2e6;

export class Door {
  readonly #context: Context;
  readonly #operations: Operations;
  readonly #handlers: readonly (Handler | undefined)[];
  readonly #config: DoorConfig;
  readonly #poll: PollList;
  readonly #forbiddenUsers = new Set<number>();
  /** The call that comes next; one that is kept is replaced. */
  #call = new Call();
  readonly #spare: Call[] = [];
  /** What is left to be done for calls that were answered: `Caller.afterwards`. */
  readonly #afterwards: (() => boolean)[] = [];
  /** Calls that are to be made again. */
  #again: Call[] = [];
  #againAfter = FIRST_AGAIN_NS;
  /** Somebody has asked {@link run} to return. */
  #isLeaving = false;
  readonly #againTimer = new Timer(() => this.#serveAgain());

  constructor(config: DoorConfig) {
    this.#config = config;
    keepSpare();
    this.#poll = new PollList(config.listener, config.clock);
    this.#context = this.#makeContext();
    this.#operations = new Operations(this.#context, config.killable, {
      answer: (call, answer) => {
        this.#answer(call, answer);
        this.#spare.push(call);
      },
      report: config.report,
    });
    this.#handlers = callHandlers(this.#context, this.#operations);
  }

  #makeContext(): Context {
    const { listener, killable, range, clock, tree, devices } = this.#config;
    const notifications = new Notifications(listener, killable);
    // A caller that only a deadly signal can take away is there, or its memory is of no use to anybody.
    const memory = new ProcessMemory(
      (call) => killable || notifications.isValid(call),
      (call) => this.#noticeForbidden(call),
    );
    const threads = new Threads(
      {
        memory,
        installFd: (call, fd, cloexec) => {
          const installed = notifications.installFd(call, fd, cloexec ? O_CLOEXEC : 0);
          if (installed < 0) throw new Errno(EMFILE, 'the program has no room for another descriptor');
          return installed;
        },
        awaitEnd: (process) => this.#poll.add(process.pidfd, () => this.#ended(process)),
        stillWaits: (thread) => this.#operations.stillWaits(thread),
        afterwards: (work) => {
          if (!this.#afterwards.includes(work)) this.#afterwards.push(work);
        },
      },
      (thread) => this.#operations.ended(thread),
    );
    const ids = new FileIds();
    const faces = new Faces(notifications, ids);
    const events = new NodeEvents(tree);
    const files = new OpenFiles(clock, threads, ids, faces, range, {
      released: (openFile) => events.closed(openFile),
      awaitEnd: (far) => this.#poll.addConnection(far, () => files.noticeEnds()),
    });
    return {
      clock,
      range,
      notifications,
      memory,
      threads,
      current: new Current(),
      files,
      faces,
      mappingEnds: new MappingEnds((inotify, look) => this.#poll.add(inotify, look)),
      paths: new Paths(tree, devices),
      directories: new Directories(),
      standIns: new StandIns(devices),
      attributes: new WrittenAttributes(),
      lowered: new LoweredLimits(range.last + 1),
      events,
      devEvents: new DevEvents(
        tree.root,
        (name) => tree.additions.get('/dev')?.some((addition) => addition.name === name) ?? false,
        (inotify, look) => this.#poll.add(inotify, look),
      ),
      instances: new InotifyInstances(clock),
      uevents: new UeventSockets(clock, devices, (socket, look) => this.#poll.add(socket, look)),
      isPutOff: (process) => this.#again.some((call) => threads.find(call)?.process === process),
    };
  }

  /** A program of another user may have to do without: that is said once for each user. */
  #noticeForbidden({ tid }: Call): void {
    const uid = fileSystemUid(tid);
    if (uid === process.getuid?.() || uid < 0 || this.#forbiddenUsers.has(uid)) return;
    this.#forbiddenUsers.add(uid);
    this.#config.report(
      `a program runs as user ${uid}, whose memory usercam may not read, and gets no camera; start usercam as that user, or with CAP_SYS_PTRACE`,
    );
  }

  /** Open files of all programs, for those who look for leaks. */
  get openFiles(): number {
    return this.#context.files.size;
  }

  /** From now on `look`, which must read what is there, is called inside {@link run} while `fd` is readable. */
  attend(fd: number, look: () => void): void {
    this.#poll.add(fd, look);
  }

  /** {@link run} returns as soon as what it is at is done. */
  leave(): void {
    this.#isLeaving = true;
  }

  /**
   * Serves until there is something for the caller: `ended` when no process is left that could call, `turn` when
   * `patience` nanoseconds are over, as the runtime needs a moment now and then, or after {@link leave}. The caller
   * calls again.
   */
  run(patience: number): 'turn' | 'ended' {
    const { clock, files } = this.#context;
    let now = clock.now();
    const until = now + patience;
    this.#isLeaving = false;
    for (;;) {
      if (clock.timers.next() <= now) {
        clock.timers.run(now);
        // A driver may have painted a whole frame.
        now = clock.now();
      }
      this.#operations.runWoken();
      files.updates.refreshAll();
      this.#operations.settleSleepers();
      if (now >= until) return 'turn';
      const events = this.#poll.wait(
        this.#afterwards.length > 0 ? now : Math.min(clock.timers.next(), until),
      );
      now = clock.now();
      // Ends come before calls: who asks for a camera right after its user died must find it free.
      if (this.#poll.hasOthers) this.#poll.callBack();
      if (events & POLLIN) this.#serveNext(now);
      else if (events & POLLHUP) return 'ended';
      this.#doAfterwards();
      if (this.#isLeaving) return 'turn';
    }
  }

  #ended(process: Process): void {
    const { threads, files, directories, faces, uevents } = this.#context;
    this.#poll.remove(process.pidfd);
    threads.ended(process);
    faces.drop(process);
    directories.drop(process);
    files.ended(process);
    uevents.mayEnd();
  }

  #serveNext(now: number): void {
    const call = this.#call;
    if (!this.#context.notifications.receive(call)) return;
    call.time = now;
    this.#serve(call);
  }

  #serve(call: Call): void {
    const { threads, files, faces, current, uevents } = this.#context;
    let answer: Answer | Errno;
    current.begin(call);
    try {
      const process = threads.find(call)?.process ?? threads.processes.get(call.tid);
      if (process !== undefined) {
        if (process.returned(call.tid)) {
          files.executed(process);
          uevents.mayEnd();
        }
        if (faces.some) faces.putBack(call, process);
      }
      answer = this.#handlers[call.nr]?.serve(call) ?? CONTINUE;
    } catch (error) {
      answer = error instanceof Errno ? error : this.#bug(call, error);
    }
    this.#answer(call, answer);
    current.end();
  }

  /** A piece of what is left to be done. */
  #doAfterwards(): void {
    const work = this.#afterwards.shift();
    if (work?.() === true) this.#afterwards.push(work);
  }

  #bug({ nr }: Call, error: unknown): Errno {
    this.#config.report(`bug: system call ${nr}: ${describeThrown(error)}`);
    return new Errno(EFAULT);
  }

  /** The one place where answers are sent. */
  #answer(call: Call, answer: Answer | Errno): void {
    const { notifications } = this.#context;
    notifications.wakesHere = this.#afterwards.length === 0 && !this.#operations.hasWoken;
    if (typeof answer === 'number') {
      if (!notifications.succeed(call, answer)) this.#handlers[call.nr]?.lost?.(call, answer);
    } else if (answer instanceof Errno) notifications.fail(call, answer.code);
    else if (answer.kind === 'continue') notifications.continue(call);
    else if (answer.kind === 'descriptor') this.#give(call, answer);
    else {
      if (answer.kind === 'again') this.#makeAgain(call);
      if (call === this.#call) this.#call = this.#spare.pop() ?? new Call();
    }
  }

  #give(call: Call, give: GiveFd): void {
    const fd = giveFd(this.#context, call, give);
    if (fd >= 0) {
      give.given?.(fd);
      return;
    }
    const code = errno();
    give.refused?.();
    // The number was free, and another thread is about to fill it.
    if (code === EBUSY) this.#answer(call, AGAIN);
    else this.#context.notifications.fail(call, EMFILE);
  }

  #makeAgain(call: Call): void {
    const { clock } = this.#context;
    this.#again.push(call);
    clock.timers.armBy(this.#againTimer, clock.now() + this.#againAfter);
  }

  #serveAgain(): void {
    const calls = this.#again;
    this.#again = [];
    this.#againAfter = Math.min(2 * this.#againAfter, LAST_AGAIN_NS);
    for (const call of calls) {
      if (!this.#context.notifications.isValid(call)) continue;
      call.time = this.#context.clock.now();
      this.#serve(call);
    }
    if (this.#again.length < calls.length) this.#againAfter = FIRST_AGAIN_NS;
  }
}
