/**
 * What may sleep. A function of the framework that may is a generator: it yields the wait queue that it sleeps on, goes on
 * where it was when that wakes, and meanwhile has what it has (a lock above all), as a thread in the kernel does.
 *
 * Whoever calls operations makes the same call again, from the start, when its queue wakes: {@link Tasks} finds the work
 * again that the caller had begun.
 */
import { describeThrown, driverBug } from '../../base/bug.ts';
import { EINTR, Errno } from '../../base/errno.ts';
import { type Clock, Timer } from '../../base/timers.ts';
import type { WaitQueue } from '../../base/wait-queue.ts';
import { type Caller, WOULD_BLOCK } from '../../vfs/file.ts';

/** Work that may sleep; awaited with `yield*` by other such work. */
export type Sleeping<T> = Generator<WaitQueue, T, void>;

/** Thrown into a sleep that a signal ends: the kernel's -ERESTARTSYS. */
class Interrupted extends Errno {
  constructor() {
    super(EINTR, 'a signal');
  }
}

/** Sleeps until `queue` wakes. A sleep that is not `interruptible` goes on when its caller is gone, without it. */
export function* sleepOn(queue: WaitQueue, interruptible: boolean): Sleeping<void> {
  try {
    yield queue;
  } catch (thrown) {
    if (interruptible || !(thrown instanceof Interrupted)) throw thrown;
  }
}

/** Work that has begun, and what came of it. */
class Task {
  readonly verb: string;
  readonly #work: Sleeping<number>;
  /** Gives what came of it, or throws; undefined as long as it is not over. */
  outcome: (() => number) | undefined = undefined;
  /** Goes on by itself. */
  inBackground = false;

  constructor(verb: string, work: Sleeping<number>) {
    this.verb = verb;
    this.#work = work;
  }

  /** Goes on until it sleeps again, on the queue that is returned; undefined when it is over. */
  step(interrupted = false): WaitQueue | undefined {
    if (this.outcome !== undefined) return undefined;
    try {
      const step = interrupted ? this.#work.throw(new Interrupted()) : this.#work.next();
      if (step.done !== true) return step.value;
      const { value } = step;
      this.outcome = () => value;
    } catch (thrown) {
      this.outcome = () => {
        throw thrown;
      };
    }
    return undefined;
  }
}

/**
 * Work that nobody waits for: what the kernel would have done in munmap(), in the last close or in the end of a process
 * while the program waited. What wakes it does not run it, a timer does: a driver may be in the middle of something.
 */
export class Background {
  readonly #clock: Clock;
  readonly #timer = new Timer(() => this.#run());
  #ready: Task[] = [];

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Runs `work` until it sleeps, and the rest when it wakes. */
  run(work: Sleeping<void>): void {
    this.#step(new Task('', counted(work)));
  }

  /** `task`, which sleeps on `queue`, goes on without whom it was for. */
  adopt(task: Task, queue: WaitQueue): void {
    task.inBackground = true;
    const wake = () => {
      queue.remove(wake);
      if (!task.inBackground) return;
      this.#ready.push(task);
      this.#clock.timers.arm(this.#timer, this.#clock.now());
    };
    queue.add(wake);
  }

  #run(): void {
    for (const task of this.#ready.splice(0)) if (task.inBackground) this.#step(task);
  }

  #step(task: Task): void {
    const queue = task.step();
    if (queue !== undefined) this.adopt(task, queue);
    else reportFailure(task);
  }
}

function* counted(work: Sleeping<void>): Sleeping<number> {
  yield* work;
  return 0;
}

/** An `Errno` was for a program, and nobody hears it; anything else is a mistake. */
function reportFailure(task: Task): void {
  try {
    task.outcome?.();
  } catch (thrown) {
    if (!(thrown instanceof Errno))
      driverBug(`videobuf: work in the background threw ${describeThrown(thrown)}`);
  }
}

/** The work of callers that sleep in operations on one queue. */
export class Tasks {
  readonly #background: Background;
  readonly #byCaller = new WeakMap<Caller, Task>();

  constructor(background: Background) {
    this.#background = background;
  }

  /** The caller has begun something and makes its call again. */
  has(caller: Caller): boolean {
    return this.#byCaller.has(caller);
  }

  /** What comes of `verb`, which `caller` asks for: its result, or WOULD_BLOCK with the caller asleep. */
  run(caller: Caller, verb: string, begin: () => Sleeping<number>): number {
    const begun = this.#byCaller.get(caller);
    const task = begun?.verb === verb ? begun : new Task(verb, begin());
    task.inBackground = false;
    const queue = task.step();
    if (queue !== undefined) {
      this.#byCaller.set(caller, task);
      return caller.sleep(queue, () => this.#interrupt(caller, task));
    }
    this.#byCaller.delete(caller);
    return (task.outcome as () => number)();
  }

  /**
   * The caller does not sleep any more. What was done so far is its result, if it is a number; work that cannot be
   * interrupted goes on, and is found again by a caller that makes the same call again, as after a signal.
   */
  #interrupt(caller: Caller, task: Task): number | undefined {
    const queue = task.step(true);
    if (queue !== undefined) {
      if (!task.inBackground) this.#background.adopt(task, queue);
      return WOULD_BLOCK;
    }
    this.#byCaller.delete(caller);
    try {
      return task.outcome?.();
    } catch (thrown) {
      if (thrown instanceof Errno) return undefined;
      throw thrown;
    }
  }
}
