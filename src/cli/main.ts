/** The entry. What takes long begins at once, beside all the rest: it is what the first frame waits for. */
import { fileURLToPath } from 'node:url';
import type { Worker } from 'node:worker_threads';
import { errorOf } from '../base/bug.ts';
import { saysOutOfDescriptors, TOO_FEW_DESCRIPTORS } from '../base/too-few-descriptors.ts';
import { runProgram } from '../session/compiled-program.ts';
import { takeGiven } from '../session/given.ts';
import { givenDescriptors } from '../session/given-descriptors.ts';
import { hasNodeOptions } from '../session/node-options.ts';
import { startKernel } from '../session/start-kernel.ts';
import { holdSignals } from './early-signals.ts';
import { keepStreamsBlocking } from './own-streams.ts';

/** Those of usercam are beside each other, see `bundle.mjs`. */
const programs = new URL('.', import.meta.url);

/** As everywhere: usercam cannot do what it is asked for. */
const EXIT_USAGE = 2;

/** Of what the worker ended before anybody listened to it. */
let failure: Error | undefined;

function startWorker(): Worker | undefined {
  try {
    return startKernel(programs).on('error', (thrown: unknown) => {
      failure = errorOf(thrown);
    });
  } catch {
    return undefined;
  }
}

const given = takeGiven();
// Whatever comes after it may open descriptors of ours.
const inherited = givenDescriptors(given.open);
const early = holdSignals(given);
keepStreamsBlocking();
/** A session that is running has its kernel. */
function needsKernel(): boolean {
  const [command, ...words] = process.argv.slice(2);
  const end = words.indexOf('--');
  const options = end < 0 ? words : words.slice(0, end);
  return command === 'run' && !hasNodeOptions() && !options.some((word) => /^--session(=|$)/.test(word));
}

const worker = needsKernel() ? startWorker() : undefined;

/** The thread that has begun may have taken the last descriptor, before anything that is loaded or looked at here. */
function cannotStart(error: Error): void {
  // What cannot be read of a package has a code of its own.
  if (!saysOutOfDescriptors(error.message)) throw error;
  process.stderr.write(`usercam: ${TOO_FEW_DESCRIPTORS}\n`);
  process.exit(EXIT_USAGE);
}

async function main(): Promise<void> {
  const { exports } = runProgram(fileURLToPath(new URL('./command-line.js', programs)));
  const commandLine = exports as typeof import('./command-line.ts');
  await commandLine.main({ programs, worker, given, early, inherited, failure: () => failure });
}

main().catch(cannotStart);
