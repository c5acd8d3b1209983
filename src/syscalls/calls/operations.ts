/**
 * The calls that a driver serves: ioctl, read and write on an open file. A call that would block is not answered yet; it
 * is made again, from the start, when the queue it sleeps on wakes.
 */
import { describeThrown } from '../../base/bug.ts';
import { EAGAIN, EBUSY, EDEADLK, EINTR, EIO, ERESTARTSYS, Errno } from '../../base/errno.ts';
import type { WaitQueue } from '../../base/wait-queue.ts';
import { WOULD_BLOCK } from '../../vfs/file.ts';
import { interruptedPoint, movedPoint, takenBackPoint } from '../../vfs/trace.ts';
import { locksOf } from '../files/node-locks.ts';
import type { OpenFile } from '../files/open-file.ts';
import { isSameCall, keepAnswer } from '../files/undelivered.ts';
import { SignalWatch } from '../processes/signal-watch.ts';
import type { Thread } from '../processes/threads.ts';
import { type Answer, ASLEEP, type Call } from '../wire/call.ts';
import { type Context, fileOf, notOpen } from './context.ts';
import {
  checkAccess,
  checkTransfer,
  countIn,
  type Kind,
  move,
  type Piece,
  readVector,
  type Transfer,
  type TransferAt,
} from './transfers.ts';

/** Which of them move bytes. */
const HOW_MOVED: Partial<Record<Kind, 'read' | 'write'>> = {
  read: 'read',
  readv: 'read',
  write: 'write',
  writev: 'write',
};

/** A thread asleep in a call. One for each thread that ever slept, used again for the next sleep. */
class Sleep {
  readonly thread: Thread;
  call: Call;
  openFile: OpenFile;
  kind: Kind = 'ioctl';
  first = 0;
  second = 0;
  /** How far its vector has come. */
  pieces = 0;
  moved = 0;
  queue: WaitQueue | undefined = undefined;
  readonly wake: () => void;

  constructor(thread: Thread, call: Call, openFile: OpenFile, woken: Sleep[]) {
    this.thread = thread;
    this.call = call;
    this.openFile = openFile;
    this.wake = () => {
      if (this.thread.sleepsOn !== undefined && !woken.includes(this)) woken.push(this);
    };
  }
}

export interface OperationsDoor {
  /** Sends the answer to a call that slept; a failure as an `Errno`. */
  readonly answer: (call: Call, answer: Answer | Errno) => void;
  /** Where reports of our own bugs go. */
  readonly report: (message: string) => void;
}

export class Operations {
  readonly #context: Context;
  readonly #door: OperationsDoor;
  readonly #sleeps = new Map<Thread, Sleep>();
  readonly #woken: Sleep[] = [];
  readonly #signals: SignalWatch;
  /** How far the vector of the current call has come: pieces that are done, and their bytes. */
  #pieces = 0;
  #moved = 0;

