/**
 * The directory for the files of the devices. It has a mark, and is locked for as long as its maker lives: by both those are
 * known that somebody left behind who could not clean up. A name is no proof: other directories may have such names.
 */
import { existsSync, lstatSync, mkdtempSync, readdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LOCK_EX, LOCK_NB, LOCK_SH, O_CLOEXEC } from '../../linux/constants.ts';
import { close, flock, open } from '../../linux/libc.ts';

const PREFIX = 'usercam-';
const MARK = '.usercam-devices';
const CANDIDATES = [process.env.XDG_RUNTIME_DIR, tmpdir(), '/tmp', '/dev/shm', '/var/tmp', '.'];
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

/** Removes what killed runs have left in `parent`, as far as we may. */
function sweep(parent: string): void {
  try {
    for (const name of readdirSync(parent)) {
      // There may be many that are not ours: to do more than this for each of them has V8 load its optimising compiler.
      if (!name.startsWith(PREFIX)) continue;
      const directory = join(parent, name);
      if (isAbandoned(directory)) removeShadowRoot(directory);
    }
  } catch {
    // One may be allowed to write in a directory and not to list it.
  }
}

/** The locks of those that we have made. */
const locks = new Map<string, number>();

/** In `parent`; throws what the file system says. */
function makeIn(parent: string): string {
  const root = mkdtempSync(join(parent, PREFIX));
  const mark = join(root, MARK);
  try {
    writeFileSync(mark, '');
    const fd = lock(root, LOCK_SH);
    if (fd < 0) throw Object.assign(new Error(`${root} cannot be opened`), { code: 'EMFILE' });
    locks.set(root, fd);
    return root;
  } catch (error) {
    // Not by what wants to open it.
    rmSync(mark, { force: true });
    rmdirSync(root);
    throw error;
  }
}

/** Makes an empty directory of ours; the first place that allows it. It stays locked until this process ends. */
export function makeShadowRoot(): string {
  for (const parent of CANDIDATES) {
    if (parent === undefined || parent === '') continue;
    try {
      const root = makeIn(parent);
      sweep(parent);
      return root;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EMFILE' || code === 'ENFILE')
        throw new Error('too few descriptors are allowed; raise ulimit -n');
    }
  }
  throw new Error('no directory can be written for the device files; set TMPDIR to one that can');
}

/** Removes what {@link makeShadowRoot} made, even while somebody is still writing there. */
export function removeShadowRoot(root: string): void {
  // To look into it takes a descriptor, and there may be no other.
  const fd = locks.get(root);
  if (fd !== undefined) close(fd);
  locks.delete(root);
  rmSync(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 5 });
}
