/**
 * Where sessions in the background are found: a directory for each, with the socket on which they are asked. It is this user's
 * own, so whoever can connect may.
 */
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fstatSync,
  lstatSync,
  mkdirSync,
  openSync,
  rmdirSync,
  rmSync,
  statSync,
} from 'node:fs';

import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { O_PATH } from '../../linux/constants.ts';
import { makeOwnDirectory, unlockOwnDirectory } from '../../linux/own-directory.ts';
import { SessionError } from '../kernel.ts';

/** As long as the name of a Unix socket may be, with its NUL. */
const SUN_PATH_SIZE = 108;
const SOCKET = 'socket';
const OTHERS = 0o077;

const uid = (): number => process.getuid?.() ?? 0;

/** The directory of all sessions of this user. */
const top = (): string => join(process.env.XDG_RUNTIME_DIR || tmpdir(), `usercam-${uid()}`);

export const socketIn = (directory: string): string => join(directory, SOCKET);

/** The name of the session that belongs to a directory of the user's, where no other is given. */
const nameFor = (directory: string): string =>
  createHash('sha256').update(directory).digest('hex').slice(0, 16);

/** The directory of session `name`; of that of the current directory if it is left out. A name with a slash is a directory. */
export function placeOf(name: string | undefined): string {
  if (name?.includes('/')) return name;
  // Not `..`: what has a name there is removed with its session.
  if (name !== undefined && !/^[\w-][\w.-]*$/.test(name))
    throw new SessionError(
      `"${name}" is no name of a session: use letters, digits, and . _ -, or a path with a slash`,
    );
  return join(top(), name ?? nameFor(process.cwd()));
}

/** Carries out `make`; where the system does not allow it `variable` is the mend. */
function made<T>(path: string, variable: string, make: () => T): T {
  try {
    return make();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const mend = code === 'EMFILE' ? 'raise ulimit -n' : `set ${variable} to a directory of yours`;
    throw new SessionError(`${path} cannot be made (${code}); ${mend}`);
  }
}

/** Whether `path` still leads to the directory that is open as `fd`. */
function leadsTo(path: string, fd: number): boolean {
  const [now, then] = [statSync(path, { throwIfNoEntry: false }), fstatSync(fd)];
  return now?.dev === then.dev && now.ino === then.ino;
}

/** False if its parent is not there, or goes meanwhile: the last session in there has ended, and taken it along. */
function makeDirectory(path: string): boolean {
  const parent = dirname(path);
  let fd: number | undefined;
  try {
    fd = openSync(parent, O_PATH);
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' && (fd === undefined || !leadsTo(parent, fd))) return false;
    // Somebody else was faster.
    if (code !== 'EEXIST') throw error;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
  return true;
}

/** Node's own way to make those above too never ends where the system says that there is no such directory, as in /proc. */
function makeDirectories(path: string): void {
  while (!existsSync(path)) {
    makeDirectories(dirname(path));
    if (makeDirectory(path)) return;
  }
}

/** The directory of a session. */
export interface Place {
  readonly place: string;
  /** What goes with the session: the directory with all in it, or if it is empty then, or (it was there before) nothing of it. */
  readonly goes: 'all' | 'empty' | 'nothing';
}

/** Makes the directory, for this user alone. Throws a SessionError if it is somebody else's. */
export function makePlace(name: string | undefined): Place {
  const place = placeOf(name);
  const goes = place !== name ? 'all' : existsSync(place) ? 'nothing' : 'empty';
  if (socketIn(place).length >= SUN_PATH_SIZE)
    throw new SessionError(
      `${socketIn(place)} is too long for a socket; set XDG_RUNTIME_DIR to a shorter path`,
    );
  made(place, 'XDG_RUNTIME_DIR', () => makeDirectories(place));
  for (const directory of name?.includes('/') ? [place] : [top(), place]) {
    const { uid: owner, mode } = lstatSync(directory);
    if (owner !== uid() || (mode & OTHERS) !== 0)
      throw new SessionError(`${directory} is not yours alone; remove it, or set XDG_RUNTIME_DIR`);
  }
  return { place, goes };
}

/** Removes what a session has in its directory, and what {@link Place.goes}; the directory of all if this was the last. */
export function removePlace({ place, goes }: Place): void {
  unlockOwnDirectory(place);
  rmSync(goes === 'all' ? place : socketIn(place), { recursive: goes === 'all', force: true });
  try {
    if (goes === 'empty') rmdirSync(place);
    rmdirSync(top());
  } catch {
    // There are others, or something of the user's, or it never was.
  }
}

/** What {@link removePlace} removes, for those who do so in other current directories: `SessionOptions.left`. */
export function leftIn({ place, goes }: Place): readonly string[] {
  const directory = resolve(place);
  if (goes === 'all') return [directory, `${resolve(top())}/`];
  return [socketIn(directory), ...(goes === 'empty' ? [`${directory}/`] : [])];
}

/** A directory for a session that nobody finds by its name. It is locked by this process, see {@link makeOwnDirectory}. */
export function makePrivatePlace(): Place {
  const place = made(join(tmpdir(), 'usercam-session-'), 'TMPDIR', () =>
    makeOwnDirectory(tmpdir(), 'session-'),
  );
  return { place, goes: 'all' };
}
