/**
 * `npm test`: all tests, in the order in which a failure explains the next one. Started as root, the tests of
 * the door run twice: as root, and as a user without any privilege.
 *
 * With CI=true nothing may be missing: root installs what is, and a test that cannot run is a failure.
 * Without it such a test is skipped, and the end of the output says which and why.
 *
 * Arguments: none, or the name of a group (`unit`, `door`) and then words that file names have to contain.
 */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const NOBODY = 65534;
/** Streams must not lose frames because of us: one program at a time, whatever the number of processors is. */
const PARALLEL_DOOR = 1;
const PARALLEL_UNIT = 2;
const FILE_LIMIT_MS = 240_000;
const NOBODY_LIMIT_MS = 420_000;

const groups = {
  unit: { folders: ['unit', 'abi', 'syscalls', 'transcripts', 'random'], concurrency: PARALLEL_UNIT },
  door: { folders: ['door'], concurrency: PARALLEL_DOOR },
};

/** Debian packages of what the tests use; chromium comes with its sandbox there. */
const PACKAGES = [
  ...['bash', 'chromium', 'ffmpeg', 'gcc', 'git', 'golang-go', 'gstreamer1.0-plugins-good'],
  ...[
    'gstreamer1.0-plugins-base-apps',
    'gstreamer1.0-tools',
    'libc6-dev',
    'procps',
    'psmisc',
    'python3',
    'python3-opencv',
    'udev',
    'util-linux',
    'v4l-utils',
  ],
];

const isRoot = process.getuid() === 0;

function say(text) {
  console.log(`\n=== ${text}`);
}

