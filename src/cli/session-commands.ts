/** The commands that steer a session in the background: up, status, add, remove, show, set, change, unplug, plug, wait, trace, down … */
import type { VideoMode } from '../drivers/index.ts';
import { type ClientEvents, HostClient } from '../session/host/client.ts';
import { connectTo } from '../session/host/connections.ts';
import type { HostAnswer, HostCalls, HostGiven } from '../session/host/host-protocol.ts';
import { makePlace, placeOf, socketIn } from '../session/host/places.ts';
import { startHost } from '../session/host/start-host.ts';
import { SessionError } from '../session/kernel.ts';
import type { CameraStatus, Condition } from '../session/protocol.ts';
import { firstTrouble } from '../session/requirements.ts';
import type { TraceRecord } from '../trace/index.ts';
import { end } from './job.ts';
import { print, say } from './messages.ts';
import { noSession } from './run-in-session.ts';
import { type ChosenTrace, openTrace } from './trace-options.ts';

const EXIT_USAGE = 2;
const EXIT_REFUSED = 1;
const STDOUT = 1;

export interface UpOptions {
  readonly session: string | undefined;
  readonly cameras: readonly string[];
  /** The configuration that describes them instead. */
  readonly configuration: string | undefined;
  readonly watch: boolean;
  readonly replace: boolean;
  /** The session ends when this process does. */
  readonly until: number | undefined;
}

function refuse(error: unknown, code = EXIT_REFUSED): never {
  if (!(error instanceof SessionError)) throw error;
  say(error.message);
  end(code);
}

/** Starts a session, and ends when it can be asked. */
export async function up(programs: URL, options: UpOptions, descriptorLimit: number | null): Promise<void> {
  const { session, until, ...described } = options;
  try {
    const trouble = firstTrouble();
    if (trouble !== undefined) throw new SessionError(trouble);
    const place = makePlace(session);
    const order = { ...described, ...place, name: session, descriptorLimit, isOwned: false, until };
    const { nodes } = await startHost(programs, order, say);
    print(`${nodes.join('\n')}\n`);
    end(0);
  } catch (error) {
    refuse(error, EXIT_USAGE);
  }
}

function connect(session: string | undefined, events: ClientEvents = {}): HostClient {
  const socket = connectTo(socketIn(placeOf(session)));
  if (socket === undefined) throw new SessionError(noSession(session));
  return new HostClient(socket, { report: say, ...events });
}

async function ask<K extends keyof HostCalls>(
  session: string | undefined,
  call: K,
  given: HostGiven<K>,
): Promise<HostAnswer<K>> {
  try {
    return await connect(session).ask(call, given);
  } catch (error) {
    refuse(error);
  }
}

export async function down(session: string | undefined): Promise<void> {
  try {
    await connect(session).down();
  } catch (error) {
    refuse(error);
  }
  end(0);
}

const isNode = /^(\/dev\/)?video\d+$/;

/** `0`, `video0` and `/dev/video0` are the same camera. */
export function nodeOf(word: string): string {
  const name = /^\d+$/.test(word) ? `video${word}` : word;
  if (!isNode.test(name)) refuse(new SessionError(`"${word}" is no camera: write /dev/video0`), EXIT_USAGE);
  return name.startsWith('/') ? name : `/dev/${name}`;
}

/** One that is asked, answered and over. */
export async function plugging(
  call: 'unplug' | 'plug' | 'remove' | 'change',
  session: string | undefined,
  camera: string,
): Promise<void> {
  await ask(session, call, nodeOf(camera));
  end(0);
}

export async function add(session: string | undefined, spec: string): Promise<void> {
  const nodes = await ask(session, 'add', spec);
  print(`${nodes.join('\n')}\n`);
  end(0);
}

export async function show(session: string | undefined, camera: string, source: string): Promise<void> {
  await ask(session, 'show', { node: nodeOf(camera), source });
  end(0);
}

export async function set(
  session: string | undefined,
  camera: string,
  settings: readonly string[],
): Promise<void> {
  const pairs = settings.map((word) => {
    const [key = '', value] = word.split(/=(.*)/s);
    if (value === undefined)
      refuse(new SessionError(`"${word}" sets nothing: write it as control=value`), EXIT_USAGE);
    return [key, value] as const;
  });
  await ask(session, 'set', { node: nodeOf(camera), controls: Object.fromEntries(pairs) });
  end(0);
}

