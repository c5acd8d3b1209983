/** Begins the thread of the emulated kernel, before anything is known that it is going to do: to load it takes long. */
import { Worker } from 'node:worker_threads';

/** `programs` is the directory of the programs of usercam, see `bundle.mjs`. Throws if no thread can be started. */
export function startKernel(programs: URL): Worker {
  // Descriptors are closed by libc, where Node does not see it.
  return new Worker(new URL('./kernel-worker.js', programs), { trackUnmanagedFds: false });
}
