/** What the loop waits for: the listener, a wake-up, ends of processes, ends of connections. */
import { POLLHUP, POLLIN } from '../linux/constants.ts';
import { ppoll } from '../linux/libc.ts';
import { allocateNative, type NativeMemory } from '../linux/native-memory.ts';

const TIMESPEC = 0;
const POLLFDS = 16;
const POLLFD = 8;
const FIXED = 2;

export class PollList {
  #memory: NativeMemory = allocateNative(65536);
  #processes = 0;
  #connections = 0;
  /** How many descriptors had something at the last wait. */
  count = 0;

  constructor(listener: number, wakeUp: number) {
    this.#put(0, listener, POLLIN);
    this.#put(1, wakeUp, POLLIN);
  }

  /** `processes` are pidfds, of `connections` only the end matters. */
  set(processes: readonly number[], connections: readonly number[]): void {
    const size = POLLFDS + (FIXED + processes.length + connections.length) * POLLFD;
    if (size > this.#memory.bytes.length) {
      const larger = allocateNative(2 * size);
      larger.bytes.set(this.#memory.bytes.subarray(0, POLLFDS + FIXED * POLLFD));
      this.#memory.unmap();
      this.#memory = larger;
    }
    this.#processes = processes.length;
    this.#connections = connections.length;
    for (const [i, fd] of processes.entries()) this.#put(FIXED + i, fd, POLLIN);
    for (const [i, fd] of connections.entries()) this.#put(FIXED + processes.length + i, fd, 0);
  }

  /** Waits `timeout` nanoseconds at most; gives the events of the listener. */
  wait(timeout: number): number {
    const { view, address } = this.#memory;
    const seconds = timeout > 0 ? Math.floor(timeout / 1e9) : 0;
    view.setUint32(TIMESPEC, seconds, true);
    view.setUint32(TIMESPEC + 8, timeout > 0 ? timeout - seconds * 1e9 : 0, true);
    const fds = FIXED + this.#processes + this.#connections;
    this.count = Math.max(0, ppoll(address + POLLFDS, fds, address + TIMESPEC, 0));
    return this.#events(0);
  }

  /** True if the listener is all that had something: the usual case, and the one that must cost nothing. */
  get isListenerOnly(): boolean {
    return this.count === 0 || (this.count === 1 && this.#events(0) !== 0);
  }

  get isWakeUp(): boolean {
    return this.#events(1) !== 0;
  }

  /** True if the process at `index` has ended. */
  hasEnded(index: number): boolean {
    return this.#events(FIXED + index) !== 0;
  }

  /** True if one of the connections has ended. */
  get hasHungUp(): boolean {
    for (let i = 0; i < this.#connections; i++)
      if (this.#events(FIXED + this.#processes + i) & POLLHUP) return true;
    return false;
  }

  /** Nothing has events if the wait ended without any: what the kernel wrote before is out of date. */
  #events(index: number): number {
    return this.count === 0 ? 0 : this.#memory.view.getUint16(POLLFDS + index * POLLFD + 6, true);
  }

  #put(index: number, fd: number, events: number): void {
    const at = POLLFDS + index * POLLFD;
    this.#memory.view.setInt32(at, fd, true);
    this.#memory.view.setUint32(at + 4, events, true);
  }
}
