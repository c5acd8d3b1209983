/** A session in the background: does what is asked of it over its socket, and starts commands for others. */
import type { Socket } from 'node:net';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import { describeThrown } from '../../base/bug.ts';
import { EINVAL } from '../../base/errno.ts';
import { close } from '../../linux/libc.ts';
import { descendants } from '../../linux/proc-fs.ts';
import {
  type CommandNews,
  DEVICES_VARIABLE,
  type LauncherMessage,
  lineReader,
} from '../../syscalls/index.ts';
import { TRACE_GROUPS, type TraceGroup, type TraceRecord } from '../../trace/index.ts';
import { SessionError } from '../kernel.ts';
import { Session } from '../session.ts';
import { checkRequest } from './check-request.ts';
import { acceptAll } from './connections.ts';
import type { HostCalls, HostGiven, HostOrder, HostReply, HostRequest, RunOrder } from './host-protocol.ts';
import { type Place, pathsIn, removePlace } from './places.ts';

/** A command, and the connection that has asked for it. */
interface Running {
  readonly client: Client;
  pid: number | undefined;
}

/** Bytes of a trace, or of answers, that wait for who reads them. */
const MAX_UNREAD = 16 * 2 ** 20;
/** Characters of a request: the kernel takes no command of more than 6 MB, and a byte is six characters of JSON at most. */
const LONGEST_REQUEST = 40 * 2 ** 20;
/** Requests that have no answer yet, beside those that wait for what programs do. */
const MAX_UNANSWERED = 100;
/** How long a session that ends waits for those who do not read what they are told. */
const UNREAD_MS = 2000;

class Client {
  readonly socket: Socket;
  /** Those that came with the connection, until a command has them. */
  descriptors: readonly number[];
  /** The number of its command. */
  command: number | undefined = undefined;
  /** By which the emulated kernel knows who waits; undefined as long as it has not waited. */
  asker: number | undefined = undefined;
  /** What is traced for it. */
  traced: readonly TraceGroup[] = [];
  /** Records that it has not been told, because it reads too slowly. */
  #lost = 0;
  #unanswered = 0;
  readonly #drained = () => this.#regulate();

  constructor(socket: Socket, descriptors: readonly number[]) {
    this.socket = socket;
    this.descriptors = descriptors;
  }

  tell(reply: HostReply): void {
    if (this.socket.writable) this.socket.write(`${JSON.stringify(reply)}\n`);
  }

  /** One that does not read does without: what is reported can be a log of each call. */
  tellReport(text: string): void {
    if (this.socket.writableLength <= MAX_UNREAD) this.tell({ kind: 'report', text });
  }