  constructor(context: Context, killable: boolean, door: OperationsDoor) {
    this.#context = context;
    this.#door = door;
    this.#signals = new SignalWatch(context.clock, killable, {
      stillWaits: (thread) => this.stillWaits(thread),
      interrupt: (thread, certain) => this.#interrupt(thread, certain),
      interrupted: (thread) => this.interrupted(thread),
    });
  }

  /** A read or write that says where, or how. */
  beginAt(call: Call, kind: Transfer, at: TransferAt): Answer {
    const [fd, first, second] = [call.int(0), call.address(1), countIn(call, kind)];
    const found = fileOf(this.#context, call, fd);
    if (found === undefined) return notOpen(this.#context, call, fd);
    this.interrupted(found.thread);
    found.thread.call = call;
    this.#attach(found.thread);
    checkTransfer(kind, found.openFile, found.thread, [first, second, at]);
    return this.begin(call, kind, fd, first, second);
  }

  /** A trapped ioctl, read, write or lock on descriptor `fd`. */
  begin(call: Call, kind: Kind, fd: number, first: number, second: number): Answer {
    const found = fileOf(this.#context, call, fd);
    if (found === undefined) return notOpen(this.#context, call, fd);
    const { thread, openFile } = found;
    this.interrupted(thread);
    thread.call = call;
    this.#attach(thread);
    if (thread.undelivered !== undefined) {
      const again = this.#answerAgain(thread, openFile, first, second);
      if (again !== undefined) return again;
    }
    this.#pieces = 0;
    this.#moved = 0;
    let result = this.#carryOut(kind, openFile, first, second, thread);
    // Nobody is told that a device is taken before it is certain that its user is still there.
    if (result instanceof Errno && isTaken(kind, result) && this.#settle(openFile)) {
      this.#attach(thread);
      result = this.#carryOut(kind, openFile, first, second, thread);
    }
    if (result === WOULD_BLOCK) return this.#sleep(kind, openFile, first, second, thread);
    this.#context.files.updates.refreshAll();
    if (result instanceof Errno) throw result;
    this.#tellWatchers(kind, openFile, result);
    return result;
  }

  /** Somebody's queue has woken, and the call is not made again yet. */
  get hasWoken(): boolean {
    return this.#woken.length > 0;
  }

  /** Looks who has the device open: true if a file was released, or somebody does not wait any more. */
  #settle({ file }: OpenFile): boolean {
    const { files } = this.#context;
    const before = files.size;
    let awake = false;
    for (const thread of this.#sleeps.keys()) {
      if (thread.sleepsOn === undefined || this.stillWaits(thread)) continue;
      this.interrupted(thread);
      awake = true;
    }
    files.settle(file.device);
    return awake || files.size < before;
  }

  /** The answer `value` to `call`, an ioctl, did not arrive: the operation is taken back, or its answer kept. */
  lost(call: Call, value: number): void {
    const found = fileOf(this.#context, call, call.int(0));
    if (found === undefined) return;
    const { file } = found.openFile;
    const cmd = call.uint(1);
    if (file.device.fops.undelivered(file, cmd)) {
      if (takenBackPoint.enabled) takenBackPoint.tell({ file, cmd });
      return;
    }
    const { memory } = this.#context;
    found.thread.undelivered = keepAnswer(found.openFile, cmd, call.address(2), value, memory);
  }

  /** Tries the calls again whose queues have woken. */
  runWoken(): void {
    for (let sleep = this.#woken.shift(); sleep !== undefined; sleep = this.#woken.shift()) {
      const { thread, call, openFile, kind, first, second } = sleep;
      if (thread.sleepsOn === undefined) continue;
      if (!this.#context.notifications.isValid(call)) {
        this.interrupted(thread);
        continue;
      }
      thread.call = call;
      this.#context.current.begin(call);
      this.#attach(thread);
      this.#pieces = sleep.pieces;
      this.#moved = sleep.moved;
      const result = this.#carryOut(kind, openFile, first, second, thread);
      if (result === WOULD_BLOCK) {
        this.#enqueue(sleep);
        continue;
      }
      this.#context.files.updates.refreshAll();
      this.interrupted(thread);
      if (typeof result === 'number') this.#tellWatchers(kind, openFile, result);
      this.#door.answer(call, result);
    }
    this.#context.current.end();
  }

  /** To be called before the door waits. */
  settleSleepers(): void {
    this.#signals.settle();
  }

  /** The thread is not asleep (any more): it was answered, signalled, or makes another call. */
  interrupted(thread: Thread): void {
    if (thread.sleepsOn === undefined) return;
    thread.sleepsOn = undefined;
    this.#signals.remove(thread);
    const { ifInterrupted } = thread;
    thread.ifInterrupted = undefined;
    ifInterrupted?.();
    const sleep = this.#sleeps.get(thread);
    if (sleep !== undefined) this.#context.files.awake(sleep.openFile);
  }

  /** The thread has ended. */
  ended(thread: Thread): void {
    const sleep = this.#sleeps.get(thread);
    this.interrupted(thread);
    thread.undelivered = undefined;
    this.#signals.forget(thread);
    sleep?.queue?.remove(sleep.wake);
    this.#sleeps.delete(thread);
  }

  /** True while the call that `thread` sleeps in has not been interrupted. */
  stillWaits(thread: Thread): boolean {
    const sleep = this.#sleeps.get(thread);
    return sleep !== undefined && this.#context.notifications.isValid(sleep.call);
  }

  /**
   * A signal waits for a sleeping thread: the kernel shall handle it and restart the call, or end it with EINTR. Only a
   * thread that has been chosen for a signal is restarted, so one of which that is not `certain` hears EINTR.
   */
  #interrupt(thread: Thread, certain: boolean): void {
    const sleep = this.#sleeps.get(thread);
    // Two signals may wait for it, and the first has ended its sleep: the call is answered, and perhaps another's by now.
    if (sleep === undefined || thread.sleepsOn === undefined) return;
    const now = thread.ifInterrupted?.() ?? 0;
    // What cannot be interrupted is asked again as long as the signal waits.
    if (now === WOULD_BLOCK) return;
    thread.ifInterrupted = undefined;
    this.interrupted(thread);
    const moved = sleep.moved + now;
    const code = certain ? ERESTARTSYS : EINTR;
    if (interruptedPoint.enabled) {
      this.#context.current.begin(sleep.call);
      interruptedPoint.tell({ caller: thread, result: -code });
      this.#context.current.end();
    }
    this.#door.answer(sleep.call, moved > 0 ? moved : new Errno(code));
  }

  #tellWatchers(kind: Kind, openFile: OpenFile, result: number): void {
    const how = result > 0 ? HOW_MOVED[kind] : undefined;
    if (how === undefined) return;
    this.#context.events.moved(openFile, how);
    if (movedPoint.enabled) movedPoint.tell({ file: openFile.file, how, bytes: result });
  }

  #attach(thread: Thread): void {
    const { process } = thread;
    this.#context.memory.attach(thread.call, process.memFd(), process.addressSpace());
  }

  #carryOut(kind: Kind, openFile: OpenFile, first: number, second: number, thread: Thread): number | Errno {
    try {
      const { device } = openFile.file;
      if (kind === 'ioctl') return device.fops.ioctl(openFile.file, first, second, thread);
      if (kind === 'flock') return locksOf(device).flock(openFile, first, thread);
      if (kind === 'fcntl') return locksOf(device).fcntl(openFile, first, second, thread);
      if (kind === 'readv') return this.#moveVector('read', openFile, first, second, thread);
      if (kind === 'writev') return this.#moveVector('write', openFile, first, second, thread);
      return move(kind, openFile, first, second, thread);
    } catch (error) {
      if (error instanceof Errno) return error;
      this.#door.report(`bug in the driver of ${openFile.file.device.name}: ${describeThrown(error)}`);
      return new Errno(EIO);
    }
  }

  /** Piece after piece, as long as each is moved as a whole. @kernel do_loop_readv_writev */
  #moveVector(kind: 'read' | 'write', openFile: OpenFile, address: number, count: number, thread: Thread) {
    checkAccess(kind, openFile);
    const vector = readVector(address, count, thread.memory);
    for (; this.#pieces < count; this.#pieces++) {
      const { base, length } = vector[this.#pieces] as Piece;
      if (length === 0) continue;
      const moved = this.#movePiece(kind, openFile, base, length, thread);
      if (moved === WOULD_BLOCK) return WOULD_BLOCK;
      this.#moved += moved;
      if (moved < length) break;
    }
    return this.#moved;
  }

  /** One piece; a failure behind others that were moved is not told. */
  #movePiece(kind: 'read' | 'write', openFile: OpenFile, address: number, length: number, thread: Thread) {
    try {
      return move(kind, openFile, address, length, thread);
    } catch (error) {
      if (error instanceof Errno && this.#moved > 0) return 0;
      throw error;
    }
  }

  /** The program makes the call again whose answer it missed: it gets that answer. */
  #answerAgain(thread: Thread, openFile: OpenFile, cmd: number, arg: number): number | undefined {
    const { memory } = this.#context;
    const answer = thread.undelivered;
    if (answer === undefined) return undefined;
    if (!isSameCall(answer, openFile, cmd, arg, memory)) {
      if (answer.openFile === openFile) thread.undelivered = undefined;
      this.#attach(thread);
      return undefined;
    }
    for (const { address, bytes } of answer.outputs) memory.write(address, bytes);
    thread.undelivered = undefined;
    return answer.result;
  }

  #sleep(kind: Kind, openFile: OpenFile, first: number, second: number, thread: Thread): typeof ASLEEP {
    let sleep = this.#sleeps.get(thread);
    if (sleep === undefined) {
      sleep = new Sleep(thread, thread.call, openFile, this.#woken);
      this.#sleeps.set(thread, sleep);
    }
    sleep.call = thread.call;
    sleep.openFile = openFile;
    sleep.kind = kind;
    sleep.first = first;
    sleep.second = second;
    openFile.sleepers++;
    this.#signals.add(thread);
    this.#enqueue(sleep);
    return ASLEEP;
  }

  /** `sleep` waits for the queue that its thread named last. */
  #enqueue(sleep: Sleep): void {
    sleep.pieces = this.#pieces;
    sleep.moved = this.#moved;
    if (sleep.queue === sleep.thread.sleepsOn) return;
    sleep.queue?.remove(sleep.wake);
    sleep.queue = sleep.thread.sleepsOn;
    sleep.queue?.add(sleep.wake);
  }
}

/** True if somebody else has what the call wants. */
const isTaken = (kind: Kind, { code }: Errno): boolean =>
  code === EBUSY || code === EDEADLK || (code === EAGAIN && (kind === 'flock' || kind === 'fcntl'));
