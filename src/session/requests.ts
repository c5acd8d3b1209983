/** Answers what the main thread asks of the emulated kernel. */
import { describeThrown } from '../base/bug.ts';
import { Errno } from '../base/errno.ts';
import { CameraSpecError } from '../drivers/index.ts';
import type { Answered, Given, KernelCalls, KernelReply, KernelRequest } from './protocol.ts';

/** The answer will be given by the second argument of the handler, or is an error by the third. */
export const LATER = Symbol('later');

/** How each request is answered: at once if that is possible, as calls wait meanwhile no longer than for another call. */
export type RequestHandlers = {
  readonly [K in keyof KernelCalls]: (
    given: Given<K>,
    answer: (answer: Answered<K>) => void,
    refuse: (error: unknown) => void,
  ) => Answered<K> | Promise<Answered<K>> | typeof LATER;
};

/** Why something cannot be, as a sentence; undefined if that is a bug of ours. `root` is that of the shadow tree. */
export function explain(error: unknown, root: string): string | undefined {
  if (error instanceof Errno) return error.reason || String(error);
  if (error instanceof CameraSpecError) return error.message;
  const { code, syscall } = error as NodeJS.ErrnoException;
  if (syscall === undefined) return undefined;
  return `the device files cannot be written below ${root} (${code}); set TMPDIR to a directory with room`;
}

export class Requests {
  readonly #handlers: RequestHandlers;
  readonly #root: string;
  readonly #reply: (reply: KernelReply) => void;
  /** Requests that are answered when files have been loaded. */
  #waiting = 0;

  constructor(handlers: RequestHandlers, root: string, reply: (reply: KernelReply) => void) {
    this.#handlers = handlers;
    this.#root = root;
    this.#reply = reply;
  }

  /** The runtime needs turns, for promises. */
  get needTurns(): boolean {
    return this.#waiting > 0;
  }

  take<K extends keyof KernelCalls>({ id, call, given }: KernelRequest<K>): void {
    try {
      const done = (answer: Answered<K>) => this.#reply({ kind: 'done', id, answer });
      const answer = this.#handlers[call](given, done, (error) => this.#refuse(id, error));
      if (answer === LATER) return;
      if (answer instanceof Promise) this.#await(id, answer);
      else this.#reply({ kind: 'done', id, answer });
    } catch (error) {
      this.#refuse(id, error);
    }
  }

  async #await(id: number, answer: Promise<unknown>): Promise<void> {
    this.#waiting++;
    try {
      this.#reply({ kind: 'done', id, answer: await answer });
    } catch (error) {
      this.#refuse(id, error);
    }
    this.#waiting--;
  }

  #refuse(id: number, error: unknown): void {
    this.#reply({ kind: 'error', id, text: explain(error, this.#root) ?? `bug: ${describeThrown(error)}` });
  }
}