  /** Nobody waits for one who does not read, nor keeps everything for it. */
  tellTrace(all: readonly TraceRecord[]): void {
    const records = all.filter(({ group }) => this.traced.includes(group));
    if (records.length === 0) return;
    if (this.socket.writableLength > MAX_UNREAD) {
      this.#lost += records.length;
      return;
    }
    if (this.#lost > 0)
      this.tell({
        kind: 'report',
        text: `the trace is read too slowly: ${this.#lost} records are left out here`,
      });
    this.#lost = 0;
    this.tell({ kind: 'trace', records });
  }

  /** It has asked for something that is answered at once. */
  asks(): void {
    this.#unanswered++;
    this.#regulate();
  }

  answered(): void {
    this.#unanswered--;
    this.#regulate();
  }

  /** Who has asked much, or does not read the answers, is not listened to until that is over. */
  #regulate(): void {
    const { socket } = this;
    const isUnread = socket.writableLength > MAX_UNREAD;
    if (isUnread && socket.listenerCount('drain', this.#drained) === 0) socket.once('drain', this.#drained);
    if (isUnread || this.#unanswered > MAX_UNANSWERED) socket.pause();
    else if (socket.isPaused()) socket.resume();
  }

  /** Whatever connects here can write anything. What comes after what is no request cannot be told from it. */
  refuse(): void {
    const { socket } = this;
    socket.removeAllListeners('data').resume();
    this.tell({ kind: 'report', text: 'that is no request' });
    socket.destroySoon();
    setTimeout(() => socket.destroy(), UNREAD_MS).unref();
  }

  /** Settles when it has all that it was told, or does not want it. */
  caughtUp(): Promise<void> {
    const { socket } = this;
    if (socket.writableLength === 0) return Promise.resolve();
    return new Promise((resolve) => {
      socket.once('close', resolve);
      socket.end(resolve);
    });
  }

  closeDescriptors(): void {
    for (const fd of this.descriptors) close(fd);
    this.descriptors = [];
  }
}

export interface HostEvents {
  readonly report: (text: string) => void;
  /** It was asked to end, or cannot go on. Comes once. */
  readonly ended: () => void;
}

export class Host {
  readonly #session: Session;
  readonly #events: HostEvents;
  readonly #place: Place;
  readonly #commands = new Map<number, Running>();
  readonly #clients = new Set<Client>();
  #traced: readonly TraceGroup[] = [];
  #askers = 0;
  #end: Promise<void> | undefined;

  /** `lock` is that of the place, which goes with it. Throws an Error with a sentence for the user. */
  constructor(programs: URL, worker: Worker, order: HostOrder, lock: number, events: HostEvents) {
    this.#events = events;
    this.#place = order;
    const { cameras, configuration, replace, watch, descriptorLimit } = order;
    const described = { cameras, configuration, replace, watch };
    const options = { ...described, descriptorLimit, verbose: false, counts: true };
    this.#session = new Session(
      programs,
      worker,
      { ...options, trace: [], inherited: [], foundBy: { paths: pathsIn(order), lock } },
      {
        report: (text) => this.#report(text),
        trace: (records) => {
          for (const client of this.#clients) client.tellTrace(records);
        },
        command: (message) => this.#hear(message),
        lost: (what, error) => {
          this.#report(`the ${what} ended (${error.message}); everything it served is ended too`);
          this.end();
        },
      },
    );
  }

  get ready(): Promise<readonly string[]> {
    return this.#session.ready;
  }

  /** Answers what is asked on `listener`. */
  serve(listener: number): void {
    acceptAll(listener, (socket, descriptors) => this.connected(socket, descriptors));
  }

  /** Somebody asks on `socket` from now on. */
  connected(socket: Socket, descriptors: readonly number[] = []): void {
    const client = new Client(socket, descriptors);
    this.#clients.add(client);
    for (const text of this.#session.troubles) client.tell({ kind: 'report', text });
    socket.setEncoding('utf8');
    const read = lineReader(({ id, call, given }: HostRequest) => {
      this.#take(client, { id, call, given });
    }, LONGEST_REQUEST);
    socket.on('data', (text: string) => {
      try {
        read(text);
      } catch {
        client.refuse();
      }
    });
    socket.on('error', () => {});
    socket.on('close', () => this.#gone(client));
  }

  /** Ends all that it has started, and itself; settles when nothing is left. */
  end(): Promise<void> {
    this.#end ??= this.#endSession()
      .then(() => this.#allCaughtUp())
      .then(() => this.#events.ended());
    return this.#end;
  }

  #endSession(): Promise<void> {
    return this.#session.end(() => removePlace(this.#place));
  }

  /** The end of a trace is what is asked for most; but nobody waits for ever for one who does not read. */
  async #allCaughtUp(): Promise<void> {
    const all = Promise.all([...this.#clients].map((client) => client.caughtUp()));
    await Promise.race([all, sleep(UNREAD_MS)]);
  }

  #report(text: string): void {
    this.#events.report(text);
    for (const client of this.#clients) client.tellReport(text);
  }

  /** It could not begin; settles when nothing is left of it. */
  abandon(): Promise<void> {
    this.#end ??= this.#endSession();
    return this.#end;
  }

  async #take(client: Client, { id, call, given }: HostRequest): Promise<void> {
    const isSoon = call !== 'wait';
    if (isSoon) client.asks();
    try {
      checkRequest({ id, call, given });
      client.tell({ kind: 'done', id, answer: await this.#answer(client, call, given) });
    } catch (error) {
      const text = error instanceof SessionError ? error.message : `bug: ${describeThrown(error)}`;
      client.tell({ kind: 'error', id, text });
    }
    if (isSoon) client.answered();
  }

  async #answer(client: Client, call: keyof HostCalls, given: unknown): Promise<unknown> {
    if (call === 'run') return this.#run(client, given as RunOrder);
    if (call === 'signal') return this.#signal(client, given as HostGiven<'signal'>);
    if (call === 'trace') {
      client.traced = given as HostGiven<'trace'>;
      return this.#trace();
    }
    if (call === 'down') this.end();
    // The end of the connection is the answer.
    if (call === 'down' || this.#end !== undefined) return new Promise(() => {});
    if (call === 'wait') return this.#wait(client, given as HostGiven<'wait'>);
    return this.#session.ask(call, given as never);
  }

  #wait(client: Client, given: HostGiven<'wait'>): Promise<undefined> {
    client.asker ??= this.#askers++;
    return this.#session.ask('wait', { ...given, asker: client.asker });
  }

  async #run(client: Client, order: RunOrder): Promise<undefined> {
    const { command, environment, ignored, blocked, umask, descriptorLimit } = order;
    const cameras = await this.#session.cameras();
    // Asked for only now: who has gone meanwhile has taken them along, and their numbers may be somebody else's.
    const [directory, ...fds] = client.descriptors;
    if (directory === undefined || fds.length !== order.descriptors.length || client.command !== undefined)
      throw new SessionError(`a command comes with its descriptors, one for each connection (${EINVAL})`);
    const nodes = cameras.flatMap((camera) => camera.nodes).join(' ');
    const id = this.#session.launch(
      { command, environment: withDevices(environment, nodes), ignored, blocked },
      {
        directory,
        umask,
        descriptorLimit,
        descriptors: new Map(order.descriptors.map((n, i) => [n, fds[i] as number])),
      },
    );
    client.command = id;
    client.closeDescriptors();
    this.#commands.set(id, { client, pid: undefined });
    return undefined;
  }

  /** All that somebody wants to have traced. */
  async #trace(): Promise<undefined> {
    const groups = TRACE_GROUPS.filter((group) =>
      [...this.#clients].some(({ traced }) => traced.includes(group)),
    );
    const isSame = groups.join() === this.#traced.join();
    this.#traced = groups;
    return isSame ? undefined : this.#session.ask('trace', groups);
  }

  async #signal({ command }: Client, { signal, group }: HostGiven<'signal'>): Promise<undefined> {
    if (command !== undefined) this.#session.signal(signal, command, group ? 'group' : 'command');
    return undefined;
  }

  #hear({ id, ...news }: LauncherMessage): void {
    const running = this.#commands.get(id);
    if (running === undefined) return;
    if (news.kind === 'started') {
      running.pid = news.pid;
      if (!this.#clients.has(running.client)) this.#abandonCommand(id, news.pid);
    }
    running.client.tell({ kind: 'command', news: news as CommandNews });
    if (news.kind === 'refused' || news.kind === 'exited' || news.kind === 'killed') {
      this.#commands.delete(id);
      running.client.command = undefined;
      // Who waits for what only it could do is told. Without a kernel nobody waits.
      this.#session.ask('commandEnded', this.#commands.size).catch(() => {});
    }
  }

  /** Who asked for a command stands in its place: without him it ends, with all below it. */
  #gone(client: Client): void {
    this.#clients.delete(client);
    client.closeDescriptors();
    if (client.traced.length > 0) this.#trace().catch(() => {});
    if (client.asker !== undefined) this.#session.ask('abandon', client.asker).catch(() => {});
    const { command } = client;
    const pid = command === undefined ? undefined : this.#commands.get(command)?.pid;
    // One that has not begun yet is ended when it has.
    if (command !== undefined && pid !== undefined) this.#abandonCommand(command, pid);
  }

  #abandonCommand(id: number, first: number): void {
    for (const pid of descendants(first)) kill(pid);
    this.#session.signal(constants.signals.SIGKILL, id, 'group');
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended in the meantime.
  }
}

function withDevices(environment: readonly string[], nodes: string): string[] {
  return [
    ...environment.filter((entry) => !entry.startsWith(`${DEVICES_VARIABLE}=`)),
    `${DEVICES_VARIABLE}=${nodes}`,
  ];
}
