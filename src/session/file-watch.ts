/**
 * Which files are saved that drivers came from. A file is saved when somebody who wrote it has closed it, or when another
 * one has got its name: editors do the one or the other. So directories are watched, and names in them.
 */
import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { IN_CLOSE_WRITE, IN_MOVED_TO, Inotify } from '../linux/inotify.ts';
import { MODULE } from './camera-words.ts';

/** One that is gone again, as while an editor puts another in its place, is waited for under its own name. */
function withoutLinks(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}

export class FileWatch {
  readonly #inotify = new Inotify();
  readonly #saved: (driver: string, path: string) => void;
  /** Directories by their watches. */
  readonly #directories = new Map<number, string>();
  /** Which drivers were loaded from a file, by its path without links, and by which path they know it. */
  readonly #drivers = new Map<string, Map<string, string>>();
  /** Drivers that could not be loaded: a file that is missing may be the mend. */
  readonly #broken = new Set<string>();

  /** `saved` is told that `path` was saved, which `driver` was loaded from. */
  constructor(saved: (driver: string, path: string) => void) {
    this.#saved = saved;
  }

  /** {@link look} is to be called while this descriptor is readable. */
  get fd(): number {
    return this.#inotify.fd;
  }

  /** `driver` is loaded from `path`, among others. Throws Errno if that cannot be watched. */
  add(driver: string, path: string): void {
    const real = join(realpathSync(dirname(path)), basename(path));
    for (const each of new Set([real, withoutLinks(real)])) {
      const directory = dirname(each);
      this.#directories.set(this.#inotify.add(directory, IN_CLOSE_WRITE | IN_MOVED_TO), directory);
      const drivers = this.#drivers.get(each) ?? new Map<string, string>();
      this.#drivers.set(each, drivers.set(driver, path));
    }
  }

  /** Whether `driver` could be loaded. */
  setBroken(driver: string, isBroken: boolean): void {
    if (isBroken) this.#broken.add(driver);
    else this.#broken.delete(driver);
  }

  look(): void {
    // Of several events about one file only the last is news.
    const saved = new Set<string>();
    for (let events = this.#inotify.read(); events.length > 0; events = this.#inotify.read())
      for (const { watch, name } of events) saved.add(join(this.#directories.get(watch) ?? '', name));
    for (const path of saved) this.#tell(path);
  }

  #tell(path: string): void {
    const drivers = new Map(this.#drivers.get(path));
    if (MODULE.test(path))
      for (const driver of this.#broken) if (!drivers.has(driver)) drivers.set(driver, path);
    for (const [driver, known] of drivers) this.#saved(driver, known);
  }
}
