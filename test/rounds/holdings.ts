/** What there is of sessions: found by where their temporary files are, which all that they start inherits. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive } from '../support/door.ts';

export interface Holdings {
  /** All but this one. */
  readonly processes: number;
  /** Of this process, whatever they show. */
  readonly descriptors: number;
  /** Those of them that are sockets. */
  readonly sockets: number;
  /** Sockets of anybody that have a name in the directory. */
  readonly names: number;
  /** Memory of buffers, as descriptors or mapped, of this process. */
  readonly memfds: number;
  /** Files and directories in the directory for temporary files. */
  readonly files: number;
}

/** How many lines of `path` have `word` in them. */
const lines = (path: string, word: string) =>
  readFileSync(path, 'latin1')
    .split('\n')
    .filter((line) => line.includes(word)).length;

/** Sockets of anybody that have a name in `directory`: those of a process are closed after it has lost its environment. */
export const namesIn = (directory: string): number => lines('/proc/net/unix', directory);

/** The processes, other than this one, that have `directory` for their temporary files. */
export function processesOf(directory: string): readonly number[] {
  const entry = `TMPDIR=${directory}`;
  return readdirSync('/proc').flatMap((name) => {
    const pid = Number(name);
    if (!Number.isInteger(pid) || pid === process.pid || !isAlive(pid)) return [];
    try {
      return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(entry) ? [pid] : [];
    } catch {
      return [];
    }
  });
}

function shownBy(fd: string): string {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`);
  } catch {
    // That of the directory that was read.
    return '';
  }
}

function filesBelow(path: string): number {
  return readdirSync(path, { withFileTypes: true }).reduce(
    (sum, each) => sum + 1 + (each.isDirectory() ? filesBelow(join(path, each.name)) : 0),
    0,
  );
}

export function holdings(directory: string): Holdings {
  const shown = readdirSync('/proc/self/fd').map(shownBy);
  return {
    processes: processesOf(directory).length,
    descriptors: shown.filter((what) => what !== '').length,
    sockets: shown.filter((what) => what.startsWith('socket:')).length,
    names: namesIn(directory),
    memfds:
      shown.filter((what) => what.startsWith('/memfd:usercam')).length +
      lines('/proc/self/maps', '/memfd:usercam'),
    files: filesBelow(directory),
  };
}
