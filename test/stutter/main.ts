/**
 * `npm run stutter -- COMMAND…`: runs a command, and meanwhile takes the processors from up to three of the processes below
 * it at a time, for a moment, as a busy machine does: a test that depends on when something happens fails then, and so does
 * a rule that guesses it. The quota of a control group does that, which no process can see; root only.
 *
 *     npm run stutter -- node test/run.mjs user
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { descendants } from '../support/door.ts';

const GROUPS = '/sys/fs/cgroup';
/** Of the first kind of control groups each controller has a tree of its own. */
const V1 = join(GROUPS, 'cpu');
const isV1 = existsSync(V1);
const tree = isV1 ? V1 : GROUPS;
const held = join(tree, `stutter-${process.pid}`);
const PERIOD_US = 1_000_000;
const QUOTA_US = 1000;
const [LEAST_MS, MOST_MS, BETWEEN_MS] = [80, 300, 100];
const MOST_AT_ONCE = 3;
/** Who counts how long a test may take is not what is tested. */
const RUNNER = /run\.mjs| --test/;

const between = (least: number, most: number) => least + Math.random() * (most - least);

function makeGroup(): void {
  if (!isV1) writeFileSync(join(tree, 'cgroup.subtree_control'), '+cpu');
  mkdirSync(held);
  if (isV1) {
    writeFileSync(join(held, 'cpu.cfs_period_us'), String(PERIOD_US));
    writeFileSync(join(held, 'cpu.cfs_quota_us'), String(QUOTA_US));
  } else writeFileSync(join(held, 'cpu.max'), `${QUOTA_US} ${PERIOD_US}`);
}

/** The group that `pid` is in; undefined if it has ended. */
function groupOf(pid: number): string | undefined {
  const pattern = isV1 ? /^\d+:(?:\w+,)*cpu(?:,\w+)*:(.*)$/m : /^0::(.*)$/m;
  try {
    return join(tree, pattern.exec(readFileSync(`/proc/${pid}/cgroup`, 'utf8'))?.[1] ?? '/');
  } catch {
    return undefined;
  }
}

function move(pid: number, group: string): void {
  try {
    writeFileSync(join(group, 'cgroup.procs'), String(pid));
  } catch {
    // It has ended.
  }
}

/** Up to {@link MOST_AT_ONCE} of the processes below `pid`. */
function chosen(pid: number): readonly number[] {
  const all = descendants(pid).filter(({ command }) => !RUNNER.test(command));
  const count = Math.min(all.length, Math.ceil(Math.random() * MOST_AT_ONCE));
  return Array.from({ length: count }, () => all[Math.floor(Math.random() * all.length)]?.pid ?? 0);
}

/** They stand still for a moment, and whom they start meanwhile; false if there is nobody. */
async function hold(pids: readonly number[]): Promise<boolean> {
  const home = groupOf(pids[0] ?? 0);
  if (home === undefined) return false;
  for (const pid of pids) move(pid, held);
  await sleep(between(LEAST_MS, MOST_MS));
  for (const pid of readFileSync(join(held, 'cgroup.procs'), 'utf8').match(/\d+/g) ?? [])
    move(Number(pid), home);
  return true;
}

const [name, ...words] = process.argv.slice(2);
if (name === undefined) throw new Error('say what to run: npm run stutter -- node test/run.mjs user');
makeGroup();
const command = spawn(name, words, { stdio: 'inherit' });
const ended = once(command, 'exit') as Promise<[number | null, NodeJS.Signals | null]>;
let stutters = 0;
while (command.exitCode === null && command.signalCode === null) {
  if (await hold(chosen(command.pid ?? 0))) stutters++;
  await sleep(between(0, BETWEEN_MS));
}
rmdirSync(held);
const [code, signal] = await ended;
console.error(`${stutters} times some of it stood still`);
process.exit(code ?? 128 + constants.signals[signal as NodeJS.Signals]);
