/** usercam as it is installed: its own files and the packages that it needs. */
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { command } from './command.ts';
import type { Architecture } from './debian.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const OWN = ['package.json', 'bin', 'dist/src', 'dist/test/environments', 'test/environments'];
/** And what its tests of the door need. */
const TESTS = [
  ...['dist/test', 'test/clients', 'test/transcripts/client'],
  ...['node_modules/fast-check', 'node_modules/pure-rand'],
];
/** The oldest Node that usercam promises to run on. */
const NODE = 20;

interface LockedPackage {
  readonly dev?: boolean;
  readonly version?: string;
}

/** Unpacks a package of npm. */
async function unpackPackage(name: string, target: string): Promise<void> {
  mkdirSync(target, { recursive: true });
  const packed = await command(['npm', 'pack', '--silent', '--pack-destination', target, name]);
  const archive = join(target, packed.trim());
  await command(['tar', '-xzf', archive, '-C', target, '--strip-components=1', '--no-same-owner']);
}

/** Puts usercam for `architecture` into `target`, if so with its tests. */
export async function installUsercam(
  target: string,
  architecture: Architecture,
  withTests = false,
): Promise<void> {
  const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Readonly<Record<string, LockedPackage>>;
  };
  const isNative = (path: string) => path.includes('/@koromix/');
  const needed = Object.entries(lock.packages).filter(
    ([path, { dev }]) => path !== '' && dev !== true && existsSync(join(root, path)) && !isNative(path),
  );
  const own = withTests ? [...OWN, ...TESTS] : OWN;
  for (const path of [...own, ...needed.map(([each]) => each)]) {
    mkdirSync(dirname(join(target, path)), { recursive: true });
    cpSync(join(root, path), join(target, path), { recursive: true });
  }
  const native = `@koromix/koffi-linux-${architecture}`;
  const place = join('node_modules', native);
  if (existsSync(join(root, place))) cpSync(join(root, place), join(target, place), { recursive: true });
  else await unpackPackage(`${native}@${lock.packages['node_modules/koffi']?.version}`, join(target, place));
}

/** Puts Node for `architecture` into `directory` and gives its path there. */
export async function installNode(directory: string, architecture: Architecture): Promise<string> {
  await unpackPackage(`node-linux-${architecture}@${NODE}`, directory);
  return join(directory, 'bin', 'node');
}
