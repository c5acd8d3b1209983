/**
 * Who may change the state of a device. Every open file has a priority; while one of them has a higher one
 * than the caller, the ioctls that change what others see answer EBUSY.
 */
import {
  V4L2_PRIORITY_BACKGROUND,
  V4L2_PRIORITY_DEFAULT,
  V4L2_PRIORITY_INTERACTIVE,
  V4L2_PRIORITY_RECORD,
  V4L2_PRIORITY_UNSET,
} from '../abi/index.ts';
import { EBUSY, EINVAL, Errno } from '../base/errno.ts';

/** The highest first. */
const ORDER = [V4L2_PRIORITY_RECORD, V4L2_PRIORITY_INTERACTIVE, V4L2_PRIORITY_BACKGROUND] as const;

/** How many open files of a device have which priority. */
export class V4l2PrioState {
  readonly #counts = [0, 0, 0, 0];

  /** Counts a file in and gives the priority that it starts with. @kernel v4l2_prio_open */
  open(): number {
    this.#add(V4L2_PRIORITY_DEFAULT, 1);
    return V4L2_PRIORITY_DEFAULT;
  }

  /** Counts a file out. @kernel v4l2_prio_close */
  close(local: number): void {
    this.#add(local, -1);
  }

  /** Gives a file with priority `local` the priority `next`, and returns that. @kernel v4l2_prio_change */
  change(local: number, next: number): number {
    if (!ORDER.some((priority) => priority === next)) throw new Errno(EINVAL, `there is no priority ${next}`);
    this.#add(local, -1);
    this.#add(next, 1);
    return next;
  }

  /** The highest priority in use. @kernel v4l2_prio_max */
  max(): number {
    return ORDER.find((priority) => (this.#counts[priority] as number) > 0) ?? V4L2_PRIORITY_UNSET;
  }

  /** No open file has a higher priority than `local`. */
  allows(local: number): boolean {
    return local >= this.max();
  }

  /** EBUSY if a file with priority `local` has to stand back. @kernel v4l2_prio_check */
  check(local: number): void {
    if (!this.allows(local))
      throw new Errno(EBUSY, `an open file with priority ${this.max()} stands before this one with ${local}`);
  }

  #add(priority: number, by: number): void {
    this.#counts[priority] = (this.#counts[priority] as number) + by;
  }
}
