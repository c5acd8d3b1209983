/** Programs under `usercam run`, as a user starts them: nothing here knows what is inside. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { searchPath } from './capabilities.ts';
import { slowness } from './needs.ts';

export { client, goClient, staticClient } from './clients.ts';
export { needs, programOf } from './needs.ts';

export const root = fileURLToPath(new URL('../../../', import.meta.url));
export const usercam = join(root, 'bin', 'usercam.js');
/** What usercam itself is run by; the tests are run by this Node in any case. */
export const runtime = process.env.USERCAM_TEST_RUNTIME ?? process.execPath;

/** The name of the program, and what a test needs that uses it. */
export const python = 'python3';

/** Nothing that a test waits for takes so long, unless it hangs: a loaded machine is no failure. */
const HANG_SECONDS = 240;
const HANG_MS = 1000 * slowness;

const shared = process.env.USERCAM_TEST_DIR;
const directory = shared ?? mkdtempSync(join(tmpdir(), 'door-'));
process.on('exit', () => {
  if (shared === undefined) rmSync(directory, { recursive: true, force: true });
});

/** An empty directory that is removed at the end. Its path is short: sockets have to fit below it. */
export function scratch(): string {
  return mkdtempSync(join(directory, 's-'));
}

export interface Result {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: Uint8Array;
  /** `stdout` as text. */
  readonly text: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly cameras?: readonly string[];
  readonly input?: string;
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The command hangs if it takes so many seconds: it is killed, and the test fails. */
  readonly seconds?: number;
}

/** A program that was started and is watched. */
export interface Running {
  readonly child: ChildProcess;
  readonly pid: number;
  /** Where usercam keeps its files during this run; empty again afterwards. */
  readonly temporary: string;
  readonly end: Promise<Result>;
  /** Waits until a line `text` has come on stdout. */
  line(text: string): Promise<void>;
}

/** What is the same for all programs; GStreamer lists its plugins once. */
const ownEnvironment = {
  PATH: searchPath(),
  XDG_RUNTIME_DIR: '',
  GST_REGISTRY: join(directory, 'gstreamer-registry'),
};

/** Starts a command in a session of its own, with a directory for temporary files of its own. */
export function start(command: readonly string[], options: RunOptions = {}): Running {
  const temporary = scratch();
  const env = { ...process.env, ...ownEnvironment, ...options.env, TMPDIR: temporary };
  const spawnOptions: SpawnOptions = { detached: true, env, cwd: options.cwd ?? temporary };
  const child = spawn(command[0] as string, command.slice(1), { ...spawnOptions, stdio: 'pipe' });
  const pid = child.pid ?? 0;
  const stdout: Uint8Array[] = [];
  let stderr = '';
  let late = false;
  child.stdout?.on('data', (data: Uint8Array) => stdout.push(data));
  child.stderr?.on('data', (data: Uint8Array) => {
    stderr += new TextDecoder().decode(data);
  });
  child.stdin?.on('error', () => {});
  if (options.input !== undefined) child.stdin?.end(options.input);
  const limit = (options.seconds ?? HANG_SECONDS) * HANG_MS;
  const timer = setTimeout(() => {
    late = true;
    endSession(pid);
  }, limit);
  const all = () => new Uint8Array(Buffer.concat(stdout));
  const text = () => new TextDecoder().decode(all());
  const end = new Promise<Result>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const words = command.join(' ');
      if (late) reject(new Error(`not ended after ${limit / 1000} s: ${words}\n${text()}\n${stderr}`));
      else resolve({ code, signal, stdout: all(), text: text(), stderr });
    });
  });
  const line = async (wanted: string) => {
    const failed = end.then((result) => {
      if (!result.text.split('\n').includes(wanted))
        throw new Error(`ended before it said "${wanted}": ${JSON.stringify(result)}`);
    });
    const come = until(`the line "${wanted}"`, () => text().split('\n').includes(wanted), limit);
    await Promise.race([come, failed]);
  };
  return { child, pid, temporary, end, line };
}

/** The command that runs `command` with cameras. */
export function underUsercam(command: readonly string[], cameras: readonly string[] = []): readonly string[] {
  const options = cameras.flatMap((camera) => ['--camera', camera]);
  return [runtime, usercam, 'run', ...options, '--', ...command];
}

export function startUsercam(command: readonly string[], options: RunOptions = {}): Running {
  return start(underUsercam(command, options.cameras), options);
}

/** Runs a command to its end. Its standard input is empty unless `options` say otherwise. */
export function run(command: readonly string[], options: RunOptions = {}): Promise<Result> {
  return start(command, { input: '', ...options }).end;
}

