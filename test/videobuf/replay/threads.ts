/** Threads of the recorded program beside its first: each makes one call, which may sleep. */

import {
  POLLIN,
  type Thread,
  V4L2_BUF_TYPE_VIDEO_CAPTURE,
  VIDIOC_QBUF,
  VIDIOC_QUERYBUF,
  VIDIOC_REQBUFS,
  VIDIOC_STREAMOFF,
  v4l2_buffer,
  v4l2_requestbuffers,
} from 'usercam';
import {
  cb,
  currentWorld,
  FS,
  fileOf,
  MMAP,
  make,
  ms,
  note,
  type Pointer,
  par,
  say,
  startDqbuf,
  startRead,
  startStream,
  startUnmap,
  waitingThread,
} from './calls.ts';
import { EpollSet, Poller } from './polls.ts';
import { outcome, pollText } from './words.ts';
import { MS, type Waiting } from './world.ts';

export type Kind =
  | 'DQ'
  | 'READ'
  | 'POLL'
  | 'POLL0'
  | 'EPOLL'
  | 'OFF'
  | 'UNMAP'
  | 'QBUF'
  | 'REQ0'
  | 'QUERY'
  | 'ANON';

/** What a thread is asked for beside its kind. */
export interface Asked {
  readonly n?: number;
  readonly events?: number;
  readonly pointer?: Pointer;
}

/** How long a thread is given to come to its call. */
const START_MS = 150;
const POLL_MS = 5000;

interface Begun extends Waiting {
  readonly text: () => string;
  /** A signal; false if the call goes on. */
  readonly interrupt?: () => void;
}

function ofThread(thread: Thread, text = () => outcome(thread.result as number)): Begun {
  return { ...waitingThread(thread), text, interrupt: () => thread.interrupt() };
}

function queued(fd: number, command: number, index: number): Begun {
  const b = make(v4l2_buffer);
  b.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
  b.memory = MMAP;
  b.index = index;
  return ofThread(fileOf(fd).client.start(command, b));
}

function polling(fd: number, events: number, timeout: number): Begun {
  const poller = new Poller(fd, events, timeout);
  const text = () => {
    if (poller.interrupted) return 'EINTR';
    return `${poller.revents ? 1 : 0} revents=${pollText(poller.revents ?? 0)}`;
  };
  const interrupt = () => poller.kill();
  return { poke: () => poller.poke(), kill: interrupt, text, interrupt };
}

function epolling(fd: number, events: number): Begun {
  const set = new EpollSet();
  set.add(fd, events);
  const end = currentWorld().clock.now() + POLL_MS * MS;
  currentWorld().wakeAt(end);
  let bits = 0;
  const poke = () => {
    bits ||= set.waitNow();
    return bits !== 0 || currentWorld().clock.now() >= end;
  };
  return { poke, kill: () => set.close(), text: () => `${bits ? 1 : 0} events=${pollText(bits)}` };
}

const starts: Readonly<Record<Kind, (fd: number, asked: Asked) => Begun>> = {
  DQ(fd) {
    const { thread, text } = startDqbuf(fd);
    return ofThread(thread, text);
  },
  READ(fd, { n = FS }) {
    const { thread, text } = startRead(fd, n);
    return ofThread(thread, text);
  },
  POLL: (fd, { events = POLLIN }) => polling(fd, events, POLL_MS),
  POLL0: (fd, { events = POLLIN }) => polling(fd, events, 0),
  EPOLL: (fd, { events = POLLIN }) => epolling(fd, events),
  OFF: (fd) => ofThread(startStream(fd, VIDIOC_STREAMOFF, V4L2_BUF_TYPE_VIDEO_CAPTURE)),
  UNMAP(_fd, { pointer }) {
    return { ...startUnmap(pointer as Pointer, FS), text: () => 'ok' };
  },
  QBUF: (fd, { n = 0 }) => queued(fd, VIDIOC_QBUF, n),
  QUERY: (fd) => queued(fd, VIDIOC_QUERYBUF, 0),
  REQ0(fd) {
    const r = make(v4l2_requestbuffers);
    r.type = V4L2_BUF_TYPE_VIDEO_CAPTURE;
    r.memory = MMAP;
    return ofThread(fileOf(fd).client.start(VIDIOC_REQBUFS, r));
  },
  // That a QBUF which waits keeps the memory of its process locked is the kernel's, not the framework's.
  ANON: () => ({ poke: () => true, kill: () => {}, text: () => 'ok' }),
};

export class Background implements Waiting {
  #begun: Begun;
  readonly #start: () => Begun;
  /** It has been told that the call is over. */
  isTold = false;

  constructor(kind: Kind, fd: number, asked: Asked) {
    this.#start = () => starts[kind](fd, asked);
    this.#begun = this.#start();
  }

  poke(): boolean {
    return this.#begun.poke();
  }

  kill(): void {
    this.#begun.kill();
  }

  get text(): string {
    return this.#begun.text();
  }

  /** A signal; with SA_RESTART the same call is made again. False if the call cannot be interrupted. */
  signal(restarts: boolean): boolean {
    this.#begun.interrupt?.();
    if (!this.poke()) return false;
    if (restarts && this.text.startsWith('EINTR')) this.#begun = this.#start();
    return true;
  }
}

export function bgStart(kind: Kind, fd: number, asked: Asked = {}): Background {
  const thread = new Background(kind, fd, asked);
  currentWorld().process.threads.push(thread);
  ms(START_MS);
  return thread;
}

export function bgShow(thread: Background, name: string, limitMs: number): void {
  if (thread.isTold) return;
  if (currentWorld().await(thread, limitMs * MS)) {
    say(`  THREAD ${name} -> returned ${thread.text}`);
    thread.isTold = true;
  } else say(`  THREAD ${name} -> still blocked`);
  cb();
}

/** A signal for a thread, and what it does; poll() is not made again. */
export function signal(thread: Background, name: string, restarts: boolean): void {
  const isHeard = thread.signal(restarts && name !== 'POLL');
  ms(100);
  say(`  SIGNAL to ${name}: handler ran ${isHeard ? 1 : 0} time(s)`);
  bgShow(thread, name, 200);
}

/** The end of a scenario whose threads may still sleep. */
export function bye(): void {
  if (!currentWorld().runsFreelyAtEnd) return;
  note('(end; driver runs freely so that the exit can end)');
  par('run', 1);
}
