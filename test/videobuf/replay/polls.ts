/** poll(), select() and epoll of the recorder, made in this process: who is hooked to which buffer, as in Linux. */
import {
  POLL_NOW,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLPRI,
  POLLRDNORM,
  POLLWRNORM,
  type Sleeping,
} from 'usercam';
import { cb, currentWorld, fileOf, say } from './calls.ts';
import { pollText } from './words.ts';
import { type Description, MS, type Waiting } from './world.ts';

const ALWAYS = POLLERR | POLLHUP;

/** The bits of poll() at this moment. */
export function pollNow(fd: number, events: number): number {
  const { file } = fileOf(fd).client;
  return file.device.fops.poll(file, events | POLL_NOW) & (events | ALWAYS);
}

/** poll() and select(): hooked to the buffer at the head, anew each time. */
export class Poller implements Waiting {
  readonly #fd: number;
  readonly #events: number;
  readonly #deadline: number;
  readonly #description: Description;
  #unhook: () => void = () => {};
  #woken = true;
  #turn: Sleeping<void> | undefined;
  revents: number | undefined = undefined;
  interrupted = false;

  constructor(fd: number, events: number, timeoutMs: number) {
    this.#fd = fd;
    this.#events = events;
    this.#description = fileOf(fd);
    this.#deadline = timeoutMs < 0 ? Number.POSITIVE_INFINITY : currentWorld().clock.now() + timeoutMs * MS;
    // So that time goes on until then.
    if (timeoutMs > 0) currentWorld().wakeAt(this.#deadline);
  }

  poke(): boolean {
    if (this.revents !== undefined || this.interrupted) return true;
    const isLate = currentWorld().clock.now() >= this.#deadline;
    if (!this.#woken && !isLate) return false;
    // The kernel's poll takes the lock of the queue, in its turn.
    this.#turn ??= this.#description.queue.lock.lock();
    if (this.#turn.next().done !== true) return false;
    this.#turn = undefined;
    this.#description.queue.lock.unlock();
    const bits = pollNow(this.#fd, this.#events);
    this.#woken = false;
    this.#unhook();
    if (bits !== 0 || isLate) this.revents = bits;
    else this.#hook();
    return this.revents !== undefined;
  }

  #hook(): void {
    const done = headOf(this.#description)?.done;
    const wake = () => {
      this.#woken = true;
    };
    done?.add(wake);
    this.#unhook = () => done?.remove(wake);
  }

  kill(): void {
    this.interrupted = true;
    this.#unhook();
  }
}

/** The buffer that a poll is hooked to. */
export function headOf({ queue }: Description) {
  return queue.readBuf ?? queue.stream.first?.item;
}

function timeoutText(timeout: number): string {
  if (timeout < 0) return 'none';
  return timeout > 0 ? 'yes' : '0';
}

export function pol(fd: number, events: number, timeout: number): void {
  const poller = new Poller(fd, events, timeout);
  currentWorld().wait(poller);
  const revents = poller.revents ?? 0;
  say(
    `  POLL events=${pollText(events)} timeout=${timeoutText(timeout)} -> ${revents ? 1 : 0} revents=${pollText(revents)}`,
  );
  cb();
}

const READS = POLLIN | POLLRDNORM;
const WRITES = POLLOUT | POLLWRNORM;

/** What select() makes of the bits. */
export function selectText(fd: number, sets: { read?: boolean; write?: boolean; except?: boolean }): string {
  const events = (sets.read ? READS : 0) | (sets.write ? WRITES : 0) | (sets.except ? POLLPRI : 0);
  const bits = pollNow(fd, events);
  const words = [
    sets.read && bits & (READS | ALWAYS) ? ' read' : '',
    sets.write && bits & (WRITES | POLLERR) ? ' write' : '',
    sets.except && bits & POLLPRI ? ' except' : '',
  ].filter((word) => word !== '');
  return `${words.length}${words.join('')}`;
}

export function allpoll(fd: number): void {
  pol(fd, 0, 0);
  pol(fd, POLLPRI, 0);
  pol(fd, POLLOUT | POLLWRNORM, 0);
  pol(fd, POLLIN | POLLRDNORM | POLLPRI | POLLOUT, 0);
  say(`  SELECT read|write|except timeout=0 -> ${selectText(fd, { read: true, write: true, except: true })}`);
  cb();
  const set = new EpollSet();
  set.add(fd, POLLIN | POLLPRI);
  const bits = set.waitNow();
  say(`  EPOLL events=IN|PRI timeout=0 -> ${bits ? 1 : 0} events=${pollText(bits)}`);
  cb();
  set.close();
}

/** One epoll instance with one file: hooked to the buffer that was at the head when it was added, and to no other. */
export class EpollSet {
  #fd = -1;
  #events = 0;
  #ready = false;
  #edge = false;
  #unhook: () => void = () => {};

  add(fd: number, events: number, edge = false): void {
    this.#fd = fd;
    this.#edge = edge;
    this.#events = events;
    const bits = pollNow(fd, events);
    const done = headOf(fileOf(fd))?.done;
    const wake = () => {
      this.#ready = true;
    };
    // A poll that asks for no input is not hooked to anything, unless it streams.
    if (bits === 0 || !(bits & POLLERR)) done?.add(wake);
    this.#unhook = () => done?.remove(wake);
    this.#ready = bits !== 0;
  }

  modify(events: number): void {
    this.#events = events;
    if (pollNow(this.#fd, events) !== 0) this.#ready = true;
  }

  /** What epoll_wait() without a timeout gives. */
  waitNow(): number {
    if (!this.#ready) return 0;
    const bits = pollNow(this.#fd, this.#events);
    if (bits === 0 || this.#edge) this.#ready = false;
    return bits;
  }

  wait(timeoutMs: number): number {
    const end = currentWorld().clock.now() + timeoutMs * MS;
    currentWorld().wakeAt(end);
    let bits = this.waitNow();
    const poke = () => {
      if (bits === 0) bits = this.waitNow();
      return bits !== 0 || currentWorld().clock.now() >= end;
    };
    currentWorld().wait({ poke, kill: () => {} });
    return bits;
  }

  close(): void {
    this.#unhook();
  }
}
