/** Arguments, environment and descriptors that the user gave to this process, passed on to the byte. */
import { existsSync } from 'node:fs';
import { F_SETFD, SIG_IGN, SIGPROF } from '../linux/constants.ts';
import { fcntl, signal, waitpid } from '../linux/libc.ts';
import { becomeProgram } from '../linux/spawn.ts';
import { byteStrings, type Given, noteFor } from './given.ts';
import { closedStreams } from './given-descriptors.ts';
import { hasNodeOptions, isForNode } from './node-options.ts';

/** Put before variables that are for the command and not for us. */
const KEPT = 'USERCAM_KEPT_';

const bytesOf = (text: string): string => Buffer.from(text).toString('latin1');

/** The last `count` arguments of this process. */
function lastArguments(count: number): string[] {
  return count === 0 ? [] : byteStrings('/proc/self/cmdline').slice(-count);
}

/**
 * Options and variables for Node (NODE_OPTIONS, NODE_V8_COVERAGE, --import and their like) are meant for the command:
 * where there are some this process starts over without them.
 */
export function startOverWithoutNodeOptions(given: Given, inherited: readonly number[]): void {
  // Without /proc nothing is started anyway, see `requirements.ts`.
  if (!hasNodeOptions() || !existsSync('/proc/self/environ')) return;
  reap(given);
  const closed = closedStreams(given.open);
  const open = [...[0, 1, 2].filter((fd) => !closed.includes(fd)), ...inherited];
  keepAcrossExec(open);
  // A profiler (--cpu-prof) sends it to this process at each moment, and its handler does not outlive the start.
  signal(SIGPROF, SIG_IGN);
  const [node = '', script = '', ...rest] = process.argv;
  becomeProgram({
    file: bytesOf(process.execPath),
    argv: [bytesOf(node), bytesOf(script), ...lastArguments(rest.length)],
    environment: [
      ...given.environment.map((entry) => (isForNode(entry) ? KEPT + entry : entry)),
      noteFor(given, open),
    ],
  });
}

/** Takes in the child that the shell left behind. */
export function reap({ zombie }: Given): void {
  if (zombie !== undefined) waitpid(zombie, 0, 0);
}

/** The command line of the command, as the user wrote it: `count` arguments. */
export function givenCommand(count: number): string[] {
  return lastArguments(count);
}

/** The environment for the command; `added` variables take the place of those of the same name. */
export function environmentFor(given: Given, added: Readonly<Record<string, string>>): string[] {
  const names = Object.keys(added);
  const isReplaced = (entry: string) => names.some((name) => entry.startsWith(`${name}=`));
  const environment = given.environment.map((entry) =>
    entry.startsWith(KEPT) ? entry.slice(KEPT.length) : entry,
  );
  return [
    ...environment.filter((entry) => !isReplaced(entry)),
    ...names.map((name) => bytesOf(`${name}=${added[name]}`)),
  ];
}

export function keepAcrossExec(fds: readonly number[]): void {
  for (const fd of fds) fcntl(fd, F_SETFD, 0);
}
