/**
 * Standard output and error of our own process, where they are no terminals. Node makes them non-blocking as soon as it opens
 * them (when a thread begins, when any socket is closed), and with that those of the command, which shares them: the command
 * then loses what it writes while nobody reads.
 */
import { writeSync } from 'node:fs';
import { Writable } from 'node:stream';
import { isatty } from 'node:tty';

function openedBlocking(fd: number): Writable {
  return new Writable({
    write(chunk, _encoding, done) {
      try {
        writeSync(fd, chunk);
      } catch {
        // Nobody listens any more.
      }
      done();
    },
  });
}

/** To be called before anything of Node's could open them. */
export function keepStreamsBlocking(): void {
  for (const [name, fd] of [
    ['stdout', 1],
    ['stderr', 2],
  ] as const) {
    if (isatty(fd)) continue;
    const stream = openedBlocking(fd);
    Object.defineProperty(process, name, { configurable: true, enumerable: true, get: () => stream });
  }
}
