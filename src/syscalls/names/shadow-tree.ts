/**
 * The files that a device has outside /dev: its directory in /sys, the links to it, its record in the udev
 * database. They are real files in a directory of ours, a miniature of the root directory, so that everything
 * a program does with them afterwards (read, readdir, relative opens) needs no help. What they are is known here too:
 * links are followed without asking the kernel, which would follow them in our root and with our rights.
 */
import { existsSync, lstatSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, dirname, relative } from 'node:path';
import type { CharDevice } from '../../vfs/file.ts';
import { inodeNumberOf } from './stat.ts';

export type ShadowKind = 'file' | 'directory' | 'link';

/** As in `struct dirent`. */
export const DT_CHR = 2;
const DT = { directory: 4, file: 8, link: 10 } as const;

/** A name that a directory of the real system gets. */
export interface Addition {
  readonly name: string;
  /** DT_CHR is a device, everything else a file of the shadow tree. */
  readonly type: number;
  readonly inode: number;
}

/** Where a path leads. */
export interface Way {
  /** Without links of ours, and without dots as long as it does not end in something of ours that is not there. */
  readonly path: string;
  /** It went through directories of ours and out of them again, as the kernel alone could not. */
  readonly out: boolean;
}

/** As many as the kernel follows. */
const MAX_LINKS = 40;

const isBelow = (path: string, top: string): boolean => path === top || path.startsWith(`${top}/`);

/** The first part of `path`, from the second name on, that the host does not have; all of it if it has that too. */
function firstMissing(path: string): string {
  for (let end = path.indexOf('/', path.indexOf('/', 1) + 1); end > 0; end = path.indexOf('/', end + 1))
    if (!existsSync(path.slice(0, end))) return path.slice(0, end);
  return path;
}

export class ShadowTree {
  /** As the kernel writes it in /proc/PID/fd. */
  readonly root: string;
  readonly #additions = new Map<string, Addition[]>();
  /** Paths that are ours with everything below them. */
  readonly #owned = new Set<string>();
  readonly #kinds = new Map<string, ShadowKind>();
  /** Where links lead. */
  readonly #links = new Map<string, string>();
  /** Names by which a relative path can lead to something of ours. */
  readonly #names = new Set<string>();

  constructor(root: string, devices: readonly CharDevice[]) {
    this.root = realpathSync(root);
    for (const device of devices) this.#build(device);
    for (const path of [
      ...this.#owned,
      ...this.#additions.keys(),
      ...devices.map(({ name }) => `/dev/${name}`),
    ])
      this.#names.add(basename(path));
  }

  /** Directories of the real system that get further names, and those names. */
  get additions(): ReadonlyMap<string, readonly Addition[]> {
    return this.#additions;
  }

  get names(): ReadonlySet<string> {
    return this.#names;
  }

  /** Where a path of the program really is; undefined if it is not ours. */
  locate(path: string): string | undefined {
    for (const owned of this.#owned) if (isBelow(path, owned)) return this.root + path;
    return undefined;
  }

  /** What the file is that {@link locate} gave; undefined if there is none. */
  kindOf(real: string): ShadowKind | undefined {
    return this.#kinds.get(real.slice(this.root.length));
  }

  /** Goes along absolute path `text`: links of ours are followed, one at the end if `follow` says so. */
  walk(text: string, follow: boolean): Way {
    const rest = text.split('/').reverse();
    let path = '';
    let out = false;
    let links = 0;
    for (let name = rest.pop(); name !== undefined; name = rest.pop()) {
      if (name === '' || name === '.') continue;
      const here = this.locate(path);
      // Beyond what is not there or is no directory, the kernel says what is wrong.
      if (here !== undefined && this.kindOf(here) !== 'directory')
        return { path: [path, name, ...rest.reverse()].join('/'), out: false };
      if (name === '..') {
        out ||= here !== undefined;
        path = dirname(path || '/').replace(/^\/$/, '');
        continue;
      }
      path = `${path}/${name}`;
      const target = this.#links.get(path);
      if (target === undefined || (rest.length === 0 && !follow) || ++links > MAX_LINKS) continue;
      rest.push(...target.split('/').reverse());
      path = '';
    }
    const isDirectory = text.endsWith('/') && path !== '';
    return { path: isDirectory ? `${path}/` : path || '/', out };
  }

  /** An ordinary file to watch in the place of the node of `device`: to it happens what happens to the node. */
  nodeOf(device: CharDevice): string {
    return `${this.root}/dev/${device.name}`;
  }

  #build(device: CharDevice): void {
    const id = `${device.major}:${device.minor}`;
    const home = `/sys/devices/virtual/${device.className}/${device.name}`;
    const uevent = `MAJOR=${device.major}\nMINOR=${device.minor}\nDEVNAME=${device.name}\n`;
    this.#file(`/dev/${device.name}`, '\n', 0o600);
    this.#add('/dev', { name: device.name, type: DT_CHR, inode: inodeNumberOf(device) });
    this.#file(`${home}/uevent`, uevent);
    this.#file(`${home}/dev`, `${id}\n`);
    for (const [name, value] of Object.entries(device.attributes))
      this.#file(`${home}/${name}`, `${value}\n`);
    this.#link(`${home}/subsystem`, `/sys/class/${device.className}`);
    this.#link(`/sys/class/${device.className}/${device.name}`, home);
    this.#link(`/sys/dev/char/${id}`, home);
    for (const link of device.links) this.#link(`/dev/${link}`, `/dev/${device.name}`);
    this.#file(`/run/udev/data/c${id}`, udevRecord(device));
    this.#owned.add(`/run/udev/data/c${id}`);
    for (const path of [`/sys/class/${device.className}/${device.name}`, `/sys/dev/char/${id}`, home])
      this.#show(path);
    for (const link of device.links) this.#show(`/dev/${link}`);
  }

  /** `path` is ours, and the directory of the host that it begins in lists it. */
  #show(path: string): void {
    if (this.locate(path) !== undefined) return;
    const top = firstMissing(path);
    this.#owned.add(top);
    const type = DT[this.#kinds.get(top) ?? 'file'];
    this.#add(dirname(top), { name: basename(top), type, inode: lstatSync(this.root + top).ino });
  }

  #add(directory: string, addition: Addition): void {
    const known = this.#additions.get(directory) ?? [];
    this.#additions.set(directory, [...known, addition]);
  }

  #file(path: string, content: string, mode = 0o444): void {
    this.#directory(dirname(path));
    this.#kinds.set(path, 'file');
    writeFileSync(this.root + path, content, { mode });
  }

  /** Of two devices that claim a name the first has it. */
  #link(path: string, target: string): void {
    if (this.#links.has(path)) return;
    this.#directory(dirname(path));
    this.#kinds.set(path, 'link');
    this.#links.set(path, target);
    symlinkSync(relative(dirname(path), target), this.root + path);
  }

  #directory(path: string): void {
    mkdirSync(this.root + path, { recursive: true });
    for (let each = path; each !== '/'; each = dirname(each)) this.#kinds.set(each, 'directory');
  }
}

/** What udev's database holds of a device. */
function udevRecord({ links, udevProperties }: CharDevice): string {
  const lines = [
    ...links.map((link) => `S:${link}`),
    'I:1',
    ...Object.entries(udevProperties).map(([key, value]) => `E:${key}=${value}`),
    'G:uaccess',
    'V:1',
  ];
  return `${lines.join('\n')}\n`;
}
