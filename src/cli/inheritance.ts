/**
 * What the user gave to this process for the command: arguments and environment to the byte, limits and signals. Node changes or decodes most of it when it starts, so it is asked of the kernel.
 */
import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { F_SETFD } from '../linux/constants.ts';
import { fcntl } from '../linux/libc.ts';
import { becomeProgram } from '../linux/spawn.ts';
import { hasNodeOptions, isForNode } from './node-options.ts';

/** Put before variables that are for the command and not for us. */
const KEPT = 'USERCAM_KEPT_';

/** A file of NUL-terminated byte strings, see `linux/spawn.ts`. */
function byteStrings(path: string): string[] {
  return readFileSync(path, 'latin1').split('\0').slice(0, -1);
}

const bytesOf = (text: string): string => Buffer.from(text).toString('latin1');

/** The last `count` arguments of this process. */
function lastArguments(count: number): string[] {
  return count === 0 ? [] : byteStrings('/proc/self/cmdline').slice(-count);
}

/**
 * Options and variables for Node (NODE_OPTIONS, NODE_V8_COVERAGE, --import and their like) are meant for the command:
 * where there are some this process starts over without them.
 */
export function startOverWithoutNodeOptions(inherited: readonly number[]): void {
  // Without /proc nothing is started anyway, see `requirements.ts`.
  if (!hasNodeOptions() || !existsSync('/proc/self/environ')) return;
  const environment = byteStrings('/proc/self/environ');
  keepAcrossExec([0, 1, 2, ...inherited]);
  const [node = '', script = '', ...rest] = process.argv;
  becomeProgram({
    file: bytesOf(process.execPath),
    argv: [bytesOf(node), bytesOf(script), ...lastArguments(rest.length)],
    environment: environment.map((entry) => (isForNode(entry) ? KEPT + entry : entry)),
  });
}

/** The command line of the command, as the user wrote it: `count` arguments. */
export function givenCommand(count: number): string[] {
  return lastArguments(count);
}

/** The environment for the command; `added` variables take the place of those of the same name. */
export function givenEnvironment(added: Readonly<Record<string, string>>): string[] {
  const names = Object.keys(added);
  const isReplaced = (entry: string) => names.some((name) => entry.startsWith(`${name}=`));
  const given = byteStrings('/proc/self/environ').map((entry) =>
    entry.startsWith(KEPT) ? entry.slice(KEPT.length) : entry,
  );
  return [
    ...given.filter((entry) => !isReplaced(entry)),
    ...names.map((name) => bytesOf(`${name}=${added[name]}`)),
  ];
}

/** Node has raised its own limit of descriptors; the shell that started us still has the user's. */
export function userDescriptorLimit(): number | null {
  try {
    const limits = readFileSync(`/proc/${process.ppid}/limits`, 'latin1');
    const soft = Number(/^Max open files\s+(\d+)/m.exec(limits)?.[1]);
    return Number.isNaN(soft) ? null : soft;
  } catch {
    return null;
  }
}

export function keepAcrossExec(fds: readonly number[]): void {
  for (const fd of fds) fcntl(fd, F_SETFD, 0);
}

function ignores(pid: number, signal: number): boolean {
  try {
    const mask = /^SigIgn:\s+(\w+)/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1];
    return ((BigInt(`0x${mask ?? 0}`) >> BigInt(signal - 1)) & 1n) === 1n;
  } catch {
    return false;
  }
}

/**
 * Signals that the command is to ignore because the user had them ignored. Node resets all of them before it runs any
 * JavaScript, and the kernel keeps no record. Only of SIGHUP something is left: the parent ignores it too (it is
 * inherited, and no shell ignores it for itself alone), or the shell wrote nohup into `_` as what it executed.
 */
export function ignoredSignals(): number[] {
  const { SIGHUP } = constants.signals;
  const byNohup = /(^|\/)nohup$/.test(process.env._ ?? '');
  return byNohup || ignores(process.ppid, SIGHUP) ? [SIGHUP] : [];
}
