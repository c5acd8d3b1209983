/** The process of a session in the background. */
import { existsSync, lstatSync, rmSync, watch } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { ARCH } from '../../linux/arch.ts';
import { exitNow, syscall } from '../../linux/libc.ts';
import { readableLater } from '../../linux/readable-later.ts';
import { socketOf } from '../../linux/socket-of.ts';
import { lineReader } from '../../syscalls/index.ts';
import { SessionError } from '../kernel.ts';
import { startKernel } from '../start-kernel.ts';
import { connectTo, listenAt } from './connections.ts';
import { Host } from './host.ts';
import { type HostNews, type HostOrder, OWNER } from './host-protocol.ts';
import { lockPlace, removePlace, socketIn } from './places.ts';

const EXIT_USAGE = 2;
/** How often a session looks for its socket if it cannot be told. */
const LOOK_MS = 1000;
/** And one that begins whether the one before it has cleaned up. */
const CLEAN_MS = 5;
const LOOKS_UNSAID = 400;

const programs = new URL('.', import.meta.url);
const worker = startKernel(programs);
const owner = socketOf(OWNER);
let host: Host | undefined;

function tell(news: HostNews): void {
  if (owner.writable) owner.write(`${JSON.stringify(news)}\n`);
}

function refuse(text: string): void {
  owner.end(`${JSON.stringify({ kind: 'refused', text })}\n`, () => exitNow(EXIT_USAGE));
}

/** False if whoever listened there has ended. */
function isListening(path: string): boolean {
  const socket = connectTo(path);
  socket?.destroy();
  return socket !== undefined;
}

async function endWith(pid: number, end: () => void): Promise<void> {
  const pidfd = syscall(ARCH.nr.pidfd_open as number, pid, 0, 0, 0, 0, 0);
  if (pidfd >= 0) await readableLater().wait(pidfd);
  end();
}

/** Settles when the place is this session's. Throws a SessionError if another one is there. */
async function takePlace(order: HostOrder): Promise<number> {
  const { place, name } = order;
  const path = socketIn(place);
  if (lstatSync(path, { throwIfNoEntry: false })?.isSocket() === false)
    throw new SessionError(`${path} is no socket of a session; choose another directory`);
  for (let looks = 0; ; looks++) {
    // Also one whose lock says nothing: not every file system has locks.
    if (isListening(path)) {
      const down = name === undefined ? 'usercam down' : `usercam down --session ${name}`;
      throw new SessionError(`there is a session in ${place} already; ${down} ends it`);
    }
    const lock = lockPlace(order);
    if (lock !== undefined) return lock;
    if (looks === LOOKS_UNSAID)
      tell({ kind: 'report', text: `waits until the session that was in ${place} has ended` });
    await sleep(CLEAN_MS);
  }
}

async function begin(order: HostOrder): Promise<void> {
  const lock = await takePlace(order);
  try {
    const path = socketIn(order.place);
    // Of a session that was killed, and with it who cleans up.
    rmSync(path, { force: true });
    const listener = listenAt(path);
    host = new Host(programs, worker, order, lock, {
      report: (text) => tell({ kind: 'report', text }),
      ended: () => exitNow(0),
    });
    const nodes = await host.ready;
    host.serve(listener);
    endWhen(host, order);
    tell({ kind: 'ready', nodes });
  } catch (error) {
    // What is removed twice may be another session's by then.
    if (host === undefined) removePlace(order);
    else await host.abandon();
    refuse((error as Error).message);
  }
}

/** Calls `end` when the socket in `place` is gone: then nobody finds the session any more. */
function endWithout(place: string, end: () => void): void {
  const look = () => {
    if (!existsSync(socketIn(place))) end();
  };
  const lookAgain = () => setInterval(look, LOOK_MS);
  try {
    watch(place, look).on('error', lookAgain);
  } catch {
    // This user watches as much as may be watched.
    lookAgain();
  }
  look();
}

function endWhen(begun: Host, { place, isOwned, until }: HostOrder): void {
  const end = () => begun.end();
  endWithout(place, end);
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, end);
  if (until !== undefined) endWith(until, end);
  if (isOwned && !owner.destroyed) owner.on('close', end);
  else if (isOwned) end();
}

owner.setEncoding('utf8');
owner.on('error', () => {});
owner.on(
  'data',
  lineReader((order: HostOrder) => {
    begin(order).catch((error: Error) => refuse(error.message));
  }),
);
// Whoever started it ended before it was told anything.
owner.on('close', () => {
  if (host === undefined) exitNow(EXIT_USAGE);
});
