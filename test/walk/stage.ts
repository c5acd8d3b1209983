/**
 * Puppets under usercam: real processes and threads that each do what they are told (test/clients/puppet.c), and the
 * supervisor that serves them.
 */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { client, type Result, type Running, scratch, startUsercam, supervisorOf } from '../support/door.ts';
import { patience } from './patience.ts';

/** Threads of each puppet. */
const THREADS = 3;

export interface Reply {
  readonly errno: number;
  /** What the call returned. */
  readonly result: number;
  /** What else there is to tell. */
  readonly rest: readonly string[];
}

interface Waiter {
  resolve(reply: Reply): void;
  reject(error: Error): void;
}

/** A thread of a puppet. */
export class Actor {
  readonly pid: number;
  readonly tid: number;
  readonly #socket: Socket;
  #text = '';
  #waiter: Waiter | undefined;
  #gone = false;
  /** Told when the connection has ended: the thread has, or executes something else. */
  #onEnd: (() => void) | undefined;

  constructor(socket: Socket, pid: number, tid: number) {
    this.#socket = socket;
    this.pid = pid;
    this.tid = tid;
    socket.on('data', (data) => this.#receive(String(data)));
    socket.on('close', () => this.#end());
  }

  /** Makes it carry out `command`; whatever the answer is, it is awaited with {@link ended} in mind. */
  ask(command: string): Promise<Reply> {
    if (this.#waiter !== undefined) throw new Error(`thread ${this.tid} is asked twice`);
    return new Promise((resolve, reject) => {
      const calm = patience(() => reject(new Error(`no answer to "${command}"`)));
      const done = (then: () => void) => {
        calm();
        this.#waiter = undefined;
        then();
      };
      this.#waiter = {
        resolve: (reply) => done(() => resolve(reply)),
        reject: (error) => done(() => reject(error)),
      };
      if (this.#gone) this.#waiter.reject(new Error(`thread ${this.tid} is gone: "${command}"`));
      else this.#socket.write(`${command}\n`);
    });
  }

  /** Begins a command that sleeps: the answer comes later, or with the end never (then it is undefined). */
  begin(command: string): Sleeping {
    const sleeping: { answer: Promise<Reply | undefined>; isOver: boolean } = {
      answer: new Promise((resolve) => {
        const done = (reply?: Reply) => {
          sleeping.isOver = true;
          this.#waiter = undefined;
          resolve(reply);
        };
        this.#waiter = { resolve: done, reject: () => done() };
      }),
      isOver: false,
    };
    this.#socket.write(`${command}\n`);
    return sleeping;
  }

  /** Resolves when the connection has ended. */
  ended(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#gone) resolve();
      else this.#onEnd = resolve;
    });
  }

  #receive(data: string): void {
    this.#text += data;
    const end = this.#text.indexOf('\n');
    if (end < 0) return;
    const [errno, result, ...rest] = this.#text.slice(0, end).split(' ');
    this.#text = this.#text.slice(end + 1);
    this.#waiter?.resolve({ errno: Number(errno), result: Number(result), rest });
  }

  #end(): void {
    this.#gone = true;
    this.#waiter?.reject(new Error(`thread ${this.tid} has ended`));
    this.#onEnd?.();
  }
}

export interface Sleeping {
  readonly answer: Promise<Reply | undefined>;
  readonly isOver: boolean;
}

/** The answer of somebody who is about to wake. */
export function answerOf(sleeping: Sleeping | undefined): Promise<Reply | undefined> {
  const answer = new Promise<Reply | undefined>((resolve, reject) => {
    const calm = patience(() => reject(new Error('a sleeper does not wake')));
    (sleeping?.answer ?? Promise.resolve(undefined)).then((reply) => {
      calm();
      resolve(reply);
    });
  });
  // A walk that has failed meanwhile does not ask for it any more.
  answer.catch(() => {});
  return answer;
}

/** What the supervisor holds: its descriptors by kind, and its children. */
export interface Holdings {
  readonly descriptors: Readonly<Record<string, number>>;
  readonly children: number;
}

export class Stage {
  readonly #server: Server;
  readonly #running: Running;
  readonly #arriving = new Map<number, { actors: Actor[]; all: (actors: readonly Actor[]) => void }>();
  #tokens = 0;

