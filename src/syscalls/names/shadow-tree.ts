/**
 * The files that a device has outside /dev: its directory in /sys, the links to it, its record in the udev
 * database. They are real files in a directory of ours, a miniature of the root directory, so that everything
 * a program does with them afterwards (read, readdir, relative opens) needs no help. What they are is known here too:
 * links are followed without asking the kernel, which would follow them in our root and with our rights.
 */
import {
  chmodSync,
  closeSync,
  existsSync,
  ftruncateSync,
  lstatSync,
  mkdirSync,
  openSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, relative } from 'node:path';
import type { DeviceTable } from '../../vfs/device-table.ts';
import type { CharDevice } from '../../vfs/file.ts';
import { inodeNumberOf } from './stat.ts';
import { udevRecord } from './udev-record.ts';

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

/** A real directory without links; undefined if there is none. */
export type RealDirectory = (path: string) => string | undefined;

const DEV = '/dev';
/** libudev asks whether it is there before it listens for events. */
const UDEV_CONTROL = '/run/udev/control';
/** As many as the kernel follows. */
const MAX_LINKS = 40;

const isBelow = (path: string, top: string): boolean => path === top || path.startsWith(`${top}/`);

/** The first part of `path`, from the second name on, that the host does not have; all of it if it has that too. */
function firstMissing(path: string): string {
  for (let end = path.indexOf('/', path.indexOf('/', 1) + 1); end > 0; end = path.indexOf('/', end + 1))
    if (!existsSync(path.slice(0, end))) return path.slice(0, end);
  return path;
}

/** A file or link of a device, where the program sees it. */
type Entry =
  | { readonly path: string; readonly content: string; readonly mode: number }
  | { readonly path: string; readonly target: string };

export class ShadowTree {
  /** As the kernel writes it in /proc/PID/fd. */
  readonly root: string;
  /** Bytes with which the names begin by which a relative path can lead to something of ours. */
  readonly initials = new Uint8Array(256);
  readonly #devices = new Set<CharDevice>();
  readonly #additions = new Map<string, Addition[]>();
  /** Paths that are ours with everything below them. */
  readonly #owned = new Set<string>();
  readonly #kinds = new Map<string, ShadowKind>();
  /** Where links lead. */
  readonly #links = new Map<string, string>();
  /** Names by which a relative path can lead to something of ours, or could: of devices that have gone too. */
  readonly #names = new Set<string>();

