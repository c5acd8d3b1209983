/**
 * What the trace points cost while nobody listens: QBUF and DQBUF of one buffer in this process (`pair-of-calls.ts`), as they
 * are and with the points compiled out, by turns in one process. How a compiler happens to lay out one of the two makes
 * more of a difference than the points do, so there are many processes, in half of which the one is loaded first and in half
 * the other. Printed are the median of their ratios and between which values it is with 95 % certainty. The goal is
 * at most 1.03.
 *
 *     node dist/bench/trace.js
 */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { directory, median, medianInterval } from './support.ts';

type Pairs = typeof import('./pair-of-calls.ts');

const PROCESSES = 60;
const TURNS = 40;
const PAIRS_OF_TURN = 5_000;
const WARM_UP = 10;
const BODIES = ['pairsOfQueue', 'pairsOfIoctls'] as const;
const NAMES = ['QBUF + done + DQBUF', 'the same by ioctl'];

/** `if (point.enabled) …` is gone, as if the point had never been written. */
const withoutPoints: Plugin = {
  name: 'without-trace-points',
  setup({ onLoad }) {
    onLoad({ filter: /dist\/src\/.*\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replaceAll(/\b\w+\.enabled\b(?! =)/g, 'false'),
    }));
  },
};

async function variant(name: string, plugins: Plugin[]): Promise<string> {
  const outfile = join(directory, `${name}.mjs`);
  const entry = fileURLToPath(new URL('./pair-of-calls.js', import.meta.url));
  const form = { bundle: true, format: 'esm', platform: 'node', minifySyntax: true } as const;
  await build({ entryPoints: [entry], outfile, ...form, plugins });
  return pathToFileURL(outfile).href;
}

/** Of the processor, so that it does not matter what else runs. */
function time(body: (count: number) => void): number {
  const start = process.cpuUsage();
  body(PAIRS_OF_TURN);
  const { user, system } = process.cpuUsage(start);
  return user + system;
}

/** How long `first` takes beside `second`. Who begins a turn comes second in the next. */
function ratioOf(first: (count: number) => void, second: (count: number) => void): number {
  for (let turn = 0; turn < WARM_UP; turn++) [first, second].map(time);
  const ratios = Array.from({ length: TURNS }, (_, turn) => {
    if (turn % 2 === 0) return time(first) / time(second);
    const later = time(second);
    return time(first) / later;
  });
  return median(ratios);
}

async function measure(first: string, second: string): Promise<void> {
  const one = (await import(first)) as Pairs;
  const other = (await import(second)) as Pairs;
  console.log(JSON.stringify(BODIES.map((name) => ratioOf(one[name], other[name]))));
}

function ratiosInProcess(first: string, second: string): readonly number[] {
  const { stdout } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), first, second], {
    encoding: 'utf8',
  });
  return JSON.parse(stdout) as readonly number[];
}

async function main(): Promise<void> {
  const points = await variant('with', []);
  const none = await variant('without', [withoutPoints]);
  const ratios = Array.from({ length: PROCESSES }, (_, n) =>
    n % 2 === 0 ? ratiosInProcess(points, none) : ratiosInProcess(none, points).map((ratio) => 1 / ratio),
  );
  for (const [body, name] of NAMES.entries()) {
    const { median, low, high } = medianInterval(ratios.map((each) => each[body] as number));
    const [ratio, from, to] = [median, low, high].map((value) => value.toFixed(3));
    console.log(`${name.padEnd(20)} with trace points ${ratio} of without (${from} … ${to})`);
  }
}

const [first, second] = process.argv.slice(2);
if (first !== undefined && second !== undefined) await measure(first, second);
else await main();
