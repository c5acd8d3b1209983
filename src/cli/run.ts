/**
 * `usercam run`: the process that the user started. It does nothing but stand between the terminal and the
 * supervisor: it passes signals on, ends as the command ended, and cleans up if the supervisor is killed.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { PR_SET_CHILD_SUBREAPER } from '../linux/constants.ts';
import { getpgrp, prctl, setrlimit, signal, tcgetpgrp } from '../linux/libc.ts';
import { allocateNative } from '../linux/native-memory.ts';
import { descendants } from '../syscalls/proc-fs.ts';
import { removeShadowRoot } from '../syscalls/shadow-tree.ts';
import { say } from './messages.ts';

export interface RunOptions {
  readonly command: readonly string[];
  /** Specifications of the cameras, in the order of their numbers. */
  readonly cameras: readonly string[];
  /** Take the place of cameras that the host has. */
  readonly replace: boolean;
  readonly verbose: boolean;
  /** The limit of open descriptors that the command shall have. */
  readonly descriptorLimit: number;
}

/** The supervisor was lost: neither the command's doing nor its exit code. */
const EXIT_LOST = 125;
const RLIMIT_CORE = 4;
const SIG_DFL = 0;
/** What shells say of a command that a signal ended; for signals that do not end this process. */
const EXIT_SIGNALLED = 128;
const FORWARDED = ['SIGTERM', 'SIGHUP', 'SIGUSR2', 'SIGINT', 'SIGQUIT'] as const;
/** A terminal sends these to the whole group, the command included. */
const FROM_TERMINAL: readonly string[] = ['SIGINT', 'SIGQUIT'];

/** Node has raised its own limit of descriptors; the shell that started us still has the user's. */
export function userDescriptorLimit(): number {
  try {
    const limits = readFileSync(`/proc/${process.ppid}/limits`, 'latin1');
    return Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1]);
  } catch {
    return Number.NaN;
  }
}

function inForeground(): boolean {
  return [0, 1, 2].some((fd) => tcgetpgrp(fd) === getpgrp());
}

/** Ends this process the way the command ended. */
function endAs(kind: string, value: string): never {
  if (kind === 'exit') process.exit(Number(value));
  const number = constants.signals[value as NodeJS.Signals];
  // No core dump of ours for a crash of the command.
  setrlimit(RLIMIT_CORE, allocateNative(16).address);
  // Node ignores some signals and handles others itself.
  signal(number, SIG_DFL);
  process.kill(process.pid, number);
  process.exit(EXIT_SIGNALLED + number);
}

/** Everything that was below the supervisor is below us now. */
function endTree(): void {
  for (let round = 0; round < 1000; round++) {
    const rest = descendants(process.pid);
    if (rest.length === 0) return;
    for (const pid of rest) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {}
    }
  }
}

function passSignals(supervisor: ChildProcess, control: Socket): void {
  for (const name of FORWARDED) {
    process.on(name, () => {
      if (!FROM_TERMINAL.includes(name) || !inForeground()) control.write(`${name}\n`);
    });
  }
  supervisor.on('error', (error) => {
    say(`cannot start: ${error.message}`);
    process.exit(EXIT_LOST);
  });
}

/** Runs the command of `options`; this process ends with it. */
export function run(options: RunOptions): void {
  prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  const program = fileURLToPath(new URL('./supervisor.js', import.meta.url));
  const supervisor = spawn(process.execPath, [program, JSON.stringify(options)], {
    stdio: ['inherit', 'inherit', 'inherit', 'pipe'],
  });
  const control = supervisor.stdio[3] as Socket;
  let told = '';
  control.on('data', (data) => {
    told += data.toString('latin1');
  });
  control.on('error', () => {});
  passSignals(supervisor, control);
  supervisor.on('close', (code, killer) => {
    const lines = told.split('\n');
    const end = lines.find((line) => /^(exit|signal) /.test(line));
    if (end !== undefined) endAs(end.split(' ')[0] as string, end.split(' ')[1] as string);
    endTree();
    const root = lines.find((line) => line.startsWith('root '))?.slice('root '.length);
    if (root !== undefined) removeShadowRoot(root);
    if (code !== null && code !== 0 && root === undefined) process.exit(code);
    say(`the supervisor ended (${killer ?? `exit code ${code}`}); everything it served is ended too`);
    process.exit(EXIT_LOST);
  });
}
