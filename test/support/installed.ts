/** Projects of somebody else, in which the package is installed as it is published. */
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { basename, delimiter, dirname, join } from 'node:path';
import { searchPath } from './capabilities.ts';
import { root, run, scratch } from './door.ts';

interface Manifest {
  readonly bin?: string | Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
}

export const manifestIn = (directory: string): Manifest =>
  JSON.parse(readFileSync(join(directory, 'package.json'), 'utf8')) as Manifest;

/** The package below `project`; nothing is asked of the network. */
export const installedIn = (project: string): string => join(project, 'node_modules', 'usercam');

/** Packs this repository and unpacks it in `project`, with the dependencies that it has here. */
export async function installIn(project: string): Promise<void> {
  const env = {
    npm_config_cache: scratch(),
    npm_config_offline: 'true',
    npm_config_update_notifier: 'false',
  };
  const pack = ['npm', 'pack', '--silent', '--ignore-scripts', '--pack-destination', project];
  const packed = await run(pack, { cwd: root, env });
  assert.equal(packed.code, 0, packed.stderr);
  const installed = installedIn(project);
  mkdirSync(installed, { recursive: true });
  const archive = join(project, packed.text.trim());
  const words = ['tar', '-xzf', archive, '-C', installed, '--strip-components=1', '--no-same-owner'];
  const unpacked = await run(words);
  assert.equal(unpacked.code, 0, unpacked.stderr);
  for (const name of [...Object.keys(manifestIn(installed).dependencies), '@koromix'])
    symlinkSync(join(root, 'node_modules', name), join(project, 'node_modules', name));
}

/** Links the package at `place` into `project`, and its commands. */
function provide(project: string, name: string, place: string): void {
  const modules = join(project, 'node_modules');
  mkdirSync(dirname(join(modules, name)), { recursive: true });
  symlinkSync(place, join(modules, name));
  const { bin = {} } = manifestIn(place);
  const commands = typeof bin === 'string' ? { [basename(name)]: bin } : bin;
  for (const [command, path] of Object.entries(commands))
    symlinkSync(join(place, path), join(modules, '.bin', command));
}

let packages: Promise<string> | undefined;

/** A directory in which the package is installed; once for all tests of a file, when the first one needs it. */
async function anyProject(): Promise<string> {
  const project = scratch();
  await installIn(project);
  return project;
}

/** Gives `project` what `npm ci` would bring: usercam as it is published, others from here. */
export async function provideAll(project: string): Promise<void> {
  packages ??= anyProject();
  const installed = installedIn(await packages);
  mkdirSync(join(project, 'node_modules', '.bin'), { recursive: true });
  for (const name of Object.keys(manifestIn(project).devDependencies ?? {}))
    provide(project, name, name === 'usercam' ? installed : join(root, 'node_modules', name));
}

/** A copy of `examples/NAME`, installed. */
export async function projectOf(name: string): Promise<string> {
  const project = join(scratch(), name);
  cpSync(join(root, 'examples', name), project, { recursive: true });
  await provideAll(project);
  return project;
}

/** What a command of `project` finds in its PATH, and what Node and npm are not to hear of the tests around them. */
export function environmentIn(project: string): Readonly<Record<string, string>> {
  // Who has a newer Node than the distribution's uses it for projects too.
  const node = scratch();
  symlinkSync(process.execPath, join(node, 'node'));
  return {
    PATH: [join(project, 'node_modules', '.bin'), node, searchPath()].join(delimiter),
    HOME: scratch(),
    npm_config_update_notifier: 'false',
    npm_config_offline: 'true',
  };
}