  private constructor(server: Server, running: Running) {
    this.#server = server;
    this.#running = running;
  }

  /** Starts usercam with `cameras` and the first puppet. */
  static async open(cameras: readonly string[]): Promise<{ stage: Stage; root: readonly Actor[] }> {
    const path = join(scratch(), 'walk');
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(path, resolve));
    const running = startUsercam([client('puppet'), path, '0'], { cameras, input: '', seconds: 100_000 });
    running.end.catch(() => {});
    const stage = new Stage(server, running);
    server.on('connection', (socket) => stage.#welcome(socket));
    const arrival = stage.arrival(0);
    const failed = running.end.then((result) => {
      throw new Error(`usercam ended: ${result.stderr}`);
    });
    failed.catch(() => {});
    return { stage, root: await Promise.race([arrival, failed]) };
  }

  newToken(): number {
    return ++this.#tokens;
  }

  /** The threads of the puppet that was told `token`, when they have all come. */
  arrival(token: number): Promise<readonly Actor[]> {
    const arrival = new Promise<readonly Actor[]>((resolve, reject) => {
      const calm = patience(() => reject(new Error(`puppet ${token} does not come`)));
      const all = (actors: readonly Actor[]) => {
        calm();
        resolve(actors);
      };
      this.#arriving.set(token, { actors: [], all });
    });
    // After a failure nobody awaits it any more.
    arrival.catch(() => {});
    return arrival;
  }

  #welcome(socket: Socket): void {
    socket.on('error', () => {});
    socket.once('data', (data) => {
      const [token, pid, tid] = String(data).trim().split(' ').map(Number);
      const arriving = this.#arriving.get(token ?? -1);
      if (arriving === undefined) return;
      arriving.actors.push(new Actor(socket, pid ?? 0, tid ?? 0));
      if (arriving.actors.length < THREADS) return;
      this.#arriving.delete(token ?? -1);
      arriving.actors.sort((a, b) => a.tid - b.tid);
      arriving.all(arriving.actors);
    });
  }

  holdings(): Holdings {
    const pid = supervisorOf(this.#running);
    const descriptors: Record<string, number> = {};
    for (const fd of readdirSync(`/proc/${pid}/fd`)) {
      const kind = kindOf(`/proc/${pid}/fd/${fd}`);
      if (kind !== undefined) descriptors[kind] = (descriptors[kind] ?? 0) + 1;
    }
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim().split(' ');
    return { descriptors, children: children.length };
  }

  /** Whether the streams that usercam was given are the puppet's alone, as soon after its start. */
  hasHandedOver(): boolean {
    const pid = supervisorOf(this.#running);
    return [0, 1].every((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`) === '/dev/null');
  }

  /** The end of usercam, which comes after that of the last puppet. */
  async close(): Promise<Result> {
    const result = await this.#running.end;
    this.#server.close();
    return result;
  }

  /** Ends everything, after a failure. */
  kill(): void {
    this.#server.close();
    process.kill(-this.#running.pid, 'SIGKILL');
  }
}

function kindOf(path: string): string | undefined {
  try {
    return readlinkSync(path).replace(/[:/].*/s, (rest) => (rest.startsWith(':') ? ':' : rest));
  } catch {
    // It has been closed since the listing.
    return undefined;
  }
}

/** The call that thread `tid` of `pid` is in, as /proc shows it; empty if the thread is gone. */
export function callOf(pid: number, tid: number): string {
  try {
    return readFileSync(`/proc/${pid}/task/${tid}/syscall`, 'latin1');
  } catch {
    return '';
  }
}

/** `Z` has ended; undefined is gone. */
export function stateOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat[stat.lastIndexOf(')') + 2];
  } catch {
    return undefined;
  }
}

/** Waits for what no event tells of. */
export async function until(what: string, condition: () => boolean): Promise<void> {
  let isOver = false;
  const calm = patience(() => {
    isOver = true;
  });
  while (!condition() && !isOver) await new Promise((resolve) => setTimeout(resolve, 1));
  calm();
  if (isOver) throw new Error(`waited for ${what} in vain`);
}