  /** Follows `devices` from now on. */
  constructor(root: string, devices: DeviceTable) {
    this.root = realpathSync(root);
    this.#forget();
    this.#directory(DEV);
    for (const name of ['.', ...'0123456789']) this.initials[name.charCodeAt(0)] = 1;
    for (const device of devices.devices) this.#added(device);
    devices.listen({ added: (device) => this.#added(device), removed: (device) => this.#removed(device) });
  }

  #added(device: CharDevice): void {
    this.#devices.add(device);
    this.#build(device);
  }

  #removed(device: CharDevice): void {
    this.#devices.delete(device);
    // The node last, as udev and the kernel do: who hears of its end finds everything gone.
    for (const { path } of entriesOf(device).reverse()) rmSync(this.root + path, { force: true });
    rmSync(`${this.root}${homeOf(device)}`, { recursive: true, force: true });
    this.#forget();
    // Names that several claim go to the next one.
    for (const other of this.#devices) this.#build(other);
  }

  #forget(): void {
    for (const books of [this.#additions, this.#owned, this.#kinds, this.#links]) books.clear();
    this.#additions.set(DEV, []);
    if (existsSync(UDEV_CONTROL)) return;
    this.#file(UDEV_CONTROL, '', 0o600);
    this.#owned.add(UDEV_CONTROL);
    this.#name(basename(UDEV_CONTROL));
  }

  /** Directories of the real system that get further names, and those names as they are now. */
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

  /**
   * Goes along absolute path `text`: links of ours are followed, one at the end if `follow` says so. What a real directory
   * is before a dot or two says `real`; without it they are taken as they are written. Undefined if the way ends there.
   */
  walk(text: string, follow: boolean, real?: RealDirectory): Way | undefined {
    const rest = text.split('/').reverse();
    let path = '';
    let out = false;
    let links = 0;
    for (let name = rest.pop(); name !== undefined; name = rest.pop()) {
      if (name === '') continue;
      const here = this.locate(path);
      // Beyond what is not there or is no directory, the kernel says what is wrong.
      if (here !== undefined && this.kindOf(here) !== 'directory')
        return { path: [path, name, ...rest.reverse()].join('/'), out: false };
      if (name === '.' || name === '..') {
        const directory = here !== undefined || real === undefined ? path || '/' : real(path || '/');
        if (directory === undefined) return undefined;
        if (name === '.') continue;
        out ||= here !== undefined;
        path = dirname(directory).replace(/^\/$/, '');
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

  /** Root may write the file, and asks for something by that. */
  isWritable(path: string): boolean {
    return [...this.#devices].some((device) => storedIn(path, device) !== undefined);
  }

  /** What an attribute of `device` says has changed: the file says it too, to whoever has it open as well. */
  rewrite(device: CharDevice, attribute: string): void {
    const file = openSync(`${this.root}${homeOf(device)}/${attribute}`, 'r+');
    const length = writeSync(file, `${device.attributes[attribute]}\n`, 0);
    ftruncateSync(file, length);
    closeSync(file);
  }

  /** An ordinary file to watch in the place of the node of `device`: to it happens what happens to the node. */
  nodeOf(device: CharDevice): string {
    return `${this.root}/dev/${device.name}`;
  }

  /** Makes what is not there yet. */
  #build(device: CharDevice): void {
    for (const entry of entriesOf(device)) {
      if ('target' in entry) this.#link(entry.path, entry.target);
      else this.#file(entry.path, entry.content, entry.mode);
    }
    this.#add(DEV, { name: device.name, type: DT_CHR, inode: inodeNumberOf(device) });
    this.#name(device.name);
    const record = recordOf(device);
    this.#owned.add(record);
    this.#name(basename(record));
    for (const path of placesOf(device)) this.#show(path);
  }

  #name(name: string): void {
    this.#names.add(name);
    this.initials[name.charCodeAt(0)] = 1;
  }

  /** `path` is ours, and the directory of the host that it begins in lists it. */
  #show(path: string): void {
    if (this.locate(path) !== undefined) return;
    const top = firstMissing(path);
    this.#owned.add(top);
    this.#name(basename(top));
    const type = DT[this.#kinds.get(top) ?? 'file'];
    this.#add(dirname(top), { name: basename(top), type, inode: lstatSync(this.root + top).ino });
  }

  #add(directory: string, addition: Addition): void {
    const known = this.#additions.get(directory) ?? [];
    this.#additions.set(directory, [...known, addition]);
    this.#name(basename(directory));
  }

  #file(path: string, content: string, mode: number): void {
    this.#directory(dirname(path));
    this.#kinds.set(path, 'file');
    if (existsSync(this.root + path)) return;
    writeFileSync(this.root + path, content);
    // Whatever the umask of who has started us: other users shall find what sysfs shows all.
    chmodSync(this.root + path, mode);
  }

  /** Of two devices that claim a name the first has it. */
  #link(path: string, target: string): void {
    if (this.#links.has(path)) return;
    this.#directory(dirname(path));
    this.#kinds.set(path, 'link');
    this.#links.set(path, target);
    const real = this.root + path;
    if (lstatSync(real, { throwIfNoEntry: false }) === undefined)
      symlinkSync(relative(dirname(path), target), real);
  }

  #directory(path: string): void {
    const first = mkdirSync(this.root + path, { recursive: true });
    for (let each = path; each !== '/'; each = dirname(each)) {
      this.#kinds.set(each, 'directory');
      if (first !== undefined && isBelow(this.root + each, first)) chmodSync(this.root + each, 0o755);
    }
  }
}

/** Which attribute of `device` the file is that root may write, to ask for something; undefined if it is none. */
function storedIn(path: string, device: CharDevice): string | undefined {
  const name = basename(path);
  const isStored = Object.hasOwn(device.stores ?? {}, name) && dirname(path) === homeOf(device);
  return name === 'uevent' || isStored ? name : undefined;
}

const idOf = ({ major, minor }: CharDevice): string => `${major}:${minor}`;
/** Its directory in /sys. */
export const homeOf = ({ subsystem, isOnBus, name, parent }: CharDevice): string =>
  [parent?.path ?? '/sys/devices/virtual', ...(isOnBus ? [] : [subsystem]), name].join('/');
const subsystemOf = ({ subsystem, isOnBus }: CharDevice): string =>
  `/sys/${isOnBus ? 'bus' : 'class'}/${subsystem}`;
/** Where its subsystem lists it. */
const listedAs = (device: CharDevice): string =>
  `${subsystemOf(device)}${device.isOnBus ? '/devices' : ''}/${device.name}`;
const recordOf = (device: CharDevice): string => `/run/udev/data/c${idOf(device)}`;
/** What udev calls it in /dev: by its number, as it does with every device, and by names that lead to its bus. */
const linksOf = (device: CharDevice): string[] =>
  [`char/${idOf(device)}`, ...device.links].map((link) => `${DEV}/${link}`);

/** Where a device shows in directories of the host, beside its node. */
const placesOf = (device: CharDevice): string[] => [
  listedAs(device),
  `/sys/dev/char/${idOf(device)}`,
  homeOf(device),
  ...Object.keys(device.parent?.files ?? {}),
  ...linksOf(device),
];

/** All that a device has: an ordinary file in the place of its node, what sysfs shows, what udev makes. */
function entriesOf(device: CharDevice): Entry[] {
  const { name, major, minor, isOnBus, attributes, parent } = device;
  const home = homeOf(device);
  const mode = (path: string) => (storedIn(path, device) === undefined ? 0o444 : 0o644);
  const read = (path: string, content: string) => ({ path, content, mode: mode(path) });
  return [
    { path: `${DEV}/${name}`, content: '\n', mode: 0o600 },
    read(`${home}/uevent`, `MAJOR=${major}\nMINOR=${minor}\nDEVNAME=${name}\n`),
    read(`${home}/dev`, `${idOf(device)}\n`),
    ...Object.entries(attributes).map(([attribute, value]) => read(`${home}/${attribute}`, `${value}\n`)),
    ...Object.entries(parent?.files ?? {}).map(([path, content]) => read(path, `${content}\n`)),
    ...Object.entries(parent?.links ?? {}).map(([path, target]) => ({ path, target })),
    ...(parent === undefined || isOnBus ? [] : [{ path: `${home}/device`, target: parent.path }]),
    { path: `${home}/subsystem`, target: subsystemOf(device) },
    { path: listedAs(device), target: home },
    { path: `/sys/dev/char/${idOf(device)}`, target: home },
    ...linksOf(device).map((path) => ({ path, target: `${DEV}/${name}` })),
    read(recordOf(device), udevRecord(device)),
  ];
}
