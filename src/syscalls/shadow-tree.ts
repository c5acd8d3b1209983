/**
 * The files that a device has outside /dev: its directory in /sys, the links to it, its record in the udev
 * database. They are real files in a directory of ours, a miniature of the root directory, so that everything
 * a program does with them afterwards (read, readdir, relative opens) needs no help.
 */
import { existsSync, mkdirSync, readdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, relative } from 'node:path';
import type { CharDevice } from '../vfs/file.ts';

export class ShadowTree {
  /** As the kernel writes it in /proc/PID/fd. */
  readonly root: string;
  /** Directories of the real system that get further names, and those names. */
  readonly additions: ReadonlyMap<string, readonly string[]>;
  /** Paths that are ours with everything below them. */
  readonly #owned: string[];

  constructor(root: string, devices: readonly CharDevice[]) {
    this.root = realpathSync(root);
    const additions = new Map<string, string[]>();
    const add = (directory: string, name: string) => {
      const names = additions.get(directory) ?? [];
      if (!names.includes(name)) additions.set(directory, [...names, name]);
    };
    const owned = new Set<string>();
    for (const device of devices) {
      const id = `${device.major}:${device.minor}`;
      const home = `/sys/devices/virtual/${device.className}`;
      add('/dev', device.name);
      add('/sys/dev/char', id);
      if (!existsSync(`/sys/class/${device.className}`)) add('/sys/class', device.className);
      owned.add(`/sys/class/${device.className}`);
      // The host may have virtual devices of the same class.
      if (existsSync(home)) {
        add(home, device.name);
        owned.add(`${home}/${device.name}`);
      } else {
        add('/sys/devices/virtual', device.className);
        owned.add(home);
      }
      owned.add(`/sys/dev/char/${id}`);
      owned.add(`/run/udev/data/c${id}`);
      this.#build(device, id);
    }
    for (const device of devices) this.#linkReal(`/sys/class/${device.className}`);
    this.additions = additions;
    this.#owned = [...owned];
  }

  /** Where a path of the program really is; undefined if it is not ours. */
  locate(path: string): string | undefined {
    const ours = this.#owned.some((owned) => path === owned || path.startsWith(`${owned}/`));
    return ours ? this.root + path : undefined;
  }

  /** An ordinary file to watch in the place of the node of `device`: to it happens what happens to the node. */
  nodeOf(device: CharDevice): string {
    return `${this.root}/dev/${device.name}`;
  }

  #build(device: CharDevice, id: string): void {
    const home = `/sys/devices/virtual/${device.className}/${device.name}`;
    const uevent = `MAJOR=${device.major}\nMINOR=${device.minor}\nDEVNAME=${device.name}\n`;
    this.#file(`${home}/uevent`, uevent);
    this.#file(`${home}/dev`, `${id}\n`);
    this.#file(`/dev/${device.name}`, '\n', 0o600);
    for (const [name, value] of Object.entries(device.attributes))
      this.#file(`${home}/${name}`, `${value}\n`);
    this.#link(`${home}/subsystem`, `/sys/class/${device.className}`);
    this.#link(`/sys/class/${device.className}/${device.name}`, home);
    this.#link(`/sys/dev/char/${id}`, home);
    const properties = Object.entries(device.udevProperties).map(([key, value]) => `E:${key}=${value}\n`);
    this.#file(`/run/udev/data/c${id}`, `I:1\n${properties.join('')}G:uaccess\nV:1\n`);
  }

  /** Devices of the host that are in the same class stay visible. */
  #linkReal(directory: string): void {
    let names: string[];
    try {
      names = readdirSync(directory);
    } catch {
      return;
    }
    for (const name of names) {
      try {
        symlinkSync(realpathSync(`${directory}/${name}`), `${this.root}${directory}/${name}`);
      } catch {}
    }
  }

  #file(path: string, content: string, mode = 0o444): void {
    mkdirSync(this.root + dirname(path), { recursive: true });
    writeFileSync(this.root + path, content, { mode });
  }

  #link(path: string, target: string): void {
    mkdirSync(this.root + dirname(path), { recursive: true });
    symlinkSync(relative(dirname(path), target), this.root + path);
  }
}
