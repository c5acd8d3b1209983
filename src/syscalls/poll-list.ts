/**
 * What the loop waits for. The listener is waited for as it is, since a call is to be answered by the processor on
 * which it was made; everything else is rare and comes through one epoll descriptor, so that a wait costs the same
 * however many programs there are: ends of processes, ends of connections, timers, what the caller of the loop attends to.
 */
import { EEXIST } from '../base/errno.ts';
import type { Clock } from '../base/timers.ts';
import { CLOCK_MONOTONIC, EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLLIN, POLLIN } from '../linux/constants.ts';
import {
  epollCreate1,
  epollCtl,
  epollWait,
  errno,
  poll,
  timerfdCreate,
  timerfdSettime,
} from '../linux/libc.ts';
import { allocateNative } from '../linux/native-memory.ts';

const EPOLL_CLOEXEC = 0o2000000;
const TFD_CLOEXEC = 0o2000000;
const TFD_TIMER_ABSTIME = 1;
const EPOLL_CTL_MOD = 3;
const EPOLLET = 0x8000_0000;

/** Offsets in the memory that is exchanged with the kernel. */
const POLLFDS = 0;
const LISTENER_EVENTS = POLLFDS + 6;
const OTHERS_EVENTS = POLLFDS + 8 + 6;
const ITIMERSPEC = 64;
const IT_VALUE = ITIMERSPEC + 16;
const EVENT = 128;
const EVENTS = 256;
const MAX_EVENTS = 128;
/** `struct epoll_event` is packed on x64 alone. */
const DATA = process.arch === 'x64' ? 4 : 8;
const EVENT_SIZE = DATA + 8;

export class PollList {
  readonly #clock: Clock;
  readonly #memory = allocateNative(4096);
  readonly #epoll: number;
  readonly #timer: number;
  /** What is to be done when a descriptor has something. */
  readonly #callbacks = new Map<number, () => void>();
  /** For which moment the timer is set. */
  #deadline = Number.POSITIVE_INFINITY;

  constructor(listener: number, clock: Clock) {
    this.#clock = clock;
    this.#epoll = epollCreate1(EPOLL_CLOEXEC);
    this.#timer = timerfdCreate(CLOCK_MONOTONIC, TFD_CLOEXEC);
    this.#putPollFd(0, listener);
    this.#putPollFd(1, this.#epoll);
    this.#add(this.#timer, EPOLLIN);
  }

  /** From now on `callback` is called while `fd` is readable, until {@link remove}. */
  add(fd: number, callback: () => void): void {
    this.#callbacks.set(fd, callback);
    this.#add(fd, EPOLLIN);
  }

  /** Before `fd` is closed. */
  remove(fd: number): void {
    this.#callbacks.delete(fd);
    epollCtl(this.#epoll, EPOLL_CTL_DEL, fd, 0);
  }

  /** From now on `callback` is called once when the connection `fd` ends. It is forgotten when closed; it may be waited for already. */
  addConnection(fd: number, callback: () => void): void {
    this.#callbacks.set(fd, callback);
    this.#add(fd, EPOLLET);
  }

  /** Waits until something is there, but for no longer than until `deadline`; gives the events of the listener. */
  wait(deadline: number): number {
    const { view, address } = this.#memory;
    if (poll(address + POLLFDS, 2, this.#isDue(deadline) ? 0 : -1) > 0)
      return view.getUint16(LISTENER_EVENTS, true);
    // Interrupted: what the kernel wrote before is out of date.
    view.setUint16(OTHERS_EVENTS, 0, true);
    return 0;
  }

  /** True if at the last wait there was something else than a call. */
  get hasOthers(): boolean {
    return this.#memory.view.getUint16(OTHERS_EVENTS, true) !== 0;
  }

  /** Calls back for what it was. */
  callBack(): void {
    const { view, address } = this.#memory;
    const count = epollWait(this.#epoll, address + EVENTS, MAX_EVENTS, 0);
    for (let i = 0; i < count; i++) {
      const fd = view.getInt32(EVENTS + i * EVENT_SIZE + DATA, true);
      // It goes on being readable until it is set again.
      if (fd === this.#timer) this.#deadline = Number.NaN;
      else this.#callbacks.get(fd)?.();
    }
  }

  /** True if `deadline` is over; the timer is set for it otherwise. To set one that is over would cost an interrupt. */
  #isDue(deadline: number): boolean {
    if (deadline === this.#deadline) return false;
    if (deadline <= this.#clock.now()) return true;
    this.#setTimer(deadline);
    return false;
  }

  #setTimer(deadline: number): void {
    const { view, address } = this.#memory;
    // A time of zero would stop the timer.
    const nanoseconds = deadline === Number.POSITIVE_INFINITY ? 0 : Math.max(1, Math.ceil(deadline));
    const seconds = Math.floor(nanoseconds / 1e9);
    view.setUint32(IT_VALUE, seconds, true);
    view.setUint32(IT_VALUE + 8, nanoseconds - seconds * 1e9, true);
    timerfdSettime(this.#timer, TFD_TIMER_ABSTIME, address + ITIMERSPEC, 0);
    this.#deadline = deadline;
  }

  #add(fd: number, events: number): void {
    const { view, address } = this.#memory;
    view.setUint32(EVENT, events, true);
    view.setInt32(EVENT + DATA, fd, true);
    const done = (how: number) => epollCtl(this.#epoll, how, fd, address + EVENT) === 0;
    if (!done(EPOLL_CTL_ADD) && !(errno() === EEXIST && done(EPOLL_CTL_MOD)))
      throw new Error(`descriptor ${fd} cannot be waited for: errno ${errno()}`);
  }

  #putPollFd(index: number, fd: number): void {
    const at = POLLFDS + index * 8;
    this.#memory.view.setInt32(at, fd, true);
    this.#memory.view.setUint32(at + 4, POLLIN, true);
  }
}
