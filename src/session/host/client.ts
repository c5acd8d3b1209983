/** Asks a session in the background. */
import type { Socket } from 'node:net';
import { type CommandNews, lineReader } from '../../syscalls/index.ts';
import type { TraceRecord } from '../../trace/index.ts';
import { SessionError } from '../kernel.ts';
import type { HostAnswer, HostCalls, HostGiven, HostReply, HostRequest } from './host-protocol.ts';

interface Asked {
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: Error) => void;
}

export interface ClientEvents {
  /** How the command of this connection fares. */
  readonly command?: (news: CommandNews) => void;
  readonly report?: (text: string) => void;
  /** What was traced, in order. */
  readonly trace?: (records: readonly TraceRecord[]) => void;
  /** The session has ended. */
  readonly ended?: () => void;
}

export class HostClient {
  readonly #socket: Socket;
  readonly #asked = new Map<number, Asked>();
  #requests = 0;
  #isOver = false;
  #isLoose = false;

  /** `socket` is connected, and its first byte sent. */
  constructor(socket: Socket, events: ClientEvents = {}) {
    this.#socket = socket;
    socket.setEncoding('utf8');
    socket.on(
      'data',
      lineReader((reply: HostReply) => {
        if (reply.kind === 'command') events.command?.(reply.news);
        else if (reply.kind === 'trace') events.trace?.(reply.records);
        else if (reply.kind === 'report') events.report?.(reply.text);
        else this.#answer(reply);
      }),
    );
    socket.on('error', () => {});
    socket.on('close', () => {
      this.#isOver = true;
      for (const { reject } of this.#asked.values()) reject(new SessionError('the session has ended'));
      this.#asked.clear();
      events.ended?.();
    });
  }

  /** The session has ended. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Rejects with a SessionError, whose message is a sentence for the user, if it cannot be. */
  ask<K extends keyof HostCalls>(call: K, given: HostGiven<K>): Promise<HostAnswer<K>> {
    if (this.#isOver) return Promise.reject(new SessionError('the session has ended'));
    const request: HostRequest<K> = { id: this.#requests++, call, given };
    return new Promise((resolve, reject) => {
      this.#asked.set(request.id, { resolve: (answer) => resolve(answer as HostAnswer<K>), reject });
      this.#hold();
      this.#socket.write(`${JSON.stringify(request)}\n`);
    });
  }

  /** Ends the session; settles when nothing is left of it. */
  down(): Promise<void> {
    if (this.#isOver) return Promise.resolve();
    return new Promise((resolve) => {
      this.#socket.once('close', () => resolve());
      // It is not answered.
      this.ask('down', undefined).catch(() => {});
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  /** From now on this process lives on for the sake of this connection only while something is asked. */
  loosen(): void {
    this.#isLoose = true;
    this.#hold();
  }

  #hold(): void {
    if (this.#isLoose && this.#asked.size === 0) this.#socket.unref();
    else this.#socket.ref();
  }

  #answer(reply: Extract<HostReply, { id: number }>): void {
    const asked = this.#asked.get(reply.id);
    this.#asked.delete(reply.id);
    this.#hold();
    if (reply.kind === 'done') asked?.resolve(reply.answer);
    else asked?.reject(new SessionError(reply.text));
  }
}
