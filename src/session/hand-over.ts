/** What a command was given it has alone from then on. */
import { closeSync, openSync, readFileSync } from 'node:fs';
import { isatty } from 'node:tty';
import { close, dup2 } from '../linux/libc.ts';

const STREAMS = [0, 1];

/**
 * The command has its standard streams and `inherited`: this process lets go of its own, so that who waits for the end of a
 * pipe at its other side waits for the command alone, as it would without us. It keeps standard error, on which it may have
 * something to say, terminals, by which it knows its place in a job, and what it has locked.
 */
export function handOver(inherited: readonly number[]): void {
  for (const fd of inherited) if (!isLocked(fd)) close(fd);
  let nothing: number;
  try {
    nothing = openSync('/dev/null', 'r+');
  } catch {
    // Their numbers have to be taken, and there is nothing to take them with.
    return;
  }
  for (const fd of STREAMS) if (!isatty(fd) && !isLocked(fd)) dup2(nothing, fd);
  closeSync(nothing);
}

/**
 * Whether whoever became this process has locked the file by fcntl(): such a lock is the process's, and goes with the first
 * descriptor of the file that it closes. (Not by /proc/locks: who opens that waits some 12 ms for all processors.)
 */
function isLocked(fd: number): boolean {
  try {
    return /^lock:.* POSIX /m.test(readFileSync(`/proc/self/fdinfo/${fd}`, 'latin1'));
  } catch {
    return false;
  }
}
