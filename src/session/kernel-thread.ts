/** What the thread of the emulated kernel begins with: its program, compiled if that can be had. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type MessagePort, workerData } from 'node:worker_threads';
import { compiledName, scriptOf } from './compiled-program.ts';

const program = fileURLToPath(new URL('./kernel-worker.js', import.meta.url));
const require = createRequire(program);

function compiled(): Buffer | undefined {
  try {
    return readFileSync(compiledName(program));
  } catch {
    return undefined;
  }
}

/** `whoCompiles` asks, by any message, for what V8 has made of the program by then. */
function run(whoCompiles: MessagePort | undefined): void {
  const script = scriptOf(program, compiled());
  whoCompiles?.once('message', () => whoCompiles.postMessage(script.createCachedData()));
  const module = { exports: {} };
  script.runInThisContext()(module.exports, require, module, program, dirname(program));
}

// Bun has a form of its own.
if (process.versions.bun === undefined) run(workerData?.whoCompiles);
else require(program);
