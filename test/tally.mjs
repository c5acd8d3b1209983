/** Runs test files and counts what they tell. */
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { inspect } from 'node:util';
import { longestFirst, nameOf } from './durations.mjs';

export const PARALLEL = 6;
/** Ends a file that hangs. */
export const FILE_LIMIT_MS = 900_000;
export const SLOWEST = 10;
/** So begins why a test is skipped that is run in another environment: what it needs follows. See `support/needs.ts`. */
const ELSEWHERE = 'runs elsewhere: ';

/** Lines of what went wrong that are repeated at the end. */
const TOLD_LINES = 25;

/** What went wrong, for a reader who sees only the end of the output. */
function told({ cause, message } = {}) {
  const lines = (typeof cause === 'string' ? cause : inspect(cause ?? message)).split('\n');
  return [...lines.slice(0, TOLD_LINES), ...(lines.length > TOLD_LINES ? ['…'] : [])];
}

export const slowestFirst = (a, b) => b.seconds - a.seconds;

export class Tally {
  tests = 0;
  pass = 0;
  fail = 0;
  skipped = 0;
  todo = 0;
  /** What has failed: names, files, and what went wrong in lines. */
  failures = [];
  /** The tests that were skipped: their names, files and why. */
  skips = [];
  /** The same of those that are run elsewhere, which are not counted, and what they need. */
  elsewhere = [];
  /** The tests that took longest: their names and seconds. */
  slowest = [];
  /** Seconds that each file took. */
  seconds = {};

  /** Takes an event of the test runner; true if it is the end of a test that was not left for elsewhere. */
  take({ type, data }) {
    return (type === 'test:pass' || type === 'test:fail') && this.#count(type.slice('test:'.length), data);
  }

  #count(kind, { name, file, nesting, skip, todo, details }) {
    const seconds = details.duration_ms / 1000;
    if (nesting === 0 && file !== undefined) {
      const key = nameOf(file);
      this.seconds[key] = (this.seconds[key] ?? 0) + seconds;
    }
    // A file is reported as a test of its own only if it could not be run, a suite as one of its type.
    if (details.type === 'suite') return false;
    if (skip?.startsWith?.(ELSEWHERE)) {
      this.elsewhere.push({ name, file, needed: skip.slice(ELSEWHERE.length) });
      return false;
    }
    if (skip !== undefined) this.skip({ name, file, reason: skip });
    else {
      this.tests++;
      if (todo !== undefined) this.todo++;
      else this[kind]++;
      if (todo === undefined && kind === 'fail') this.failures.push({ name, file, why: told(details.error) });
      this.slowest = [...this.slowest, { name, seconds }].sort(slowestFirst).slice(0, SLOWEST);
    }
    return true;
  }

  skip(test) {
    this.tests++;
    this.skipped++;
    this.skips.push(test);
  }

  /** A file has failed, though none of its tests. */
  failed(file) {
    this.tests++;
    this.fail++;
    this.failures.push({ name: 'the file as a whole', file, why: [] });
  }

  /** Takes over what another tally has counted. */
  add({ failures, skips, slowest, seconds, ...counts }) {
    for (const key of ['tests', 'pass', 'fail', 'skipped', 'todo']) this[key] += counts[key];
    this.failures.push(...failures);
    this.skips.push(...skips);
    this.slowest = [...this.slowest, ...slowest].sort(slowestFirst).slice(0, SLOWEST);
    for (const [key, each] of Object.entries(seconds)) this.seconds[key] = (this.seconds[key] ?? 0) + each;
  }
}

/** Runs files in the environment of this process, some side by side, and reports as they end; gives the tally. */
export async function runFiles(files) {
  const events = run({ files: longestFirst(files), concurrency: PARALLEL, timeout: FILE_LIMIT_MS });
  const tally = new Tally();
  for (const type of ['test:pass', 'test:fail']) events.on(type, (data) => tally.take({ type, data }));
  for await (const text of events.compose(new spec())) process.stdout.write(text);
  return tally;
}
