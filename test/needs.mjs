/**
 * `npm run test:needs`: do the tests of the door name all that they need? Each runs with nothing in its PATH
 * but what it names and what every system has, so one that uses more fails. So whatever is missing on a
 * machine, a test either names it and is skipped, or passes without it.
 *
 * Arguments: words that the names of files have to contain.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { capabilityNames, findUsable, programsOf, searchPath } from '../dist/test/support/capabilities.js';
import { expectedSeconds } from './durations.mjs';
import { filesOf } from './files.mjs';
import { PARALLEL, runFiles } from './tally.mjs';

/** The first argument of a process that runs one combination: its names follow, and the files. */
const NEEDING = '--needing';

const directory = mkdtempSync(join(tmpdir(), 'needs-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
const wholePath = searchPath();

/** A module that is hidden although the program that loads it is not. */
const modules = join(directory, 'modules');
mkdirSync(modules);
writeFileSync(join(modules, 'cv2.py'), 'raise ImportError("hidden")\n');

function listed(place) {
  try {
    return readdirSync(place);
  } catch {
    return [];
  }
}

/** Makes this process and what it starts one on a machine where only `names` are there. */
function showOnly(names) {
  const shown = names.flatMap(programsOf);
  const taken = new Set(capabilityNames.flatMap(programsOf).filter((program) => !shown.includes(program)));
  const path = mkdtempSync(join(directory, 'path-'));
  for (const place of wholePath.split(delimiter))
    for (const program of listed(place)) {
      if (taken.has(program)) continue;
      taken.add(program);
      symlinkSync(join(place, program), join(path, program));
    }
  process.env.PATH = path;
  process.env.PYTHONPATH = names.includes('opencv') ? '' : modules;
}

async function runWith(names, files, usable, concurrency) {
  showOnly(names);
  process.env.USERCAM_TEST_USABLE = JSON.stringify(
    Object.fromEntries(names.map((name) => [name, usable[name]])),
  );
  const scratch = mkdtempSync(join(directory, 's-'));
  process.env.USERCAM_TEST_DIR = scratch;
  const result = await runFiles(files, quiet, concurrency);
  rmSync(scratch, { recursive: true, force: true });
  const needed = names.length === 0 ? 'nothing' : names.join(', ');
  console.log(`${result.fail === 0 ? 'ok  ' : 'FAIL'}  ${result.pass} tests that need ${needed}`);
  return result;
}

/** Reports nothing but failures. */
async function* quiet(events) {
  for await (const { type, data } of events)
    if (type === 'test:fail') yield `${data.name}: ${inspect(data.details.error)}\n`;
}

const ABSENT = 'not usable here: ';

/** What tests that were skipped need, each combination with the files in which it is needed. */
function combinations(skips) {
  const found = new Map();
  for (const { reason, file } of skips) {
    const names = reason.slice(ABSENT.length);
    found.set(names, (found.get(names) ?? new Set()).add(file));
  }
  return found;
}

/** Runs tests that need `names` in a process of its own, whose environment is theirs. True if they pass. */
function runApart(names, files) {
  const words = [fileURLToPath(import.meta.url), NEEDING, names.join(', '), ...files];
  return new Promise((resolve) => {
    const { stdout } = execFile(process.execPath, words, { maxBuffer: 2 ** 27 }, (error) => {
      resolve(error === null);
    });
    stdout.pipe(process.stdout, { end: false });
  });
}

/** All combinations, some side by side, the longest first; gives how many failed. */
async function runCombinations(found) {
  const left = [...found].sort(
    ([, one], [, other]) => expectedSeconds([...other], 1) - expectedSeconds([...one], 1),
  );
  let failed = 0;
  const work = async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) {
      const [needed, itsFiles] = next;
      const names = needed.split(', ');
      const absent = names.filter((name) => usable[name] === undefined);
      if (absent.length > 0)
        console.log(`skip  tests that need ${needed}: not usable here: ${absent.join(', ')}`);
      else if (!(await runApart(names, [...itsFiles]))) failed++;
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
  return failed;
}

process.env.CI = 'false';
const usable = JSON.parse(process.env.USERCAM_TEST_USABLE ?? 'null') ?? (await findUsable());
if (process.argv[2] === NEEDING) {
  const [needed, ...files] = process.argv.slice(3);
  process.env.USERCAM_TEST_EXACTLY = needed;
  const { fail } = await runWith(needed.split(', '), files, usable, 1);
  process.exitCode = fail > 0 ? 1 : 0;
} else {
  const { buildClients } = await import('../dist/test/support/clients.js');
  process.env.USERCAM_TEST_USABLE = JSON.stringify(usable);
  await buildClients();
  const path = process.env.PATH;
  showOnly([]);
  const seen = Object.keys(await findUsable());
  if (seen.length > 0) throw new Error(`hidden and found all the same: ${seen.join(', ')}`);
  const { fail, skips } = await runWith([], filesOf('door', process.argv.slice(2)), usable, PARALLEL);
  process.env.PATH = path;
  process.env.USERCAM_TEST_USABLE = JSON.stringify(usable);
  const failed = await runCombinations(combinations(skips));
  console.log(`${Math.round(performance.now() / 1000)} s`);
  process.exitCode = fail + failed > 0 ? 1 : 0;
}
