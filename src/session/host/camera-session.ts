/** Sessions for tests, as their API has them (`session-types.ts`): all is asked of the process that has the session. */
import { type SpawnOptions, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { NODE } from '../given.ts';
import { SessionError } from '../kernel.ts';
import type { CameraStatus, Condition, ControlValue } from '../protocol.ts';
import { firstTrouble } from '../requirements.ts';
import {
  checkControls,
  checkCount,
  checkExecutable,
  checkMode,
  checkProgram,
  checkSession,
  checkSource,
  checkSpec,
  checkSwitch,
} from './arguments.ts';
import { HostClient } from './client.ts';
import type { HostOrder } from './host-protocol.ts';
import { makePrivatePlace, removePlace, socketIn } from './places.ts';
import type {
  Camera,
  CameraSession,
  ModeSettings,
  SessionProgram,
  SessionSettings,
  SpawnSettings,
} from './session-types.ts';
import { type StartedHost, startHost } from './start-host.ts';

/** Those of usercam are beside each other, see `bundle.mjs`. */
const programs = new URL('.', import.meta.url);

class HostCamera implements Camera {
  readonly #client: HostClient;
  #nodes: readonly string[];

  constructor(client: HostClient, nodes: readonly string[]) {
    this.#client = client;
    this.#nodes = nodes;
  }

  get node(): string {
    return this.#nodes[0] as string;
  }

  get nodes(): readonly string[] {
    return this.#nodes;
  }

  async unplug(): Promise<void> {
    await this.#client.ask('unplug', this.node);
  }

  async plug(): Promise<void> {
    this.#nodes = await this.#client.ask('plug', this.node);
  }

  async remove(): Promise<void> {
    await this.#client.ask('remove', this.node);
  }

  async change(mode: ModeSettings = {}): Promise<void> {
    checkMode(mode);
    const { size, fps } = mode;
    if (size === undefined && fps === undefined) await this.#client.ask('change', this.node);
    else await this.#client.ask('receive', { node: this.node, mode: { size, fps: fps?.toString() } });
  }

  async freeze(on: boolean): Promise<void> {
    checkSwitch('freeze', on);
    await this.#client.ask('freeze', { node: this.node, on });
  }

  async blank(on: boolean): Promise<void> {
    checkSwitch('blank', on);
    await this.#client.ask('blank', { node: this.node, on });
  }

  async show(source: string): Promise<void> {
    checkSource(source);
    await this.#client.ask('show', { node: this.node, source });
  }

  async set(controls: Readonly<Record<string, ControlValue>>): Promise<void> {
    checkControls(controls);
    await this.#client.ask('set', { node: this.node, controls });
  }

  async status(): Promise<CameraStatus> {
    const all = await this.#client.ask('status', undefined);
    const found = all.find(({ nodes }) => nodes.includes(this.node));
    if (found === undefined) throw new SessionError(`${this.node} has been removed`);
    return found;
  }

  opened(): Promise<void> {
    return this.#wait({ kind: 'open' });
  }

  streaming(): Promise<void> {
    return this.#wait({ kind: 'streaming' });
  }

  closed(): Promise<void> {
    return this.#wait({ kind: 'closed' });
  }

  async frames(count: number): Promise<void> {
    checkCount(count);
    await this.#wait({ kind: 'frames', count });
  }

  async #wait(until: Condition): Promise<void> {
    await this.#client.ask('wait', { node: this.node, until });
  }
}

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

class HostSession implements CameraSession {
  readonly #place: string;
  readonly #host: StartedHost;
  readonly #client: HostClient;
  #cameras: readonly Camera[];
  #wrapped = 0;
  #isEnding = false;

  constructor(place: string, host: StartedHost, client: HostClient, cameras: readonly Camera[]) {
    this.#place = place;
    this.#host = host;
    this.#client = client;
    this.#cameras = cameras;
  }

  get cameras(): readonly Camera[] {
    return this.#cameras;
  }

  get name(): string {
    return this.#place;
  }

  async add(spec: string): Promise<Camera> {
    checkSpec(spec);
    const camera = new HostCamera(this.#client, await this.#client.ask('add', spec));
    this.#cameras = [...this.#cameras, camera];
    return camera;
  }

  status(): Promise<readonly CameraStatus[]> {
    return this.#client.ask('status', undefined);
  }

  spawn(command: string, args: readonly string[] = [], settings: SpawnSettings = {}): SessionProgram {
    checkProgram(command, args, settings);
    this.#checkGoesOn();
    const [program, ...words] = this.#prefix();
    const env = { ...(settings.env ?? process.env), [NODE]: process.execPath };
    return spawn(program as string, [...words, command, ...args], { ...settings, env } as SpawnOptions);
  }

  wrap(executable: string): string {
    checkExecutable(executable);
    this.#checkGoesOn();
    const script = join(this.#place, `${++this.#wrapped}-${basename(executable)}`);
    const words = [...this.#prefix(), executable].map(quoted).join(' ');
    const lines = ['#!/bin/sh', `export ${NODE}=${quoted(process.execPath)}`, `exec ${words} "$@"`, ''];
    writeFileSync(script, lines.join('\n'), { mode: 0o700 });
    return script;
  }

  async end(): Promise<void> {
    this.#isEnding = true;
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

  /** What is asked of it says so by itself; a program would only be told that there is no session in that place. */
  #checkGoesOn(): void {
    if (this.#isEnding || this.#client.isOver) throw new SessionError('the session has ended');
  }

  #prefix(): readonly string[] {
    const usercam = fileURLToPath(new URL('../../../bin/usercam.js', programs));
    return [usercam, 'run', '--session', this.#place, '--'];
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

/** See `start-session.ts`. */
export async function beginSession(settings: SessionSettings): Promise<CameraSession> {
  checkSession(settings);
  const {
    config,
    cameras = config === undefined ? ['vivi'] : [],
    replace = false,
    report = () => {},
  } = settings;
  if (config !== undefined && settings.cameras !== undefined)
    throw new SessionError('"cameras" and "config" both describe cameras: leave one of them out');
  const trouble = firstTrouble();
  if (trouble !== undefined) throw new SessionError(trouble);
  const place = makePrivatePlace();
  const order: HostOrder = {
    ...place,
    name: undefined,
    cameras,
    configuration: config,
    watch: false,
    replace,
    descriptorLimit: null,
    isOwned: true,
    until: undefined,
  };
  const host = await startHost(programs, order, report).catch((error: unknown) => {
    removePlace(place);
    throw error;
  });
  // It does so itself, unless it is killed.
  host.child.once('exit', () => removePlace(place));
  const client = await connect(socketIn(place.place), report);
  // The test may end when it has nothing else to do: the session ends then.
  host.child.unref();
  host.owner.unref();
  (host.child.stderr as { unref?: () => void } | null)?.unref?.();
  client.loosen();
  const all = await client.ask('status', undefined);
  return new HostSession(
    place.place,
    host,
    client,
    all.map(({ nodes }) => new HostCamera(client, nodes)),
  );
}
