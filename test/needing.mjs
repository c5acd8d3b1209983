/**
 * Runs tests with nothing in their PATH but what they name and what every system has, so one that uses more fails.
 * So whatever is missing on a machine, a test either names it and is skipped, or passes without it.
 */
import { execFile } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { capabilityNames, findUsable, programsOf, searchPath } from '../dist/test/support/capabilities.js';
import { longestFirst, secondsOf } from './durations.mjs';
import { FILE_LIMIT_MS, PARALLEL, Tally } from './tally.mjs';

const reporter = fileURLToPath(new URL('brief-reporter.mjs', import.meta.url));
const namesIn = (needed) => (needed === '' ? [] : needed.split(', '));

function listed(place) {
  try {
    return readdirSync(place);
  } catch {
    return [];
  }
}

/** PATH and modules of a machine where only `names` are there, in a new `directory`. */
function showOnly(names, directory) {
  const shown = names.flatMap(programsOf);
  const taken = new Set(capabilityNames.flatMap(programsOf).filter((each) => !shown.includes(each)));
  const [path, modules] = ['path', 'modules'].map((name) => join(directory, name));
  for (const each of [path, modules]) mkdirSync(each);
  for (const place of searchPath().split(delimiter))
    for (const each of listed(place)) {
      if (taken.has(each)) continue;
      taken.add(each);
      symlinkSync(join(place, each), join(path, each));
    }
  // A module that is hidden although the program that loads it is not.
  if (!names.includes('opencv')) writeFileSync(join(modules, 'cv2.py'), 'raise ImportError("hidden")\n');
  return { PATH: path, PYTHONPATH: modules };
}

/** Programs that are hidden and found all the same would make every test pass. */
async function checkHiding(hidden) {
  const before = { ...process.env };
  Object.assign(process.env, hidden);
  const seen = Object.keys(await findUsable());
  for (const name of Object.keys(hidden))
    if (before[name] === undefined) delete process.env[name];
    else process.env[name] = before[name];
  if (seen.length > 0) throw new Error(`hidden and found all the same: ${seen.join(', ')}`);
}

/** Runs the tests of `file` that need exactly `needed`, where `env` is all there is; gives their tally. */
function runApart({ needed, file }, env, directory) {
  const place = mkdtempSync(join(directory, 's-'));
  const results = join(place, 'results.json');
  const own = {
    CI: 'false',
    USERCAM_TEST_DIR: place,
    USERCAM_TEST_EXACTLY: needed,
    USERCAM_TEST_RESULTS: results,
  };
  const words = [`--test-reporter=${reporter}`, '--test-reporter-destination=stdout', file];
  const options = { env: { ...process.env, ...env, ...own }, maxBuffer: 2 ** 27, timeout: FILE_LIMIT_MS };
  return new Promise((resolve) => {
    const child = execFile(process.execPath, words, options, (error) => {
      const tally = new Tally();
      try {
        const { elsewhere, ...counts } = JSON.parse(readFileSync(results, 'utf8'));
        tally.add(counts);
        tally.elsewhere = elsewhere;
      } catch {
        console.log(`✖ ${file} did not end: ${error?.signal ?? error?.code}`);
      }
      if (error !== null && tally.fail === 0) tally.failed(file);
      rmSync(place, { recursive: true, force: true });
      resolve(tally);
    });
    child.stdout.pipe(process.stdout, { end: false });
    child.stderr.pipe(process.stderr, { end: false });
  });
}

/** Carries out jobs, and those that they lead to, some side by side. */
function carryOut(jobs, work) {
  return new Promise((resolve, reject) => {
    let running = 0;
    const next = () => {
      for (; running < PARALLEL && jobs.length > 0; running++)
        work(jobs.shift()).then((more) => {
          running--;
          jobs.push(...more);
          jobs.sort((one, other) => secondsOf(other.file) - secondsOf(one.file));
          next();
        }, reject);
      if (running === 0) resolve();
    };
    next();
  });
}

async function runAll(files, usable, directory) {
  const tally = new Tally();
  const made = new Map();
  const surroundings = (needed) => {
    if (!made.has(needed)) {
      const names = namesIn(needed);
      const told = JSON.stringify(Object.fromEntries(names.map((name) => [name, usable[name]])));
      const shown = showOnly(names, mkdtempSync(join(directory, 'm-')));
      made.set(needed, { ...shown, USERCAM_TEST_USABLE: told });
    }
    return made.get(needed);
  };
  await checkHiding(surroundings(''));
  const jobs = longestFirst(files).map((file) => ({ needed: '', file }));
  await carryOut(jobs, async (job) => {
    const result = await runApart(job, surroundings(job.needed), directory);
    tally.add(result);
    if (job.needed !== '') return [];
    const wanted = new Set();
    for (const { name, file, needed } of result.elsewhere) {
      const absent = namesIn(needed).filter((each) => usable[each] === undefined);
      if (absent.length === 0) wanted.add(needed);
      else tally.skip({ name, file, reason: `not usable here: ${absent.join(', ')}` });
    }
    return [...wanted].map((needed) => ({ needed, file: job.file }));
  });
  return tally;
}

/**
 * Runs the tests of files, of which `usable` is what they may name: for each file first those that need nothing, which says
 * what the others need. Gives the tally.
 */
export async function runNeeding(files, usable) {
  const directory = mkdtempSync(join(tmpdir(), 'needing-'));
  try {
    return await runAll(files, usable, directory);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
