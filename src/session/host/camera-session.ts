/**
 * A session for tests in TypeScript: cameras that the test steers while programs use them.
 *
 *     await using session = await startSession({ cameras: ['vivi'] });
 *     const [camera] = session.cameras;
 *     const program = session.spawn('ffmpeg', ['-f', 'v4l2', '-i', camera.node, '-f', 'null', '-']);
 *     await camera.frames(10);
 *     await camera.unplug();
 *
 * The session is a process of its own, the parent of all that it starts; it ends with the process of the test, however that
 * ends.
 */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { SessionError } from '../kernel.ts';
import type { CameraStatus, Condition, ControlValue } from '../protocol.ts';
import { firstTrouble } from '../requirements.ts';
import { HostClient } from './client.ts';
import type { HostOrder } from './host-protocol.ts';
import { makePrivatePlace, socketIn } from './places.ts';
import { type StartedHost, startHost } from './start-host.ts';

/** Those of usercam are beside each other, see `bundle.mjs`. */
const programs = new URL('.', import.meta.url);

export interface SessionSettings {
  /** Cameras to begin with, as `usercam run --camera` takes them; one `vivi` if left out. */
  readonly cameras?: readonly string[];
  /** Take the place of cameras that the host has: the first one is /dev/video0. */
  readonly replace?: boolean;
  /** Hears what there is to say to the user: of drivers with bugs, mostly. */
  readonly report?: (text: string) => void;
}

/** A camera of a session. */
export class Camera {
  readonly #client: HostClient;
  #nodes: readonly string[];

  constructor(client: HostClient, nodes: readonly string[]) {
    this.#client = client;
    this.#nodes = nodes;
  }

  /** Its first node: `/dev/video0`. */
  get node(): string {
    return this.#nodes[0] as string;
  }

  /** All its nodes; most cameras have one. */
  get nodes(): readonly string[] {
    return this.#nodes;
  }

  /** Unplugs it: programs that have it open hear ENODEV, others that it has gone. */
  async unplug(): Promise<void> {
    await this.#client.ask('unplug', this.node);
  }

  /** Plugs it in again, under the numbers it had unless another camera has them now. */
  async plug(): Promise<void> {
    this.#nodes = await this.#client.ask('plug', this.node);
  }

  /** Unplugs it for good. */
  async remove(): Promise<void> {
    await this.#client.ask('remove', this.node);
  }

  /** Tells programs that listen for events of devices that it has changed. */
  async change(): Promise<void> {
    await this.#client.ask('change', this.node);
  }

  /** Shows something else from now on, for cameras that can. */
  async show(source: string): Promise<void> {
    await this.#client.ask('show', { node: this.node, source });
  }

  /** Sets controls, by the names that v4l2-ctl shows: `{ brightness: 200 }`. Programs that wait for events of them hear it. */
  async set(controls: Readonly<Record<string, ControlValue>>): Promise<void> {
    await this.#client.ask('set', { node: this.node, controls });
  }

  /** What it is doing, and for whom. */
  async status(): Promise<CameraStatus> {
    const all = await this.#client.ask('status', undefined);
    const found = all.find(({ nodes }) => nodes.includes(this.node));
    if (found === undefined) throw new SessionError(`${this.node} has been removed`);
    return found;
  }

  /** Settles when a program has it open, which may be now. This and the next ones reject if it is unplugged meanwhile. */
  opened(): Promise<void> {
    return this.#wait({ kind: 'open' });
  }

  /** Settles when a program streams from it. */
  streaming(): Promise<void> {
    return this.#wait({ kind: 'streaming' });
  }

  /** Settles when no program has it open. */
  closed(): Promise<void> {
    return this.#wait({ kind: 'closed' });
  }

  /** Settles when programs have been given so many frames more. */
  frames(count: number): Promise<void> {
    return this.#wait({ kind: 'frames', count });
  }

  async #wait(until: Condition): Promise<void> {
    await this.#client.ask('wait', { node: this.node, until });
  }
}

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

export class CameraSession {
  readonly #place: string;
  readonly #host: StartedHost;
  readonly #client: HostClient;
  #cameras: readonly Camera[];
  #wrapped = 0;

  constructor(place: string, host: StartedHost, client: HostClient, cameras: readonly Camera[]) {
    this.#place = place;
    this.#host = host;
    this.#client = client;
    this.#cameras = cameras;
  }

  /** The cameras it began with, and those that were added. */
  get cameras(): readonly Camera[] {
    return this.#cameras;
  }

  /** What `usercam run --session` takes, so that a script can start programs in this session. */
  get name(): string {
    return this.#place;
  }

  /** Plugs in another camera. */
  async add(spec: string): Promise<Camera> {
    const camera = new Camera(this.#client, await this.#client.ask('add', spec));
    this.#cameras = [...this.#cameras, camera];
    return camera;
  }

  /** What all cameras are doing. */
  status(): Promise<readonly CameraStatus[]> {
    return this.#client.ask('status', undefined);
  }

  /** Starts a program in this session, as `child_process.spawn` does. */
  spawn(command: string, args: readonly string[] = [], options: SpawnOptions = {}): ChildProcess {
    const [program, ...rest] = this.#prefix();
    return spawn(program as string, [...rest, command, ...args], options);
  }

  /**
   * Gives the path of a script that starts `executable` in this session, with the arguments, environment and descriptors that
   * it is started with: for launchers that take an executable (Playwright's `executablePath`). It is removed with the session.
   */
  wrap(executable: string): string {
    const script = join(this.#place, `${++this.#wrapped}-${basename(executable)}`);
    const words = [...this.#prefix(), executable].map(quoted).join(' ');
    writeFileSync(script, `#!/bin/sh\nexec ${words} "$@"\n`, { mode: 0o700 });
    return script;
  }

  /** Ends all programs of the session, and the session. */
  async end(): Promise<void> {
    this.#host.child.ref();
    await this.#client.down();
    this.#host.owner.destroy();
    await this.#ended();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.end();
  }

  #ended(): Promise<void> {
    const { child } = this.#host;
    if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
    return new Promise((resolve) => child.once('exit', () => resolve()));
  }

  #prefix(): readonly string[] {
    const main = fileURLToPath(new URL('./main.js', programs));
    return [process.execPath, main, 'run', '--session', this.#place, '--'];
  }
}

function connect(path: string, report: (text: string) => void): Promise<HostClient> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(path);
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.off('error', reject);
      socket.write('\0');
      resolve(new HostClient(socket, { report }));
    });
  });
}

/** Starts a session. Rejects with an Error whose message is a sentence that says why it cannot be, and what to do. */
export async function startSession(settings: SessionSettings = {}): Promise<CameraSession> {
  const { cameras = ['vivi'], replace = false, report = () => {} } = settings;
  const trouble = firstTrouble();
  if (trouble !== undefined) throw new SessionError(trouble);
  const place = makePrivatePlace();
  const order: HostOrder = {
    place,
    cameras,
    replace,
    descriptorLimit: null,
    isOwned: true,
    until: undefined,
  };
  const host = await startHost(programs, order, report);
  const client = await connect(socketIn(place), report);
  // The test may end when it has nothing else to do: the session ends then.
  host.child.unref();
  host.owner.unref();
  (host.child.stderr as { unref?: () => void } | null)?.unref?.();
  client.loosen();
  const all = await client.ask('status', undefined);
  return new CameraSession(
    place,
    host,
    client,
    all.map(({ nodes }) => new Camera(client, nodes)),
  );
}
