/** Runs test files and counts what they tell. */
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { longestFirst, nameOf } from './durations.mjs';

export const PARALLEL = 3;
/** Ends a file that hangs. */
const FILE_LIMIT_MS = 900_000;
export const SLOWEST = 10;

export const slowestFirst = (a, b) => b.seconds - a.seconds;

class Tally {
  tests = 0;
  pass = 0;
  fail = 0;
  skipped = 0;
  todo = 0;
  /** The tests that were skipped: their names, files and why. */
  skips = [];
  /** The tests that took longest: their names and seconds. */
  slowest = [];
  /** Seconds that each file took. */
  seconds = {};

  watch(events) {
    events.on('test:pass', (event) => this.#count('pass', event));
    events.on('test:fail', (event) => this.#count('fail', event));
  }

  #count(kind, { name, file, nesting, skip, todo, details }) {
    const seconds = details.duration_ms / 1000;
    if (nesting === 0 && file !== undefined) {
      const key = nameOf(file);
      this.seconds[key] = (this.seconds[key] ?? 0) + seconds;
    }
    // A file is reported as a test of its own only if it could not be run, a suite as one of its type.
    if (details.type === 'suite') return;
    this.tests++;
    if (skip !== undefined) {
      this.skipped++;
      this.skips.push({ name, file, reason: skip });
    } else if (todo !== undefined) this.todo++;
    else this[kind]++;
    this.slowest = [...this.slowest, { name, seconds }].sort(slowestFirst).slice(0, SLOWEST);
  }
}

/** Runs files in the environment of this process, some side by side, and reports as they end; gives the tally. */
export async function runFiles(files, reporter = new spec(), concurrency = PARALLEL) {
  const events = run({ files: longestFirst(files), concurrency, timeout: FILE_LIMIT_MS });
  const tally = new Tally();
  tally.watch(events);
  for await (const text of events.compose(reporter)) process.stdout.write(text);
  return { ...tally };
}
