/** The filters of containers, as Debian ships them with its container engines, without a container engine. */
import { chmodSync, cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { arch } from 'node:process';
import { command } from './command.ts';
import { type Architecture, Debian } from './debian.ts';
import { installUsercam } from './package.ts';
import { type Finding, findingsIn } from './report.ts';

const NOBODY = 65534;
/** Ends checks that hang. */
const LIMIT_SECONDS = 600;

/** Where the profiles are in packages of Debian 13: that of Debian 12 is of Docker 20.10, whose filter is too narrow. */
const profiles = {
  Docker: {
    package: 'golang-github-docker-docker-dev',
    path: 'usr/share/gocode/src/github.com/docker/docker/profiles/seccomp/default.json',
  },
  Podman: { package: 'golang-github-containers-common', path: 'usr/share/containers/seccomp.json' },
} as const;

export const engines = Object.keys(profiles) as readonly (keyof typeof profiles)[];

/** A container's user has no capabilities. */
const asNobody = [
  ...['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'],
  ...['--bounding-set=-all', '--inh-caps=-all', '--no-new-privs'],
];

/** Runs the checks under the filter of `engine`. */
export async function checkFilter(
  engine: keyof typeof profiles,
  directory: string,
): Promise<readonly Finding[]> {
  const { package: name, path } = profiles[engine];
  const unpacked = join(directory, 'profile');
  const usercam = join(directory, 'usercam');
  const work = join(directory, 'work');
  mkdirSync(work, { recursive: true });
  await new Debian(directory, 'trixie', arch as Architecture).unpack([name], unpacked);
  await installUsercam(usercam, arch as Architecture);
  cpSync(join(unpacked, path), join(usercam, 'profile.json'));
  chmodSync(work, 0o777);
  const confine = join(usercam, 'dist/test/environments/seccomp-profile.js');
  const checks = ['/bin/sh', join(usercam, 'test/environments/checks.sh'), process.execPath, usercam];
  const words = [process.execPath, confine, join(usercam, 'profile.json'), ...checks];
  const env = { ...process.env, HOME: work, TMPDIR: work };
  const output = await command(
    process.getuid?.() === 0 ? [...asNobody, ...words] : words,
    { cwd: work, env },
    LIMIT_SECONDS,
  );
  return findingsIn(output, `${engine}'s filter`);
}
