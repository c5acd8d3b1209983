/** Sessions that begin, are used and end, in one way or another, many at once and again and again. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Camera, CameraSession, SessionProgram } from '../../src/index.ts';
import { until } from '../support/door.ts';
import { startSession } from '../support/library.ts';
import { type Holdings, holdings, namesIn, processesOf } from './holdings.ts';

/** At a rate of cameras: forty that give all they can leave no processor to the sessions that are to begin. */
const CAMERA = 'vivi,size=320x240';
const FILM = 'webcam,source=lavfi:testsrc2=size=320x240,size=320x240,format=YUYV';

/** How the sessions of a round end. */
export type Way = 'end' | 'daemon' | 'client' | 'source' | 'owner';

const commandOf = (pid: number): string =>
  readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ');

function killAll(word: RegExp): void {
  for (const pid of processesOf(tmpdir())) {
    try {
      if (word.test(commandOf(pid))) process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended in the meantime.
    }
  }
}

/** Streams from a camera until it is ended; it needs no source of ours to be told from one. */
const STREAM = ['ffmpeg', '-nostdin', '-loglevel', 'quiet', '-f', 'v4l2', '-i'];

/** A program that takes frames of a camera until it is ended, when it has had some. */
async function reading(way: Way, session: CameraSession, camera: Camera): Promise<SessionProgram> {
  // A webcam has no read().
  const [command = '', ...args] =
    way === 'source' ? [...STREAM, camera.node, '-f', 'null', '-'] : ['cat', camera.node];
  const program = session.spawn(command, args, { stdio: ['ignore', 'ignore', 'ignore'] });
  program.on('error', () => {});
  await camera.frames(2);
  return program;
}

/** What is left to be done in a session after its kill must not hang, and may fail: it has ended. */
const settled = (promises: readonly Promise<unknown>[]) => Promise.allSettled(promises);

async function kill(way: Way, sessions: readonly CameraSession[], readers: readonly SessionProgram[]) {
  if (way === 'daemon') killAll(/\/daemon\.js( |$)/);
  if (way === 'client') for (const reader of readers) reader.kill('SIGKILL');
  if (way === 'source') {
    killAll(/^ffmpeg .*lavfi/);
    // It is shown that it has ended, and the camera goes on.
    await Promise.all(sessions.map((session) => (session.cameras[1] as Camera).frames(2)));
  }
}

/** Sessions of a process that is killed. */
async function ownedRound(count: number): Promise<void> {
  const program = fileURLToPath(new URL('../support/session-owner.js', import.meta.url));
  const owners = Array.from({ length: count }, () =>
    spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'ignore'] }),
  );
  await Promise.all(owners.map((owner) => once(owner.stdout, 'data')));
  for (const owner of owners) owner.kill('SIGKILL');
}

/** `count` sessions with two cameras each, all at once, that are used and then end. Settles when nothing is left of them. */
export async function round(way: Way, count: number): Promise<void> {
  if (way === 'owner') await ownedRound(count);
  else {
    const cameras = [CAMERA, way === 'source' ? FILM : CAMERA];
    const sessions = await Promise.all(Array.from({ length: count }, () => startSession({ cameras })));
    const readers = await Promise.all(
      sessions.flatMap((session) => session.cameras.map((camera) => reading(way, session, camera))),
    );
    await kill(way, sessions, readers);
    await settled(sessions.map((session) => session.end()));
  }
  // What ends others after a kill tells nobody when it has done so.
  // A process that ends has no environment any more before its sockets are closed.
  const directory = tmpdir();
  await until(
    `the end of a round (${way})`,
    () => processesOf(directory).length === 0 && namesIn(directory) === 0,
  );
}

/** What there is after rounds of all `ways`, once and then `total` times. Each round is told when it is over. */
export async function rounds(
  total: number,
  count: number,
  ways: readonly Way[],
  tell: (way: Way) => void,
): Promise<{ before: Holdings; after: Holdings }> {
  const next = async (way: Way) => {
    await round(way, count);
    tell(way);
  };
  for (const way of ways) await next(way);
  const before = holdings(tmpdir());
  for (let n = 0; n < total; n++) await next(ways[n % ways.length] as Way);
  // Descriptors are closed by the runtime in its own time.
  await until('descriptors to be closed', () => holdings(tmpdir()).descriptors <= before.descriptors);
  return { before, after: holdings(tmpdir()) };
}
