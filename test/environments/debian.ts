/** Packages of Debian for any architecture, without touching what this machine has installed. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { command } from './command.ts';

/** Debian's names of Node's. */
export const debianNames = { x64: 'amd64', arm64: 'arm64' } as const;
export type Architecture = keyof typeof debianNames;

const KEYS = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Debian 11 to 13, and what Debian 13 offers beside its own kernel: with what has come to each later. */
const releases = {
  bullseye: ['debian bullseye', 'debian-security bullseye-security'],
  bookworm: ['debian bookworm', 'debian-security bookworm-security'],
  trixie: ['debian trixie', 'debian-security trixie-security'],
  'trixie-backports': ['debian trixie-backports'],
} as const;
export type Release = keyof typeof releases;

const sourcesOf = (release: Release): string =>
  releases[release].map((each) => `deb [signed-by=${KEYS}] http://deb.debian.org/${each} main\n`).join('');

/** Why nothing can be had from Debian here. */
export function debianTrouble(): string | undefined {
  return existsSync(KEYS) && existsSync('/usr/bin/apt-get') ? undefined : 'no apt with the keys of Debian';
}

export class Debian {
  readonly #directory: string;
  readonly #env: NodeJS.ProcessEnv;
  #updated: Promise<string> | undefined;

  constructor(directory: string, release: Release, architecture: Architecture) {
    const name = debianNames[architecture];
    this.#directory = join(directory, `${release}-${name}`);
    const lists = join(this.#directory, 'lists');
    const cache = join(this.#directory, 'cache');
    for (const each of [join(lists, 'partial'), join(cache, 'archives', 'partial')])
      mkdirSync(each, { recursive: true });
    const settings = {
      'APT::Architecture': name,
      'APT::Architectures': name,
      'APT::Sandbox::User': 'root',
      'Acquire::Languages': 'none',
      'Dir::State': this.#directory,
      'Dir::State::lists': lists,
      'Dir::State::status': this.#write('status', ''),
      'Dir::Cache': cache,
      'Dir::Etc::sourceparts': '-',
      'Dir::Etc::sourcelist': this.#write('sources.list', sourcesOf(release)),
    };
    const lines = Object.entries(settings).map(([key, value]) => `${key} "${value}";\n`);
    this.#env = { ...process.env, APT_CONFIG: this.#write('apt.conf', lines.join('')) };
  }

  #write(name: string, text: string): string {
    const path = join(this.#directory, name);
    writeFileSync(path, text);
    return path;
  }

  /** The package that has the kernel for which `name` stands: those above it depend on it. */
  async kernelOf(name: string): Promise<string> {
    await this.#update();
    const text = await command(['apt-cache', 'depends', name], { env: this.#env });
    const next = /Depends: (linux-(?:image|binary)-\S+)/.exec(text)?.[1];
    return next === undefined ? name : this.kernelOf(next);
  }

  /** Unpacks packages, without those they depend on. */
  async unpack(names: readonly string[], target: string): Promise<void> {
    await this.#update();
    const packages = join(this.#directory, names.join('+').slice(0, 60));
    mkdirSync(packages, { recursive: true });
    await command(['apt-get', '-qq', 'download', ...names], { cwd: packages, env: this.#env });
    mkdirSync(target, { recursive: true });
    for (const name of readdirSync(packages)) {
      const script = 'dpkg-deb --fsys-tarfile "$1" | tar -x -C "$2" --keep-directory-symlink --no-same-owner';
      await command(['sh', '-c', script, 'sh', join(packages, name), target]);
    }
  }

  #update(): Promise<string> {
    this.#updated ??= command(['apt-get', '-qq', 'update'], { env: this.#env });
    return this.#updated;
  }
}
