/** Runs the tests of the door as a user without any privilege, in a copy that this user may read. */
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
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
export const NOBODY = 65534;
const LIMIT_MS = 1_200_000;

/** What the tests of the door use beside: a library that a user may have, and the runners of examples. */
const TEST_PACKAGES = [
  'sharp',
  'pngjs',
  'esbuild',
  '@playwright/test',
  'jsqr',
  'puppeteer-core',
  'selenium-webdriver',
  'vitest',
];

/** The compiler, which valibot would use if it were there; nobody gets it for that. */
const COMPILER = /^node_modules\/(@typescript\/.*|typescript)$/;

/** Where a package that `from` needs was installed. */
function placeOf(name, from, packages) {
  for (let place = from; ; place = place.slice(0, Math.max(0, place.lastIndexOf('node_modules/') - 1))) {
    const found = `${place}${place === '' ? '' : '/'}node_modules/${name}`;
    if (packages[found] !== undefined || place === '') return found;
  }
}

/** The packages that a user of usercam gets and those of tests, with all that they need, without those that build it. */
function neededPackages() {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
  const needed = new Set();
  const add = (path) => {
    if (needed.has(path) || COMPILER.test(path) || !existsSync(join(root, path))) return;
    needed.add(path);
    const { dependencies, optionalDependencies, peerDependencies } = packages[path] ?? {};
    for (const name of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies }))
      add(placeOf(name, path, packages));
  };
  for (const name of [...Object.keys(packages[''].dependencies), ...TEST_PACKAGES])
    add(`node_modules/${name}`);
  return [...needed];
}

function chownAll(path, uid) {
  chownSync(path, uid, uid);
  for (const entry of readdirSync(path, { recursive: true, withFileTypes: true }))
    if (!entry.isSymbolicLink()) chownSync(join(entry.parentPath ?? entry.path, entry.name), uid, uid);
}

/** A copy of what the tests need, as the checkout may lie where only root can read; and a home. */
function makeCopy() {
  const directory = mkdtempSync(join(tmpdir(), 'nobody-'));
  const copy = join(directory, 'usercam');
  const own = [
    'package.json',
    'package-lock.json',
    'README.md',
    'bin',
    'dist',
    'docs',
    'examples',
    'src',
    'test',
  ];
  for (const path of [...own, ...neededPackages()]) {
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

/** The tests of the door in a process without privileges; its output ends up in ours. Gives their result. */
export function runDoorAsNobody(setpriv, words) {
  const directory = makeCopy();
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
    const { status, signal, error } = spawnSync(setpriv, [...ids, ...less, ...command], {
      cwd: directory,
      env,
      stdio: ['ignore', 'inherit', 'inherit'],
      timeout: LIMIT_MS,
    });
    if (existsSync(results)) return JSON.parse(readFileSync(results, 'utf8'));
    throw new Error(`the tests as uid ${NOBODY} did not end: ${error?.message ?? signal ?? status}`);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
