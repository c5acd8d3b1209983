/**
 * What usercam costs programs that use no camera: the same command with and without it, in turns, as ratios. Commands
 * time themselves, so the start of usercam does not count. And stat() alone, beside the floor: a supervisor in C that
 * reads the path, asks whether there is a link and lets the call go (floor.c).
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { compile, inTurns, measure, measureWithCamera, median } from './support.ts';

const ROUNDS = 5;
const root = fileURLToPath(new URL('../../', import.meta.url));
const timer = `
const started = performance.now();
const { status } = require('node:child_process').spawnSync(process.argv[1], process.argv.slice(2), { stdio: 'ignore' });
console.log(status === 0 ? performance.now() - started : 'failed');
`;

interface Work {
  readonly name: string;
  readonly unit: string;
  readonly command: string;
  readonly args: readonly string[];
}

const timed = (name: string, command: string, ...args: string[]): Work => ({
  name,
  unit: 'ms',
  command: process.execPath,
  args: ['-e', timer, command, ...args],
});

function works(): readonly Work[] {
  const found = [
    timed(
      'find over node_modules, ten times',
      'sh',
      '-c',
      `for i in 0 1 2 3 4 5 6 7 8 9; do find ${root}node_modules; done`,
    ),
    timed(
      'a TypeScript build',
      `${root}node_modules/.bin/tsc`,
      '-p',
      `${root}src/drivers`,
      '--noEmit',
      '--composite',
      'false',
    ),
    timed('npm ls --all', 'npm', '--prefix', root, 'ls', '--all'),
  ];
  const client = compile('foreign-client');
  if (client === undefined) return found;
  return [...found, { name: 'fork() and execve() of true', unit: 'µs', command: client, args: ['exec'] }];
}

for (const { name, unit, command, args } of works()) {
  if (spawnSync(command, args, { stdio: 'ignore' }).status !== 0) {
    console.log(`${name.padEnd(40)} skipped, it cannot be run here`);
    continue;
  }
  const [without, within] = inTurns(ROUNDS, [
    () => measure(command, args),
    () => measureWithCamera('vivi', command, args),
  ]).map(median) as [number, number];
  const [ratio, more] = [(within / without).toFixed(2), (within - without).toFixed(1)];
  console.log(
    `${name.padEnd(40)} ${without.toFixed(1)} → ${within.toFixed(1)} ${unit}   ratio ${ratio}, ${more} more`,
  );
}

function benchStat(): void {
  const client = compile('foreign-client');
  const floor = compile('floor');
  if (client === undefined || floor === undefined) return;
  const [bare, ours, reference] = inTurns(ROUNDS, [
    () => measure(client, ['stat']),
    () => measureWithCamera('vivi', client, ['stat']),
    () => measure(floor, ['path', client, 'stat']),
  ]).map(median) as [number, number, number];
  const [more, least] = [ours - bare, reference - bare];
  console.log(
    `${'stat() of a file that is none of ours'.padEnd(40)} ${bare.toFixed(1)} → ${ours.toFixed(1)} µs   ${more.toFixed(1)} more, the floor ${least.toFixed(1)}: ratio ${(more / least).toFixed(2)}`,
  );
}

benchStat();
