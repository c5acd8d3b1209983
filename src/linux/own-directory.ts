/**
 * Directories of usercam in places where others have theirs. Each has a mark, and is locked for as long as its maker lives: by
 * both those are known that somebody left behind who could not clean up. A name is no proof: other directories may have
 * such names.
 */
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdtempSync,
  readdirSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { LOCK_EX, LOCK_NB, LOCK_SH, O_CLOEXEC } from './constants.ts';
import { close, flock, open } from './libc.ts';

const PREFIX = 'usercam-';
const MARK = '.usercam-devices';
const OWN_MODE = 0o700;
/** A directory that was made just now may not have been locked yet. */
const YOUNG_MS = 60_000;

/** Opens and locks a directory; -1 if somebody else's lock is there. */
function lock(directory: string, how: number): number {
  const fd = open(directory, O_CLOEXEC);
  if (fd >= 0 && flock(fd, how | LOCK_NB) === 0) return fd;
  if (fd >= 0) close(fd);
  return -1;
}

function isAbandoned(directory: string): boolean {
  try {
    const { uid, mtimeMs } = lstatSync(directory);
    if (!existsSync(join(directory, MARK))) return false;
    if (uid !== process.getuid?.() || Date.now() - mtimeMs < YOUNG_MS) return false;
  } catch {
    return false;
  }
  const fd = lock(directory, LOCK_EX);
  if (fd >= 0) close(fd);
  return fd >= 0;
}

/** Removes what killed processes have left in `parent`, as far as we may. */
function sweep(parent: string): void {
  try {
    for (const name of readdirSync(parent)) {
      // There may be many that are not ours: to do more than this for each of them has V8 load its optimising compiler.
      if (!name.startsWith(PREFIX)) continue;
      const directory = join(parent, name);
      if (isAbandoned(directory)) removeOwnDirectory(directory);
    }
  } catch {
    // One may be allowed to write in a directory and not to list it.
  }
}

/** The locks of those that this process has made. */
const locks = new Map<string, number>();

/**
 * Makes a directory in `parent` whose name begins with `usercam-` and `more`; removes what was abandoned there. It is locked
 * until {@link unlockOwnDirectory} or this process ends. Throws what the file system says.
 */
export function makeOwnDirectory(parent: string, more = ''): string {
  const directory = mkdtempSync(join(parent, PREFIX + more));
  // Whatever the umask takes away.
  chmodSync(directory, OWN_MODE);
  const mark = join(directory, MARK);
  try {
    writeFileSync(mark, '');
    const fd = lock(directory, LOCK_SH);
    if (fd < 0) throw Object.assign(new Error(`${directory} cannot be opened`), { code: 'EMFILE' });
    locks.set(directory, fd);
  } catch (error) {
    // Not by what wants to open it.
    rmSync(mark, { force: true });
    rmdirSync(directory);
    throw error;
  }
  sweep(parent);
  return directory;
}

/** Locks one that another process has made, for as long as the descriptor that this gives is open; -1 if it has gone. */
export function lockOwnDirectory(directory: string): number {
  return lock(directory, LOCK_SH);
}

/** The descriptor by which this process has locked what it made. */
export function lockOf(directory: string): number {
  return locks.get(directory) as number;
}

/** It is somebody else's from now on. */
export function unlockOwnDirectory(directory: string): void {
  const fd = locks.get(directory);
  if (fd !== undefined) close(fd);
  locks.delete(directory);
}

/** Removes what {@link makeOwnDirectory} made, even while somebody is still writing there. */
export function removeOwnDirectory(directory: string): void {
  // To look into it takes a descriptor, and there may be no other.
  unlockOwnDirectory(directory);
  try {
    rmSync(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 5 });
  } catch {
    // From Node 24 on that takes one for each level.
    removeOneByOne(directory);
  }
}

function removeOneByOne(directory: string): void {
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) removeOneByOne(path);
    else rmSync(path, { force: true });
  }
  rmdirSync(directory);
}
