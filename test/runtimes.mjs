/**
 * `npm run test:runtimes`: does usercam run on the oldest Node that it promises, on the newest, and on Bun, and say what is
 * needed on an older one? Each comes from npm as a bare program, without a script of its own; under each that it promises, tests
 * of the door are run that start all of usercam's processes and sessions in the background, load a driver in TypeScript and end
 * in every way.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const { engines } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
const oldest = /^>=(\d+\.\d+)$/.exec(engines.node)[1];

/** Names of npm's packages with the program in them, and where. */
const runtimes = [
  [`the oldest Node, ${oldest}`, `node-linux-${process.arch}@${oldest}.0`, 'bin/node'],
  ['the newest Node', `node-linux-${process.arch}@latest`, 'bin/node'],
  ['Bun', `@oven/bun-linux-${process.arch === 'arm64' ? 'aarch64' : process.arch}@latest`, 'bin/bun'],
];

const tooOld = (version) => `Node ${version.slice(1)} is too old; ${oldest} or newer is needed`;
const notOnDeno = () => 'usercam runs on Node or Bun; start it with one of them, and Deno below it';

/** What it does not run on: the program, how that is told to run a file, what is said, and whether the API can be read, and says it too. */
const refused = [
  [`node-linux-${process.arch}@18`, 'bin/node', [], tooOld, true],
  [`node-linux-${process.arch}@12`, 'bin/node', [], tooOld, false],
  [`@deno/linux-${process.arch}-glibc@latest`, 'deno', ['run', '-A'], notOnDeno, true],
];

const FILES = 'door/(capture|command|background)|cameras/driver-files';
/** Where something is missing each version of Node fails at other places. Bun ends there by itself. */
const FILES_OF_NODE = `${FILES}|door/wrapper-refusals`;

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

/** Runs the tests in `files` under `runtime`, as an ordinary user; true if they pass. */
function passes(runtime, files) {
  const env = { ...process.env, USERCAM_TEST_RUNTIME: runtime };
  const { status, stdout, stderr } = spawnSync(process.execPath, ['test/run.mjs', 'user', files], {
    env,
    encoding: 'utf8',
    maxBuffer: 2 ** 27,
  });
  const total = stdout.split('\n').filter((line) => line.startsWith('door tests as'));
  console.log(`${status === 0 ? 'ok  ' : 'FAIL'}  ${total.join('; ')}`);
  if (status !== 0) console.log(stdout + stderr);
  return status === 0;
}

/** The program of a package, which gets a place of its own: several are the same package. */
function installed(name, program) {
  const place = newDirectory(join(directory, 'r-'));
  install(name, place);
  const path = join(place, 'node_modules', name.slice(0, name.lastIndexOf('@')), program);
  const [version] = spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout.split('\n');
  return { path, version };
}

/** Prints what it hears from `startSession()` of the library whose name follows. */
const START = `import(process.argv[2])
  .then((usercam) => usercam.startSession({ cameras: ['vivi'] }))
  .catch((error) => console.error(error.message));`;

/** True if `usercam` says in one sentence that it does not run here, and the API if that can be read. */
function isRefused({ path, version }, options, explain, isReadable) {
  const start = join(directory, 'start.mjs');
  writeFileSync(start, START);
  const place = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));
  const env = { ...process.env, DENO_DIR: directory };
  const tried = (...words) => spawnSync(path, [...options, ...words], { encoding: 'utf8', env });
  const run = tried(place('bin/usercam.js'), 'run', '--', 'true');
  const api = tried(start, place('dist/src/bundle/index.mjs'));
  const isTold = !isReadable || api.stderr === `${explain(version)}\n`;
  const isRight = run.status === 2 && run.stderr === `usercam: ${explain(version)}\n` && isTold;
  console.log(`${isRight ? 'ok  ' : 'FAIL'}  ${version} is refused`);
  if (!isRight) console.log(run.status, run.stderr, api.stderr);
  return isRight;
}

let failed = 0;
for (const [name, program, ...rest] of refused) if (!isRefused(installed(name, program), ...rest)) failed++;
for (const [what, name, program] of runtimes) {
  const { path, version } = installed(name, program);
  console.log(`\n=== ${what}: ${version}`);
  if (!passes(path, what.includes('Node') ? FILES_OF_NODE : FILES)) failed++;
}
process.exitCode = failed === 0 ? 0 : 1;
