/**
 * Where sessions in the background are found: a directory for each, with the socket on which they are asked. It is this user's
 * own, so whoever can connect may.
 */
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
import { EAGAIN } from '../../base/errno.ts';
import { LOCK_EX, LOCK_NB, O_CREAT, O_PATH } from '../../linux/constants.ts';
import { errno, flock } from '../../linux/libc.ts';
import { lockOwnDirectory, makeOwnDirectory, unlockOwnDirectory } from '../../linux/own-directory.ts';
import { SessionError } from '../kernel.ts';

/** As long as the name of a Unix socket may be, with its NUL. */
const SUN_PATH_SIZE = 108;
const SOCKET = 'socket';
const LOCK = '.usercam-lock';
const OTHERS = 0o077;

const uid = (): number => process.getuid?.() ?? 0;

/** The directory of all sessions of this user. */
const top = (): string => join(process.env.XDG_RUNTIME_DIR || tmpdir(), `usercam-${uid()}`);

export const socketIn = (directory: string): string => join(directory, SOCKET);
const lockIn = (directory: string): string => join(directory, LOCK);

/** The name of the session that belongs to a directory of the user's, where no other is given. Few need it, and to load it takes 3 ms. */
const nameFor = (directory: string): string =>
  process.getBuiltinModule('node:crypto').createHash('sha256').update(directory).digest('hex').slice(0, 16);

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
    if (error instanceof SessionError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    const mend = code === 'EMFILE' ? 'raise ulimit -n' : `set ${variable} to a directory of yours`;
    throw new SessionError(`${path} cannot be made (${code}); ${mend}`);
  }
}

/** Whether `path` still leads to what is open as `fd`. */
function leadsTo(path: string, fd: number): boolean {
  const [now, then] = [statSync(path, { throwIfNoEntry: false }), fstatSync(fd)];
  return now?.dev === then.dev && now.ino === then.ino;
}

/**
 * Makes something at `path`, a descriptor or true; undefined if the directory for it is not there, or goes meanwhile: the last
 * session in there has ended, and taken it along.
 */
function makeIn<T>(path: string, make: (path: string) => T): T | undefined {
  const parent = dirname(path);
  let fd: number | undefined;
  try {
    fd = openSync(parent, O_PATH);
    return make(path);
  } catch (error) {
    const isGone = fd === undefined || !leadsTo(parent, fd);
    if (isGone && (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

function makeDirectory(path: string): true {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    // Somebody else was faster.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  return true;
}

/** Node's own way to make those above too never ends where the system says that there is no such directory, as in /proc. */
function makeDirectories(path: string): void {
  while (!existsSync(path)) {
    makeDirectories(dirname(path));
    if (makeIn(path, makeDirectory)) return;
  }
}

/** In a directory of the user's something else may have its name. */
function openLock(path: string): number {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found !== undefined && !(found.isFile() && found.size === 0))
    throw new SessionError(`${path} is no lock of a session; choose another directory`);
  return openSync(path, O_CREAT, 0o600);
}

/** The directory of a session. */
export interface Place {
  readonly place: string;
  /** What goes with the session, beside its own files: the directory with all in it, or if it is empty then, or nothing of it. */
  readonly goes: 'all' | 'empty' | 'nothing';
}

/**
 * Takes the directory for a session: a descriptor that is open for as long as anything of the session may be there, in this
 * process and in who cleans up after it. Undefined if another session has it, which may be at its end.
 */
export function lockPlace({ place, goes }: Place): number | undefined {
  if (goes === 'all') return lockPrivate(place);
  const path = lockIn(place);
  for (;;) {
    made(place, 'XDG_RUNTIME_DIR', () => makeDirectories(place));
    const fd = made(path, 'XDG_RUNTIME_DIR', () => makeIn(path, openLock));
    if (fd === undefined) continue;
    // Where the file system has no locks nobody waits for anybody.
    const isTaken = flock(fd, LOCK_EX | LOCK_NB) < 0 && errno() === EAGAIN;
    // Of the one before it, which takes it along.
    if (!isTaken && leadsTo(path, fd)) return fd;
    closeSync(fd);
    if (isTaken) return undefined;
  }
}

/** It has no name by which another session might find it. */
function lockPrivate(place: string): number {
  const lock = lockOwnDirectory(place);
  if (lock < 0) throw new SessionError(`${place} cannot be opened; leave it there while its session begins`);
  return lock;
}

/** Makes the directory, for this user alone. Throws a SessionError if it is somebody else's. */
export function makePlace(name: string | undefined): Place {
  const place = placeOf(name);
  const goes = place === name && existsSync(place) ? 'nothing' : 'empty';
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
  if (goes === 'all') rmSync(place, { recursive: true, force: true });
  else for (const path of [socketIn(place), lockIn(place)]) rmSync(path, { force: true });
  try {
    if (goes === 'empty') rmdirSync(place);
    rmdirSync(top());
  } catch {
    // There are others, or something of the user's, or it never was.
  }
}

/** What {@link removePlace} removes, for those who do so in other current directories: `FoundBy.paths`. */
export function pathsIn({ place, goes }: Place): readonly string[] {
  const directory = resolve(place);
  const files = goes === 'all' ? [directory] : [socketIn(directory), lockIn(directory)];
  return [...files, ...(goes === 'empty' ? [`${directory}/`] : []), `${resolve(top())}/`];
}

/** A directory for a session that nobody finds by its name. It is locked by this process, see {@link makeOwnDirectory}. */
export function makePrivatePlace(): Place {
  const place = made(join(tmpdir(), 'usercam-session-'), 'TMPDIR', () =>
    makeOwnDirectory(tmpdir(), 'session-'),
  );
  return { place, goes: 'all' };
}
