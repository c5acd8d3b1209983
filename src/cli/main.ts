/** The entry. What takes long begins at once, beside all the rest: it is what the first frame waits for. */
import { Worker } from 'node:worker_threads';
import { takeGiven } from '../session/given.ts';
import { givenDescriptors } from '../session/given-descriptors.ts';
import { hasNodeOptions } from '../session/node-options.ts';

/** Of what the worker ended before anybody listened to it. */
let failure: Error | undefined;

function startKernel(): Worker | undefined {
  try {
    // Descriptors are closed by libc, where Node does not see it.
    const worker = new Worker(new URL('./kernel-worker.js', import.meta.url), { trackUnmanagedFds: false });
    return worker.on('error', (error: Error) => {
      failure = error;
    });
  } catch {
    return undefined;
  }
}

const given = takeGiven();
const inherited = givenDescriptors();
const worker = process.argv[2] === 'run' && !hasNodeOptions() ? startKernel() : undefined;
const { main } = await import('./command-line.ts');
await main({ worker, given, inherited, failure: () => failure });
