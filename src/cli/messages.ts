/** What usercam itself says goes to standard error, in one write; the other streams belong to the command. */
import { writeSync } from 'node:fs';
import { exitNow } from '../linux/libc.ts';

const EXIT_CANNOT_TELL = 1;

export function say(text: string): void {
  try {
    writeSync(2, `usercam: ${text}\n`);
  } catch {
    // Nobody listens any more.
  }
}

/** How soon a terminal or pipe that takes nothing at the moment, and was made not to wait, is tried again. */
const FULL_MS = 5;

/** What of `bytes` was written: where nothing waits, it may be a part, and none. */
function writeSome(bytes: Uint8Array): number {
  try {
    return writeSync(1, bytes);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, FULL_MS);
    return 0;
  }
}

/** Prints what was asked for, all of it. A reader who has read enough is no failure; a disk that is full is one. */
export function print(text: string): void {
  const bytes = Buffer.from(text);
  try {
    for (let at = 0; at < bytes.length; ) at += writeSome(bytes.subarray(at));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EPIPE') return;
    say(`cannot write to standard output (${code})`);
    exitNow(EXIT_CANNOT_TELL);
  }
}
