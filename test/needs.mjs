/**
 * `npm run test:needs`: do the tests of the door name all that they need? Each runs with nothing in its PATH
 * but what it names and what every system has, so one that uses more fails. So whatever is missing on a
 * machine, a test either names it and is skipped, or passes without it.
 *
 * Arguments: words that the names of files have to contain.
 */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { inspect } from 'node:util';
import { capabilityNames, findUsable, programsOf, searchPath } from '../dist/test/support/capabilities.js';
import { filesOf } from './files.mjs';
import { runFiles } from './tally.mjs';

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

async function runWith(names, files, usable) {
  showOnly(names);
  process.env.USERCAM_TEST_USABLE = JSON.stringify(
    Object.fromEntries(names.map((name) => [name, usable[name]])),
  );
  const scratch = mkdtempSync(join(directory, 's-'));
  process.env.USERCAM_TEST_DIR = scratch;
  const result = await runFiles(files, quiet);
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

process.env.CI = 'false';
const files = filesOf('door', process.argv.slice(2));
const usable = await findUsable();
process.env.USERCAM_TEST_USABLE = JSON.stringify(usable);
const { buildClients } = await import('../dist/test/support/clients.js');
await buildClients();

showOnly([]);
const seen = Object.keys(await findUsable());
if (seen.length > 0) throw new Error(`hidden and found all the same: ${seen.join(', ')}`);
const results = [await runWith([], files, usable)];
for (const [needed, itsFiles] of combinations(results[0].skips)) {
  const names = needed.split(', ');
  const absent = names.filter((name) => usable[name] === undefined);
  if (absent.length > 0) {
    console.log(`skip  tests that need ${needed}: not usable here: ${absent.join(', ')}`);
    continue;
  }
  process.env.USERCAM_TEST_EXACTLY = needed;
  results.push(await runWith(names, [...itsFiles], usable));
}
console.log(`${Math.round(performance.now() / 1000)} s`);
process.exitCode = results.some(({ fail }) => fail > 0) ? 1 : 0;