function installPackages() {
  const query = spawnSync('dpkg', ['-l', ...PACKAGES], { encoding: 'utf8' });
  const present = (query.stdout ?? '').split('\n').flatMap((line) => /^ii +([^ :]+)/.exec(line)?.[1] ?? []);
  const absent = PACKAGES.filter((name) => !present.includes(name));
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

function testFiles(folder) {
  const directory = join(root, 'dist', 'test', folder);
  if (!existsSync(directory)) return [];
  return readdirSync(directory, { recursive: true })
    .filter((name) => name.endsWith('.test.js'))
    .sort()
    .map((name) => join(directory, name));
}

/** Runs the files of a group; gives back how many tests passed and so on, and the reasons of the skipped. */
async function runGroup(name, words) {
  const { folders, concurrency } = groups[name];
  const files = folders.flatMap(testFiles).filter((file) => words.every((word) => file.includes(word)));
  const result = { tests: 0, pass: 0, fail: 0, skipped: 0, todo: 0, reasons: [] };
  if (files.length === 0) throw new Error(`no tests of ${name} in dist/: build first`);
  const events = run({ files, concurrency, timeout: FILE_LIMIT_MS });
  const count = (kind) => (event) => {
    // A file is reported as a test of its own only if it could not be run, a suite as one of its type.
    if (event.details.type === 'suite') return;
    result.tests++;
    if (event.skip !== undefined) {
      result.skipped++;
      result.reasons.push(`${event.name} (${event.skip})`);
    } else if (event.todo !== undefined) result.todo++;
    else result[kind]++;
  };
  events.on('test:pass', count('pass'));
  events.on('test:fail', count('fail'));
  const report = events.compose(new spec());
  for await (const text of report) process.stdout.write(text);
  return result;
}

async function runGroupAsSelf(name, words = []) {
  say(`${name} tests as ${userInfo().username} (uid ${process.getuid()})`);
  const shared = mkdtempSync(join(tmpdir(), 'door-'));
  process.env.USERCAM_TEST_DIR = shared;
  try {
    return await runGroup(name, words);
  } finally {
    rmSync(shared, { recursive: true, force: true });
  }
}

/** The packages that a user of usercam gets, without those that build it. */
function productionPackages() {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  return Object.entries(lock.packages)
    .filter(([path, entry]) => path !== '' && !entry.dev && existsSync(join(root, path)))
    .map(([path]) => path);
}

function chownAll(path, uid) {
  chownSync(path, uid, uid);
  for (const entry of readdirSync(path, { recursive: true, withFileTypes: true }))
    if (!entry.isSymbolicLink()) chownSync(join(entry.parentPath ?? entry.path, entry.name), uid, uid);
}

/** A copy of what the tests need, as the checkout may lie where only root can read; and a home. */
function makeNobodysCopy() {
  const directory = mkdtempSync(join(tmpdir(), 'nobody-'));
  const copy = join(directory, 'usercam');
  for (const path of ['package.json', 'package-lock.json', 'bin', 'dist', 'test', ...productionPackages()]) {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    cpSync(join(root, path), join(copy, path), { recursive: true });
  }
  for (const name of ['home', 'tmp']) mkdirSync(join(directory, name));
  chmodSync(directory, 0o755);
  chownAll(directory, NOBODY);
  return directory;
}

function parents(path) {
  return path === '/' ? [path] : [...parents(dirname(path)), path];
}

/** The directories of PATH that somebody else can use: for the others execvp() says EACCES, not ENOENT. */
function publicPath() {
  const isPublic = (directory) =>
    directory.startsWith('/') &&
    existsSync(directory) &&
    parents(directory).every((each) => (statSync(each).mode & 0o001) !== 0);
  return (process.env.PATH ?? '').split(':').filter(isPublic).join(':');
}

/** The tests of the door in a process without privileges; its output ends up in ours. */
function runDoorAsNobody(words) {
  const directory = makeNobodysCopy();
  const results = join(directory, 'results.json');
  const ids = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'];
  const less = ['--no-new-privs', '--bounding-set=-all', '--inh-caps=-all'];
  const command = [process.execPath, join(directory, 'usercam', 'test', 'run.mjs'), 'door', ...words];
  const env = {
    ...process.env,
    HOME: join(directory, 'home'),
    PATH: publicPath(),
    TMPDIR: join(directory, 'tmp'),
    USERCAM_TEST_RESULTS: results,
  };
  try {
    const { status, signal, error } = spawnSync('setpriv', [...ids, ...less, ...command], {
      cwd: directory,
      env,
      stdio: ['ignore', 'inherit', 'inherit'],
      timeout: NOBODY_LIMIT_MS,
    });
    if (existsSync(results)) return JSON.parse(readFileSync(results, 'utf8'));
    throw new Error(`the tests as uid ${NOBODY} did not end: ${error?.message ?? signal ?? status}`);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function summarize(results) {
  say('all together');
  for (const { title, reasons } of results)
    for (const reason of reasons) console.log(`skipped (${title}): ${reason}`);
  for (const { title, tests, pass, fail, skipped } of results)
    console.log(`${title}: ${pass} of ${tests} passed, ${fail} failed, ${skipped} skipped`);
  for (const key of ['tests', 'pass', 'fail', 'skipped', 'todo'])
    console.log(`ℹ ${key} ${results.reduce((sum, result) => sum + result[key], 0)}`);
  const seconds = Math.round(performance.now() / 1000);
  console.log(`ℹ duration ${seconds} s`);
}

async function main() {
  const [only, ...words] = process.argv.slice(2);
  if (process.env.CI === 'true' && isRoot) installPackages();
  const results = [];
  const add = (title, result) => results.push({ title, ...result });
  const user = isRoot ? 'root' : `uid ${process.getuid()}`;
  if (only === undefined || only === 'unit') add('unit tests', await runGroupAsSelf('unit', words));
  if (only === undefined || only === 'door') {
    add(`door tests as ${user}`, await runGroupAsSelf('door', words));
    if (isRoot) add(`door tests as uid ${NOBODY}`, runDoorAsNobody(words));
  }
  const told = process.env.USERCAM_TEST_RESULTS;
  if (told !== undefined) writeFileSync(told, JSON.stringify(results[0]));
  else summarize(results);
  process.exitCode = results.every((result) => result.fail === 0 && result.tests > 0) ? 0 : 1;
}

await main();
