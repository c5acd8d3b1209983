/**
 * `npm test`: all tests, in the order in which a failure explains the next one. Those that run programs find nothing in
 * their PATH but what they name. Started as root they run as a user without any privilege; `npm run test:root` runs those in
 * which it matters who asks as root.
 *
 * With CI=true nothing may be missing: root installs what is, and what cannot be used is a failure. Without it
 * a test that needs it is skipped, and the end of the output says which and why.
 *
 * Arguments: none, or the name of a group (`unit`, `door`, `user` for that as the ordinary user only, `root`) and then words that
 * file names have to match (`'door/(capture|command)'`).
 * With USERCAM_TEST_RECORD=1 the durations of the files are recorded in durations.json.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { expectedSeconds, record } from './durations.mjs';
import { filesOf } from './files.mjs';
import { NOBODY, runDoorAsNobody } from './nobody.mjs';
import { PARALLEL, runFiles, SLOWEST, slowestFirst } from './tally.mjs';

const isRoot = process.getuid() === 0;
const isComplete = process.env.CI === 'true';

function say(text) {
  console.log(`\n=== ${text}`);
}

function installPackages(names) {
  const query = spawnSync('dpkg', ['-l', ...names], { encoding: 'utf8' });
  const present = (query.stdout ?? '').split('\n').flatMap((line) => /^ii +([^ :]+)/.exec(line)?.[1] ?? []);
  const absent = names.filter((name) => !present.includes(name));
  if (absent.length === 0) return;
  say(`installing ${absent.join(' ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const words of [['update'], ['install', '-y', '--no-install-recommends', ...absent]]) {
    const { status, error } = spawnSync('apt-get', ['-qq', ...words], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env,
    });
    if (status !== 0)
      throw new Error(`apt-get ${words[0]} failed: ${error?.message ?? `exit code ${status}`}`);
  }
}

/** Finds out what can be used here, for all test files, and compiles the clients. */
async function prepare() {
  const { capabilityNames, packagesOf, findUsable } = await import('../dist/test/support/capabilities.js');
  if (isComplete && isRoot) installPackages(packagesOf(capabilityNames));
  const usable = await findUsable();
  const absent = capabilityNames.filter((name) => usable[name] === undefined);
  if (isComplete && absent.length > 0)
    throw new Error(
      `nothing may be missing where CI=true, and not usable here: ${absent.join(', ')}; ` +
        `install ${packagesOf(absent).join(' ')}`,
    );
  process.env.USERCAM_TEST_USABLE = JSON.stringify(usable);
  const { buildClients } = await import('../dist/test/support/clients.js');
  await buildClients();
  return usable;
}

async function runGroup({ group, files, isNeeding }, usable) {
  say(`${group} tests as ${userInfo().username} (uid ${process.getuid()})`);
  if (isNeeding) return (await import('./needing.mjs')).runNeeding(files, usable);
  const shared = mkdtempSync(join(tmpdir(), 'door-'));
  process.env.USERCAM_TEST_DIR = shared;
  try {
    return await runFiles(files);
  } finally {
    rmSync(shared, { recursive: true, force: true });
  }
}

function summarize(results) {
  say('all together');
  for (const { title, skips } of results)
    for (const { name, reason } of skips) console.log(`skipped (${title}): ${name} (${reason})`);
  const slowest = results.flatMap(({ title, slowest }) => slowest.map((each) => ({ ...each, title })));
  console.log('the slowest tests:');
  for (const { seconds, name, title } of slowest.sort(slowestFirst).slice(0, SLOWEST))
    console.log(`  ${seconds.toFixed(1).padStart(5)} s  ${name} (${title})`);
  for (const { title, failures } of results)
    for (const { name, file, why } of failures) {
      console.log(`failed (${title}): ${name} (${file})`);
      for (const line of why) console.log(`  ${line}`);
    }
  for (const { title, tests, pass, fail, skipped } of results)
    console.log(`${title}: ${pass} of ${tests} passed, ${fail} failed, ${skipped} skipped`);
  for (const key of ['tests', 'pass', 'fail', 'skipped', 'todo'])
    console.log(`ℹ ${key} ${results.reduce((sum, result) => sum + result[key], 0)}`);
  console.log(`ℹ duration_ms ${Math.round(performance.now())}`);
}

/** What is run: files of groups, and who runs them. */
function passesOf(only, words, usable) {
  const user = isRoot ? 'root' : `uid ${process.getuid()}`;
  const canBeNobody = isRoot && usable.setpriv !== undefined;
  const passes = [];
  if (only === undefined || only === 'unit')
    passes.push({ title: 'unit tests', group: 'unit', files: filesOf('unit', words) });
  if (only === 'unit') return passes;
  if (only === 'root' && !isRoot) throw new Error('only root can run tests as root');
  if (only === 'user' && isRoot && !canBeNobody)
    throw new Error('without setpriv root cannot run tests as a user');
  const files = filesOf(only ?? 'door', words);
  // Who names files wants to see the tests in them, as both.
  const isNeeding = words.length === 0 && only !== 'root';
  if (!canBeNobody || !(isNeeding || only === 'user'))
    passes.push({ title: `door tests as ${user}`, group: 'door', files, isNeeding });
  if (canBeNobody && only !== 'root')
    passes.push({ title: `door tests as uid ${NOBODY}`, group: 'door', files, isNobodys: true });
  else if (isRoot && only !== 'root') console.log('without setpriv no test runs as an ordinary user');
  return passes;
}

function sayHowLong(passes) {
  const seconds = passes.reduce(
    (sum, { files }) => sum + expectedSeconds(files, PARALLEL),
    performance.now() / 1000,
  );
  say(`about ${Math.ceil(seconds / 10) * 10} s, as recorded on two processors`);
}

async function main() {
  const [only, ...words] = process.argv.slice(2);
  const usable = await prepare();
  // No test asks the network, and Node 20 reads all certificates at each start: twice as long as the start itself.
  delete process.env.NODE_EXTRA_CA_CERTS;
  const passes = passesOf(only, words, usable);
  const told = process.env.USERCAM_TEST_RESULTS;
  if (told === undefined) sayHowLong(passes);
  const results = [];
  for (const pass of passes) {
    const result = pass.isNobodys ? runDoorAsNobody(usable.setpriv, words) : await runGroup(pass, usable);
    results.push({ ...result, title: pass.title });
  }
  if (told !== undefined) writeFileSync(told, JSON.stringify(results[0]));
  else summarize(results);
  if (process.env.USERCAM_TEST_RECORD === '1' && told === undefined)
    record(Object.assign({}, ...results.map((each) => each.seconds)));
  process.exitCode = results.every((result) => result.fail === 0 && result.tests > 0) ? 0 : 1;
}

await main();
