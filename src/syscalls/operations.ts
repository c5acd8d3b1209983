/**
 * The calls that a driver serves: ioctl, read and write on an open file. A call that would block is simply not
 * answered yet; it is tried again when the queue it sleeps on wakes.
 */

import { EBADF, EBUSY, EIO, ERESTARTSYS, Errno } from '../base/errno.ts';
import type { WaitQueue } from '../base/wait-queue.ts';
import { WOULD_BLOCK } from '../vfs/file.ts';
import { type Context, fileOfArg } from './context.ts';
import type { NotificationId } from './notifications.ts';
import type { OpenFile } from './open-file.ts';
import { SignalWatch } from './signal-watch.ts';
import type { Thread } from './threads.ts';
import { isSameCall, keepAnswer } from './undelivered.ts';

const IOVEC_SIZE = 16;

type Kind = 'ioctl' | 'read' | 'write';

/** A thread asleep in a call. One for each thread that ever slept, used again for the next sleep. */
class Sleep {
  readonly thread: Thread;
  readonly id: NotificationId = { low: 0, high: 0 };
  openFile: OpenFile;
  kind: Kind = 'ioctl';
  first = 0;
  second = 0;
  queue: WaitQueue | undefined = undefined;
  readonly wake: () => void;

  constructor(thread: Thread, openFile: OpenFile, woken: Sleep[]) {
    this.thread = thread;
    this.openFile = openFile;
    this.wake = () => {
      if (this.thread.sleepsOn !== undefined && !woken.includes(this)) woken.push(this);
    };
  }
}

export class Operations {
  readonly #context: Context;
  readonly #sleeps = new Map<Thread, Sleep>();
  readonly #woken: Sleep[] = [];
  readonly #report: (message: string) => void;
  readonly #signals: SignalWatch | undefined;

