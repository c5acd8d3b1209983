/**
 * Waits beside everything else until descriptors are readable. All of them together take one thread of the runtime, which has
 * few, for this and for reading files: if each took one, those of whom nothing comes would hold up whoever comes next.
 */
import { EPOLL_CTL_ADD, EPOLL_CTL_DEL, EPOLLIN, O_CLOEXEC, POLLIN } from './constants.ts';
import { epollCreate1, epollCtl, epollWait, pollLater } from './libc.ts';
import { allocateNative, type NativeMemory } from './native-memory.ts';

/** `struct epoll_event` is packed on x64 alone. */
const DATA = process.arch === 'x64' ? 4 : 8;
const EVENT_SIZE = DATA + 8;
const POLLFD = 0;
const EVENT = 16;
const EVENTS = 64;
const MAX_EVENTS = 128;
const FOREVER = -1;

class ReadableLater {
  readonly #waiting = new Map<number, () => void>();
  readonly #epoll = epollCreate1(O_CLOEXEC);
  readonly #native: NativeMemory = allocateNative(4096);
  #isRunning = false;

  /**
   * Settles when `fd` is readable or has ended; at once and with false if this user may wait for no more. Before it is closed
   * without that: {@link forget}.
   */
  wait(fd: number): Promise<boolean> {
    const { view, address } = this.#native;
    view.setUint32(EVENT, EPOLLIN, true);
    view.setInt32(EVENT + DATA, fd, true);
    // Also while a thread waits: it wakes if there is something already.
    if (epollCtl(this.#epoll, EPOLL_CTL_ADD, fd, address + EVENT) !== 0) return Promise.resolve(false);
    return new Promise((resolve) => {
      this.#waiting.set(fd, () => resolve(true));
      if (!this.#isRunning) this.#run();
    });
  }

  forget(fd: number): void {
    if (this.#waiting.delete(fd)) epollCtl(this.#epoll, EPOLL_CTL_DEL, fd, 0);
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    const { view, address } = this.#native;
    while (this.#waiting.size > 0) {
      view.setInt32(POLLFD, this.#epoll, true);
      view.setUint32(POLLFD + 4, POLLIN, true);
      await pollLater(address + POLLFD, 1, FOREVER);
      const count = epollWait(this.#epoll, address + EVENTS, MAX_EVENTS, 0);
      for (let i = 0; i < count; i++) this.#settle(view.getInt32(EVENTS + i * EVENT_SIZE + DATA, true));
    }
    this.#isRunning = false;
  }

  #settle(fd: number): void {
    const resolve = this.#waiting.get(fd);
    this.forget(fd);
    resolve?.();
  }
}

let all: ReadableLater | undefined;

export const readableLater = (): ReadableLater => {
  all ??= new ReadableLater();
  return all;
};
