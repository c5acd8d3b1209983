/**
 * A descriptor that is kept for when there is no other. Who has a device open is read in files of /proc, and must be known also
 * when programs have had so much opened that this process may open no more. One is enough: each of those files is closed
 * before the next one is opened.
 */
import { O_CLOEXEC, O_PATH } from './constants.ts';
import { close, open } from './libc.ts';
import { waitReadable } from './wait-readable.ts';

const NONE = -1;
const PAUSE_NS = 1e6;
/** The emulated kernel stands still meanwhile: whoever looks in vain looks again later. */
const MOST_TRIES = 3;
let spare = NONE;

/** From now on there is one, if there may be; nothing happens if there is. */
export function keepSpare(): void {
  if (spare === NONE) spare = Math.max(NONE, open('/', O_PATH | O_CLOEXEC));
}

/**
 * Makes room for what is opened next, after which {@link keepSpare} is to take one again; false if there is none. `tries` is how often
 * that was done before, in vain: another thread of this process had it meanwhile, for a file that it closes at once.
 */
export function makeRoom(tries: number): boolean {
  if (spare !== NONE) {
    close(spare);
    spare = NONE;
    return true;
  }
  if (tries === 0 || tries > MOST_TRIES) return false;
  waitReadable([], PAUSE_NS);
  return true;
}
