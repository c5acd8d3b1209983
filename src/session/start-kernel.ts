/** Begins the thread of the emulated kernel, before anything is known that it is going to do: to load it takes long. */
import { type MessagePort, Worker } from 'node:worker_threads';
import { argumentsFor } from './compiled-program.ts';

/**
 * New objects get so much room, in megabytes: in the kernel few are made. By itself V8 takes several times as much as soon as
 * the program is loaded, and keeps it, in each session that there is.
 */
const YOUNG_MB = 1;

/**
 * `programs` is the directory of the programs of usercam, see `bundle.mjs`. `whoCompiles` asks for the
 * program as V8 has compiled it, see `begin.ts`. Throws if no thread can be started.
 */
export function startKernel(programs: URL, whoCompiles?: MessagePort): Worker {
  const [begin, program] = argumentsFor(programs, './kernel-worker.js');
  return new Worker(begin, {
    argv: [program],
    // Descriptors are closed by libc, where Node does not see it.
    trackUnmanagedFds: false,
    // Bun has no such limit, and says so to the user.
    ...(process.versions.bun === undefined && { resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MB } }),
    ...(whoCompiles !== undefined && { workerData: { whoCompiles }, transferList: [whoCompiles] }),
  });
}