  constructor(context: Context, killable: boolean, report: (message: string) => void) {
    this.#context = context;
    this.#report = report;
    this.#signals = killable
      ? new SignalWatch(context.clock, (thread) => this.#interrupt(thread))
      : undefined;
  }

  /** A trapped ioctl, read or write; `first` and `second` are its arguments behind the descriptor. */
  begin(kind: Kind, first: number, second: number): void {
    const { notifications, memory } = this.#context;
    const found = fileOfArg(this.#context, 0);
    if (found === undefined) {
      notifications.continue();
      return;
    }
    const { thread, openFile } = found;
    this.interrupted(thread);
    memory.attach(thread.tid, thread.process.memFd(thread.tid));
    if (thread.undelivered !== undefined && this.#deliverAgain(thread, openFile, first, second)) return;
    let result = this.#carryOut(kind, openFile, first, second, thread);
    // Nobody is told that a device is taken before it is certain that its user is still there.
    if (result instanceof Errno && result.code === EBUSY && this.#context.files.settle()) {
      memory.attach(thread.tid, thread.process.memFd(thread.tid));
      result = this.#carryOut(kind, openFile, first, second, thread);
    }
    if (result === WOULD_BLOCK) this.#sleep(kind, openFile, first, second, thread);
    else this.#answer(kind, openFile, first, second, thread, result);
  }

  /** A trapped readv or writev: its first piece that has a length. To move less than asked is always allowed. */
  beginVector(kind: 'read' | 'write'): void {
    const { notifications, memory } = this.#context;
    const entry = new Uint8Array(IOVEC_SIZE);
    const view = new DataView(entry.buffer);
    memory.attach(notifications.tid);
    for (let i = 0; i < notifications.argInt(2); i++) {
      memory.read(notifications.arg(1) + i * IOVEC_SIZE, entry);
      const length = view.getUint32(8, true);
      if (length === 0) continue;
      const address = view.getUint32(0, true) + view.getUint32(4, true) * 0x1_0000_0000;
      this.begin(kind, address, length);
      return;
    }
    notifications.continue();
  }

  /** Tries the calls again whose queues have woken. */
  runWoken(): void {
    const { notifications, memory } = this.#context;
    for (let sleep = this.#woken.shift(); sleep !== undefined; sleep = this.#woken.shift()) {
      const { thread, openFile, kind, first, second } = sleep;
      if (thread.sleepsOn === undefined) continue;
      notifications.restoreId(sleep.id);
      if (!notifications.isValid()) {
        this.interrupted(thread);
        continue;
      }
      memory.attach(thread.tid, thread.process.memFd(thread.tid));
      const result = this.#carryOut(kind, openFile, first, second, thread);
      if (result === WOULD_BLOCK) continue;
      this.#answer(kind, openFile, first, second, thread, result);
      this.interrupted(thread);
    }
  }

  /** The thread is not asleep (any more): it was answered, signalled, or makes another call. */
  interrupted(thread: Thread): void {
    if (thread.sleepsOn === undefined) return;
    thread.sleepsOn = undefined;
    this.#signals?.remove(thread);
    const sleep = this.#sleeps.get(thread);
    if (sleep !== undefined) this.#context.files.awake(sleep.openFile);
  }

  /** The thread has ended. */
  ended(thread: Thread): void {
    const sleep = this.#sleeps.get(thread);
    this.interrupted(thread);
    thread.undelivered = undefined;
    sleep?.queue?.remove(sleep.wake);
    this.#sleeps.delete(thread);
  }

  /** True while the call that `thread` sleeps in has not been interrupted. */
  stillWaits(thread: Thread): boolean {
    const sleep = this.#sleeps.get(thread);
    return sleep !== undefined && this.#context.notifications.isIdValid(sleep.id);
  }

  /** A signal waits for a sleeping thread: the kernel shall handle it and restart the call, or end it with EINTR. */
  #interrupt(thread: Thread): void {
    const sleep = this.#sleeps.get(thread);
    if (sleep === undefined) return;
    this.#context.notifications.restoreId(sleep.id);
    this.#context.notifications.fail(ERESTARTSYS);
    this.interrupted(thread);
  }

  #carryOut(kind: Kind, openFile: OpenFile, first: number, second: number, thread: Thread): number | Errno {
    const { file } = openFile;
    const { fops } = file.device;
    try {
      if (kind === 'ioctl') return fops.ioctl(file, first, second, thread);
      if (!file.access[kind]) return new Errno(EBADF, `the file is not open to ${kind}`);
      if (kind === 'read') return fops.read(file, first, second, thread);
      return fops.write(file, first, second, thread);
    } catch (error) {
      if (error instanceof Errno) return error;
      this.#report(`bug in the driver of ${file.device.name}: ${(error as Error).stack ?? error}`);
      return new Errno(EIO);
    }
  }

  #answer(
    kind: Kind,
    openFile: OpenFile,
    first: number,
    second: number,
    thread: Thread,
    result: number | Errno,
  ): void {
    const { notifications, files, memory } = this.#context;
    files.refreshFaces();
    if (result instanceof Errno) {
      notifications.fail(result.code);
      return;
    }
    if (notifications.succeed(result)) return;
    if (kind === 'ioctl' && openFile.file.device.fops.undelivered(openFile.file, first)) return;
    thread.undelivered = keepAnswer(openFile, first, second, result, memory);
  }

  /** The program makes the call again whose answer it missed: it gets that answer. */
  #deliverAgain(thread: Thread, openFile: OpenFile, cmd: number, arg: number): boolean {
    const { notifications, memory } = this.#context;
    const answer = thread.undelivered;
    if (answer === undefined) return false;
    const same = isSameCall(answer, openFile, cmd, arg, memory);
    if (!same) {
      if (answer.openFile === openFile) thread.undelivered = undefined;
      memory.attach(thread.tid, thread.process.memFd(thread.tid));
      return false;
    }
    for (const { address, bytes } of answer.outputs) memory.write(address, bytes);
    if (notifications.succeed(answer.result)) thread.undelivered = undefined;
    return true;
  }

  #sleep(kind: Kind, openFile: OpenFile, first: number, second: number, thread: Thread): void {
    let sleep = this.#sleeps.get(thread);
    if (sleep === undefined) {
      sleep = new Sleep(thread, openFile, this.#woken);
      this.#sleeps.set(thread, sleep);
    }
    this.#context.notifications.saveId(sleep.id);
    sleep.openFile = openFile;
    sleep.kind = kind;
    sleep.first = first;
    sleep.second = second;
    openFile.sleepers++;
    this.#signals?.add(thread);
    if (sleep.queue !== thread.sleepsOn) {
      sleep.queue?.remove(sleep.wake);
      sleep.queue = thread.sleepsOn;
      sleep.queue?.add(sleep.wake);
    }
  }
}