/** Runs a command under usercam to its end; nothing may be left in its temporary directory. */
export async function runUsercam(command: readonly string[], options: RunOptions = {}): Promise<Result> {
  const running = startUsercam(command, { input: '', ...options });
  const result = await running.end;
  const left = leftovers(running.temporary);
  if (left.length > 0) throw new Error(`left behind: ${left.join(', ')}`);
  return result;
}

/** What usercam has left behind in a temporary directory. */
export function leftovers(temporary: string): readonly string[] {
  return readdirSync(temporary).filter((name) => name.startsWith('usercam-'));
}

const LOOK_MS = 20;

/** Waits until `condition` holds. For what happens in other processes and tells nobody. */
export async function until(
  what: string,
  condition: () => boolean,
  limit = HANG_SECONDS * HANG_MS,
): Promise<void> {
  const last = performance.now() + limit;
  while (!condition()) {
    if (performance.now() > last) throw new Error(`waited for ${what} in vain for ${limit / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

export interface ProcessInfo {
  readonly pid: number;
  readonly parent: number;
  /** `Z` has ended. */
  readonly state: string;
  readonly threads: number;
  readonly command: string;
}

function processInfo(pid: number): ProcessInfo | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const [state = '', parent = ''] = fields;
    const threads = Number(fields[17]);
    const command = readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').trim();
    return { pid, parent: Number(parent), state, threads, command };
  } catch {
    return undefined;
  }
}

/** Who has ended may wait for its parent to ask; but of a process whose first thread has ended others may go on. */
export function isAlive(pid: number): boolean {
  const info = processInfo(pid);
  return info !== undefined && (info.state !== 'Z' || info.threads > 1);
}

/** All processes below `pid`, parents first. */
export function descendants(pid: number): readonly ProcessInfo[] {
  const all = readdirSync('/proc').flatMap((name) => {
    const info = /^\d+$/.test(name) ? processInfo(Number(name)) : undefined;
    return info === undefined ? [] : [info];
  });
  const below: ProcessInfo[] = [];
  const add = (parent: number) => {
    for (const info of all) {
      if (info.parent !== parent) continue;
      below.push(info);
      add(info.pid);
    }
  };
  add(pid);
  return below;
}

function endSession(pid: number): void {
  for (const victim of [pid, ...descendants(pid).map((info) => info.pid)]) {
    try {
      process.kill(victim, 'SIGKILL');
    } catch {
      // It has ended by itself.
    }
  }
}

/** The supervisor of a run: the process that the user started. */
export function supervisorOf(running: Running): number {
  return running.pid;
}

/** The launcher of a run, parent of the command. */
export function launcherOf(running: Running): number {
  const found = descendants(running.pid).find((info) => /\/launcher\.js( |$)/.test(info.command));
  if (found === undefined) throw new Error('there is no launcher');
  return found.pid;
}

export interface Footprint {
  readonly descriptors: number;
  readonly children: number;
  readonly kilobytes: number;
}

/** What a process holds at this moment. */
export function footprint(pid: number): Footprint {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return {
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
    children: descendants(pid).filter((info) => info.parent === pid).length,
    kilobytes: Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]),
  };
}

export type TerminalStep =
  /** Waits until this text has come (after what earlier steps have found). */
  | readonly ['expect', string]
  | readonly ['send', string]
  /** For usercam alone. */
  | readonly ['signal', NodeJS.Signals]
  /** Waits until a process of this name has the terminal. */
  | readonly ['foreground', string]
  /** Waits until a process of this name runs below usercam. */
  | readonly ['process', string];

/** Runs a command under usercam in a terminal of its own, with somebody who types. */
export async function inTerminal(
  command: readonly string[],
  steps: readonly TerminalStep[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ text: string; code: number | null; signal: string | null }> {
  const script = join(root, 'test', 'support', 'terminal.py');
  const result = await run([python, script, JSON.stringify(steps), ...underUsercam(command)], { env });
  if (result.code !== 0) throw new Error(result.stderr);
  return JSON.parse(result.text) as { text: string; code: number | null; signal: string | null };
}

/** What a client says in its last line. */
export function json(result: Result): Record<string, unknown> {
  const last = result.text.trimEnd().split('\n').at(-1) ?? '';
  try {
    return JSON.parse(last) as Record<string, unknown>;
  } catch {
    throw new Error(`no JSON: ${JSON.stringify({ ...result, stdout: undefined })}`);
  }
}
