/**
 * `usercam run`: the process that the user started. It does nothing but stand between the terminal and the
 * supervisor: it passes signals on, ends as the command ended, and cleans up if the supervisor is killed.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';
import { F_SETFD, PR_SET_CHILD_SUBREAPER } from '../linux/constants.ts';
import { fcntl, getpgrp, prctl, setrlimit, signal, tcgetpgrp } from '../linux/libc.ts';
import { allocateNative } from '../linux/native-memory.ts';
import { descendants, fdsOf, readlink } from '../syscalls/proc-fs.ts';
import { removeShadowRoot } from '../syscalls/shadow-root.ts';
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
  /** Descriptors above the standard streams that the user gave to this process: the command gets them, and no other. */
  readonly inherited: readonly number[];
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

/**
 * What the user opened for the command, as in `usercam run -- COMMAND 7<file`. Node closes what it was given on exec,
 * like its own; its own are known by what they are: epoll, events, /dev/null, and pipes with both ends here.
 */
export function inheritedDescriptors(): number[] {
  const fds = fdsOf(process.pid).filter((fd) => fd > 2);
  const targets = fds.map((fd) => readlink(`/proc/self/fd/${fd}`) ?? '');
  const isOurs = (target: string) =>
    /^(anon_inode:|\/dev\/null$|$)/.test(target) ||
    (target.startsWith('pipe:') && targets.indexOf(target) !== targets.lastIndexOf(target));
  return fds.filter((_, i) => !isOurs(targets[i] ?? ''));
}

/**
 * Standard streams and `inherited` for a child, and one thing more for us: where it stands among them is the first
 * number that the user does not need.
 */
export function stdioWith<T>(inherited: readonly number[], ours: T): { stdio: (number | T)[]; at: number } {
  for (const fd of inherited) fcntl(fd, F_SETFD, 0);
  let at = 3;
  while (inherited.includes(at)) at++;
  return { stdio: [...Array(at).keys(), ours], at };
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
  const { stdio, at } = stdioWith(options.inherited, 'pipe' as const);
  const supervisor = spawn(process.execPath, [program, JSON.stringify(options), String(at)], { stdio });
  const control = supervisor.stdio[at] as Socket;
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
