import { Console } from 'node:console';
import { writeSync } from 'node:fs';
import { Writable } from 'node:stream';

/**
 * From now on what this thread says goes to standard error: standard output belongs to the command, and a worker's own streams
 * come through a loop that seldom runs.
 */
export function sendConsoleToStderr(): void {
  const stderr = new Writable({
    write(chunk: Uint8Array, _encoding, done) {
      writeSync(2, chunk);
      done();
    },
  });
  globalThis.console = new Console(stderr);
}
