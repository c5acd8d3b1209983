import { driverBug } from '../../base/bug.ts';
import { WaitQueue } from '../../base/wait-queue.ts';
import { type Sleeping, sleepOn } from './sleep.ts';

/** A lock that is kept while its owner sleeps; who wants it meanwhile sleeps too, and gets it in turn. @kernel mutex */
export class Mutex {
  readonly #freed = new WaitQueue();
  /** Whose turn it is, and the number that the next one draws. */
  #turn = 0;
  #next = 0;
  /** Numbers of those who were interrupted while they waited. */
  readonly #abandoned = new Set<number>();

  /** Somebody has it, or is about to. */
  get isLocked(): boolean {
    return this.#turn !== this.#next;
  }

  *lock(): Sleeping<void> {
    const number = this.#next++;
    try {
      while (number !== this.#turn) yield* sleepOn(this.#freed, true);
    } catch (thrown) {
      if (number === this.#turn) this.unlock();
      else this.#abandoned.add(number);
      throw thrown;
    }
  }

  unlock(): void {
    do this.#turn++;
    while (this.#abandoned.delete(this.#turn));
    this.#freed.wakeUp();
  }
}

/**
 * A lock between a driver and its interrupts, which the framework takes around bufQueue and to look at states. There is one
 * thread here, so nobody ever waits for it: who takes it twice would in the kernel have waited for himself, for ever,
 * and is reported.
 *
 * @kernel spinlock_t
 */
export class SpinLock {
  #depth = 0;

  get isHeld(): boolean {
    return this.#depth > 0;
  }

  /** `who` takes it, for reports. */
  lock(who: string): void {
    if (this.#depth > 0)
      driverBug(
        `${who} takes a spinlock that is held: a deadlock in the kernel. bufQueue is called with the irqlock held; do not take it there, and do not call back into videobuf.`,
      );
    this.#depth++;
  }

  unlock(): void {
    if (this.#depth > 0) this.#depth--;
    else driverBug('a spinlock is given back that nobody holds');
  }
}
