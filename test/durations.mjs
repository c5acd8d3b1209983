/** How long each test file took when that was last recorded, on two processors: seconds in durations.json. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const path = fileURLToPath(new URL('durations.json', import.meta.url));
const recorded = JSON.parse(readFileSync(path, 'utf8'));
/** A file that was never recorded. */
const UNKNOWN_SECONDS = 5;
/** Node starts for each file, which no test is charged with. */
const START_SECONDS = 0.3;

/** The name of a test file in durations.json: `door/capture`. */
export function nameOf(file) {
  return file.replace(/^.*\/dist\/test\//, '').replace(/\.test\.js$/, '');
}

/** What a file took when that was last recorded. */
export const secondsOf = (file) => recorded[nameOf(file)] ?? UNKNOWN_SECONDS;

/** The longest first: at the end nobody waits for one that began late. */
export function longestFirst(files) {
  return [...files].sort((a, b) => secondsOf(b) - secondsOf(a));
}

/** The seconds that `files` take, `concurrency` of them at a time. */
export function expectedSeconds(files, concurrency) {
  const ends = new Array(concurrency).fill(0);
  for (const file of longestFirst(files)) {
    const first = ends.indexOf(Math.min(...ends));
    ends[first] += secondsOf(file);
  }
  return Math.max(...ends);
}

/** Records what the tests of files took in this run. */
export function record(seconds) {
  const rounded = Object.entries(seconds).map(([name, each]) => [
    name,
    Number((each + START_SECONDS).toFixed(1)),
  ]);
  const all = Object.entries({ ...recorded, ...Object.fromEntries(rounded) });
  all.sort(([a], [b]) => (a < b ? -1 : 1));
  writeFileSync(path, `${JSON.stringify(Object.fromEntries(all), undefined, 2)}\n`);
}
