/**
 * `usercam run --session`: the command is started by a session in the background, with what this process has: descriptors,
 * environment, directory. This process stands in the command's place: signals for it go to the command, and it stops and
 * ends as the command does.
 */
import { openSync } from 'node:fs';
import type { Socket } from 'node:net';
import { F_GETFD, O_DIRECTORY, O_PATH } from '../linux/constants.ts';
import { fcntl } from '../linux/libc.ts';
import { closedStreams } from '../session/given-descriptors.ts';
import { handOver } from '../session/hand-over.ts';
import { HostClient } from '../session/host/client.ts';
import { connectTo } from '../session/host/connections.ts';
import { placeOf, socketIn } from '../session/host/places.ts';
import { environmentFor, givenCommand, reap } from '../session/inheritance.ts';
import { SessionError } from '../session/kernel.ts';
import type { CommandNews } from '../syscalls/index.ts';
import { end, endBy, forwardSignals, stopAs } from './job.ts';
import { say } from './messages.ts';
import type { Begun } from './run.ts';

const EXIT_LOST = 125;
const EXIT_USAGE = 2;
const STREAMS = [0, 1, 2];

/** The current directory, and the descriptors that the command is to have: but for those in `closed`, and `inherited`. */
function ownDescriptors(
  closed: readonly number[],
  inherited: readonly number[],
): { directory: number; descriptors: readonly number[] } {
  const isOpen = (fd: number) => !closed.includes(fd) && fcntl(fd, F_GETFD, 0) >= 0;
  // It may be one that can be entered and not read.
  const directory = openSync('.', O_PATH | O_DIRECTORY);
  return { directory, descriptors: [...STREAMS.filter(isOpen), ...inherited] };
}

/** What there is to do where no session listens. */
export function noSession(name: string | undefined): string {
  const start = name === undefined ? 'usercam up' : `usercam up --session ${name}`;
  const which = name === undefined ? 'for this directory' : `"${name}"`;
  return `there is no session ${which}; start one with ${start}`;
}

/** What becomes of this process, by what becomes of the command. */
function follow(news: CommandNews): void {
  if (news.kind === 'stopped') stopAs(news.signal);
  else if (news.kind === 'exited') end(news.code);
  else if (news.kind === 'killed') endBy(news.signal);
  else if (news.kind === 'refused') {
    say(news.text);
    end(news.code);
  }
}

function lost(): never {
  say('the session has ended, and everything it had started');
  end(EXIT_LOST);
}

/** Asks session `name`, with descriptors for a command. */
function connect(name: string | undefined, descriptors: readonly number[]): Socket {
  try {
    const socket = connectTo(socketIn(placeOf(name)), descriptors);
    if (socket !== undefined) return socket;
    say(noSession(name));
  } catch (error) {
    if (!(error instanceof SessionError)) throw error;
    say(error.message);
  }
  end(EXIT_USAGE);
}

/** Runs the command that the last `words` arguments are, in session `name`; this process ends with it. */
export function runInSession(words: number, name: string | undefined, begun: Begun): void {
  const { given, inherited } = begun;
  reap(given);
  const { directory, descriptors } = ownDescriptors(closedStreams(given.open), inherited());
  let command: number | undefined;
  const hear = (news: CommandNews) => {
    if (news.kind === 'started') {
      command = news.pid;
      handOver(inherited());
    } else follow(news);
  };
  const socket = connect(name, [directory, ...descriptors]);
  const client = new HostClient(socket, { command: hear, report: say, ended: lost });
  const deliver = (signal: number, group: boolean) => {
    client.ask('signal', { signal, group }).catch(() => {});
  };
  // Before the command can say that it is ready for them.
  forwardSignals(() => command, deliver);
  for (const signal of begun.early())
    if (![...given.ignored, ...given.blocked].includes(signal)) endBy(signal);
  const { ignored, blocked, descriptorLimit } = given;
  const own = { ignored, blocked, descriptorLimit, descriptors, umask: process.umask() };
  const order = { command: givenCommand(words), environment: environmentFor(given, {}), ...own };
  client.ask('run', order).catch((error: Error) => {
    say(error.message);
    end(EXIT_USAGE);
  });
}
