/**
 * Part of `npm run bundle`: has V8 compile the programs that a start waits for, so that with this version of Node they are not read
 * anew (`src/session/compiled-program.ts`). Of that of the emulated kernel, which is large and which each session keeps, what is compiled
 * is what has run; so a session serves a command first, if it can be had here. Of the small ones it is all.
 */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { MessageChannel } from 'node:worker_threads';
import { compiledName, scriptOf } from './dist/src/session/compiled-program.js';
import { firstTrouble } from './dist/src/session/requirements.js';
import { Session } from './dist/src/session/session.js';
import { startKernel } from './dist/src/session/start-kernel.js';

const bundle = new URL('./dist/src/bundle/', import.meta.url);
const pathOf = (name) => fileURLToPath(new URL(name, bundle));
const SMALL = ['command-line.js', 'launcher.js', 'daemon.js'];
/** What all programs do is to look for things; what cameras are for is done as simply as it can be. */
const COMMAND = 'ls /dev /sys/class/video4linux; head -c 1000000 /dev/video0';
const OPTIONS = {
  cameras: ['vivi'],
  replace: true,
  verbose: false,
  watch: false,
  trace: [],
  descriptorLimit: null,
  inherited: [],
};

const { port1: here, port2: there } = new MessageChannel();
const worker = startKernel(bundle, there);

/** Settles when the session has ended; it does not matter why. */
async function serve() {
  let finish;
  const finished = new Promise((resolve) => {
    finish = resolve;
  });
  const events = {
    report: () => {},
    trace: () => {},
    command: ({ kind }) => kind === 'started' || finish(),
    lost: finish,
  };
  const session = new Session(bundle, worker, OPTIONS, events);
  const order = {
    command: ['sh', '-c', `exec >/dev/null 2>&1; ${COMMAND}`],
    environment: [`PATH=${process.env.PATH}`],
    ignored: [],
    blocked: [],
  };
  session.ready.then(() => session.launch(order), finish);
  await finished;
  await session.end();
}

if (firstTrouble() === undefined) await serve();
here.postMessage('compile');
const [compiled] = await once(here, 'message');
writeFileSync(compiledName(pathOf('kernel-worker.js')), compiled);

for (const path of SMALL.map(pathOf)) {
  setFlagsFromString('--no-lazy');
  const script = scriptOf(path, undefined);
  // V8 takes what has been compiled with the same flags.
  setFlagsFromString('--lazy');
  writeFileSync(compiledName(path), script.createCachedData());
}
process.exit();