/** `1280x720@25`, `1280x720`, `@25`. */
function modeOf(word: string): VideoMode {
  const [, size, fps] = /^([^@]+)?(?:@(.+))?$/.exec(word) ?? [];
  if (size === undefined && fps === undefined)
    refuse(new SessionError(`"${word}" is no size or rate: write 1280x720@25, 1280x720 or @25`), EXIT_USAGE);
  return { size, fps };
}

/** Something else comes in, or just the event that says so. */
export async function change(
  session: string | undefined,
  camera: string,
  mode: string | undefined,
): Promise<void> {
  if (mode === undefined) return plugging('change', session, camera);
  await ask(session, 'receive', { node: nodeOf(camera), mode: modeOf(mode) });
  end(0);
}

/** Done to its picture from `on` until `off`. */
export async function shut(
  call: 'freeze' | 'blank',
  session: string | undefined,
  camera: string,
  word: string,
): Promise<void> {
  if (word !== 'on' && word !== 'off')
    refuse(new SessionError(`"${word}" is not possible: write ${call} ${camera} on, or off`), EXIT_USAGE);
  await ask(session, call, { node: nodeOf(camera), on: word === 'on' });
  end(0);
}

/** `streaming`, `open`, `closed`, `frames=10`. */
function conditionOf(word: string): Condition {
  const count = /^frames=([1-9]\d*)$/.exec(word)?.[1];
  if (count !== undefined) return { kind: 'frames', count: Number(count) };
  if (word === 'streaming' || word === 'open' || word === 'closed') return { kind: word };
  refuse(
    new SessionError(`"${word}" cannot be waited for: open, streaming, closed, frames=10 can`),
    EXIT_USAGE,
  );
}

export async function wait(session: string | undefined, camera: string, until: string): Promise<void> {
  await ask(session, 'wait', { node: nodeOf(camera), until: conditionOf(until) });
  end(0);
}

/** What was done to a camera from outside, in the words of the commands that did it. */
function steeredText({ shows, receives: { size = '', fps }, frozen, blank }: CameraStatus): string {
  const words = [
    shows === undefined ? undefined : `shows ${shows}`,
    size === '' && fps === undefined ? undefined : `receives ${size}${fps === undefined ? '' : `@${fps}`}`,
    frozen ? 'frozen' : undefined,
    blank ? 'blank' : undefined,
  ];
  return words.map((word) => (word === undefined ? '' : `, ${word}`)).join('');
}

function statusText(camera: CameraStatus): string {
  const { nodes, spec, plugged, frames, dropped, programs } = camera;
  const delivered = plugged ? `${frames} frames delivered, ${dropped} dropped` : 'unplugged';
  const state = `${delivered}${steeredText(camera)}`;
  const lines = programs.map(({ name, pid, streaming, format, frames: own }) => {
    const does = streaming ? `streams ${format ?? ''}`.trimEnd() : 'has it open';
    return `  ${name} (${pid}) ${does}, ${own} frames\n`;
  });
  return `${nodes.join(' ')}: ${spec}, ${state}\n${lines.join('')}`;
}

export async function status(session: string | undefined, json: boolean): Promise<void> {
  const cameras = await ask(session, 'status', undefined);
  print(json ? `${JSON.stringify(cameras, undefined, 2)}\n` : cameras.map(statusText).join(''));
  end(0);
}

/** Says what goes on in a session, until somebody ends that. */
export async function trace(session: string | undefined, chosen: ChosenTrace): Promise<void> {
  const output = openTrace(chosen, STDOUT);
  const ended = new Promise<void>((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => resolve());
    const events = { trace: (records: readonly TraceRecord[]) => output.add(records), ended: resolve };
    begin(() => connect(session, events).ask('trace', chosen.trace));
  });
  await ended;
  await output.finish();
  end(0);
}

async function begin(ask: () => Promise<unknown>): Promise<void> {
  try {
    await ask();
    say('the trace begins; Ctrl-C ends it');
  } catch (error) {
    refuse(error);
  }
}
