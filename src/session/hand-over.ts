/** What a command was given it has alone from then on. */
import { closeSync, openSync } from 'node:fs';
import { isatty } from 'node:tty';
import { close, dup2 } from '../linux/libc.ts';

const STREAMS = [0, 1];

/**
 * The command has its standard streams and `inherited`: this process lets go of its own, so that who waits for the end of a
 * pipe at its other side waits for the command alone, as it would without us. It keeps standard error, on which it may have
 * something to say, and terminals, by which it knows its place in a job.
 */
export function handOver(inherited: readonly number[]): void {
  for (const fd of inherited) close(fd);
  let nothing: number;
  try {
    nothing = openSync('/dev/null', 'r+');
  } catch {
    // Their numbers have to be taken, and there is nothing to take them with.
    return;
  }
  for (const fd of STREAMS) if (!isatty(fd)) dup2(nothing, fd);
  closeSync(nothing);
}
