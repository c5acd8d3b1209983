import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { SourceSpec } from '../sources/index.ts';
import { isJpeg } from './ffmpeg-arguments.ts';

/** What an order that may come will need, which takes long to load: sharp, or what loads programs with names that end so. */
export type Expectation = 'sharp' | `program${string}`;

/** Told to a thread before it has an order. */
export interface Expected {
  readonly expected: Expectation;
}

/** What it takes to show `source`, if it takes long to load. */
export function neededFor(source: SourceSpec): Expectation | undefined {
  return source.kind === 'script' ? `program${extname(source.path)}` : undefined;
}

/** What it takes to show anything in `format`, if it takes long to load. */
export function neededIn(format: string): Expectation | undefined {
  return isJpeg(format) ? 'sharp' : undefined;
}

/** A thread that waits for its order. Nobody stays for it. */
function newThread(): Worker {
  const thread = new Worker(new URL('./producer-thread.js', import.meta.url), { trackUnmanagedFds: false });
  thread.unref();
  return thread;
}

function end(thread: Worker): void {
  thread.removeAllListeners();
  // Nobody wants to hear how it ends.
  thread.on('error', () => {});
  thread.postMessage('stop');
}

/** Who has a thread, or may want one soon. */
export interface ThreadUser {
  /** Gives the thread if it has done its work and waits for an order: it is the caller's from then on. */
  letGo(): Worker | undefined;
}

/**
 * Threads for producers. To start one takes some ten milliseconds, more than from frame to frame, and what it does first it
 * does slowly. So one that has done its work is taken for the next, and where sources follow each other whose threads go on
 * until they are ended, the next one finds one that is there already, and has loaded what those before it needed. Without users
 * there are no threads.
 */
export class Threads {
  readonly #users = new Set<ThreadUser>();
  #spare: Worker | undefined;
  #taken = 0;
  readonly #expected = new Set<Expectation>();

  /** From now on there may be threads that nobody has, until {@link leave}. */
  join(user: ThreadUser): void {
    this.#users.add(user);
  }

  /** A thread for `user`, which has joined. */
  take(): Worker {
    const idle = this.#takeIdle();
    if (idle !== undefined) return idle;
    const thread = this.#spare ?? newThread();
    this.#spare = undefined;
    thread.removeAllListeners();
    // Who has one source for ever needs no other thread.
    if (this.#taken++ > 0) setImmediate(() => this.provide()).unref();
    return thread;
  }

  /** `user` needs nothing any more. */
  leave(user: ThreadUser): void {
    this.#users.delete(user);
    const thread = user.letGo();
    if (thread !== undefined && this.#users.size > 0 && this.#spare === undefined) this.#keep(thread);
    else if (thread !== undefined) end(thread);
    if (this.#users.size > 0) return;
    if (this.#spare !== undefined) end(this.#spare);
    this.#spare = undefined;
    this.#taken = 0;
    this.#expected.clear();
  }

  /** There is a thread from now on for whoever takes the next one, if it can be made and somebody might. */
  provide(): void {
    if (this.#spare !== undefined || this.#users.size === 0) return;
    try {
      const thread = newThread();
      for (const expected of this.#expected) thread.postMessage({ expected } satisfies Expected);
      this.#keep(thread);
    } catch {
      // Too many threads at the moment: whoever needs one is told so.
    }
  }

  /** From now on the spare thread is one that has loaded what is `expected`, as long as there are users. */
  expect(expected: Expectation | undefined): void {
    if (expected === undefined || this.#expected.has(expected)) return;
    this.#expected.add(expected);
    this.#spare?.postMessage({ expected } satisfies Expected);
  }

  #keep(thread: Worker): void {
    const forget = () => {
      if (this.#spare === thread) this.#spare = undefined;
    };
    thread.removeAllListeners();
    thread.on('error', forget).on('exit', forget);
    this.#spare = thread;
  }

  #takeIdle(): Worker | undefined {
    for (const user of this.#users) {
      const thread = user.letGo();
      if (thread !== undefined) return thread.removeAllListeners();
    }
    return undefined;
  }
}
