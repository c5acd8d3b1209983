/**
 * What sessions weigh that have two cameras each and nothing to do: one of them, and twenty at once. Beside them as many
 * Nodes that do nothing at all, with as many threads, in the same run: what no program of that shape in Node can go below.
 *
 * Which figure is fair: `ps` and `top` count the code of Node, some 30 MB, for each process that runs it, although it is in
 * memory once. So does the first column. The second counts what lies in files once; it is what would be free if all
 * of them ended, and the goals are meant for it: 70 MB for one session, 1,200 MB for twenty. PSS is no better: it is lower
 * on a machine where other Nodes run.
 *
 *     node dist/bench/sessions.js
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { processesBelow, type Resident, residentOf } from './resident.ts';

/** As whoever installs the package has it. */
const bundle = new URL('../src/bundle/index.mjs', import.meta.url);
const { startSession } = (await import(bundle.href)) as typeof import('../src/session/host/start-session.ts');

const CAMERAS = ['vivi', 'vivi'];
/** The processes of a session, as Nodes that do nothing: the launcher, and the one whose kernel is a thread of its own. */
const IDLE = 'setInterval(() => {}, 1e9);';
const FLOOR = [IDLE, `${IDLE} new (require('node:worker_threads').Worker)('${IDLE}', { eval: true });`];
/** In which an idle runtime has given back what it does not need. */
const SETTLE_MS = 10_000;

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(0)} MB`;

async function settled(): Promise<Resident> {
  await sleep(SETTLE_MS);
  return residentOf(processesBelow(process.pid));
}

async function idleNodes(count: number): Promise<Resident> {
  const nodes: readonly ChildProcess[] = Array.from({ length: count }, () => FLOOR)
    .flat()
    .map((script) => spawn(process.execPath, ['-e', script], { stdio: 'ignore' }));
  const found = await settled();
  await Promise.all(
    nodes.map((node) => {
      node.kill();
      return new Promise((resolve) => node.once('exit', resolve));
    }),
  );
  return found;
}

for (const count of [1, 20]) {
  const sessions = await Promise.all(
    Array.from({ length: count }, () => startSession({ cameras: CAMERAS, replace: true })),
  );
  const ours = await settled();
  await Promise.all(sessions.map((session) => session.end()));
  const floor = await idleNodes(count);
  const beside = (what: keyof Resident) =>
    `${megabytes(ours[what])}, ${(ours[what] / floor[what]).toFixed(2)} of idle Nodes (${megabytes(floor[what])})`;
  console.log(
    `${`${count} session(s)`.padEnd(16)} each process by itself ${beside('each')}   code once ${beside('once')}`,
  );
}
