/**
 * `npm run test:runtimes`: does usercam run on the oldest Node that it promises, on the newest, and on Bun? Each comes
 * from npm as a bare program, without a script of its own; under each, tests of the door are run that start all of
 * usercam's processes, load a driver in TypeScript and end in every way.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const oldest = /^>=(\d+\.\d+)$/.exec(engines.node)[1];

/** Names of npm's packages with the program in them, and where. */
const runtimes = [
  [`the oldest Node, ${oldest}`, `node-linux-${process.arch}@${oldest}.0`, 'bin/node'],
  ['the newest Node', `node-linux-${process.arch}@latest`, 'bin/node'],
  ['Bun', `@oven/bun-linux-${process.arch === 'arm64' ? 'aarch64' : process.arch}@latest`, 'bin/bun'],
];

const FILES = 'door/(capture|command)|cameras/driver-files';

/** A directory that the ordinary user of the tests may enter. */
function newDirectory(prefix) {
  const path = mkdtempSync(prefix);
  chmodSync(path, 0o755);
  return path;
}

const directory = newDirectory(join(tmpdir(), 'runtimes-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));

function install(name, place) {
  const words = [
    'install',
    '--prefix',
    place,
    '--no-save',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    name,
  ];
  const { status, stderr } = spawnSync('npm', words, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`npm cannot install ${name}: ${stderr}`);
}

/** Runs the tests under `runtime`, as an ordinary user; true if they pass. */
function passes(runtime) {
  const env = { ...process.env, USERCAM_TEST_RUNTIME: runtime };
  const { status, stdout, stderr } = spawnSync(process.execPath, ['test/run.mjs', 'user', FILES], {
    env,
    encoding: 'utf8',
    maxBuffer: 2 ** 27,
  });
  const total = stdout.split('\n').filter((line) => line.startsWith('door tests as'));
  console.log(`${status === 0 ? 'ok  ' : 'FAIL'}  ${total.join('; ')}`);
  if (status !== 0) console.log(stdout + stderr);
  return status === 0;
}

let failed = 0;
for (const [what, name, program] of runtimes) {
  // Each in a place of its own: two of them are the same package.
  const place = newDirectory(join(directory, 'r-'));
  install(name, place);
  const runtime = join(place, 'node_modules', name.slice(0, name.lastIndexOf('@')), program);
  const { stdout } = spawnSync(runtime, ['--version'], { encoding: 'utf8' });
  console.log(`\n=== ${what}: ${stdout.trim()}`);
  if (!passes(runtime)) failed++;
}
process.exitCode = failed === 0 ? 0 : 1;
