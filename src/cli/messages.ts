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

/** Prints what was asked for. A reader who has read enough is no failure; a disk that is full is one. */
export function print(text: string): void {
  try {
    writeSync(1, text);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EPIPE') return;
    say(`cannot write to standard output (${code})`);
    exitNow(EXIT_CANNOT_TELL);
  }
}
