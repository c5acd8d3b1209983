/** The cameras of a configuration: plugged in at the beginning, and changed when it is saved. */
import { dirname, resolve } from 'node:path';
import { CameraSpecError, type DriverFinder, specOf } from '../drivers/index.ts';
import { joinWords } from '../drivers/lib/spec-words.ts';
import { type Camera, type CameraTable, nodesOf, type Wanted } from './camera-table.ts';
import { isDriverFile } from './camera-words.ts';
import { checkConfig, type DescribedCamera, driverWords } from './config-schema.ts';
import type { DriverLoader } from './driver-loader.ts';
import { shown } from './driver-surroundings.ts';
import type { Configuration, SavedFile } from './protocol.ts';

/** Some milliseconds, for those only who have a configuration. */
const schemaLibrary = () => import('valibot');

/** What is to be done so that cameras become those that are wanted. */
interface Difference {
  readonly wanted: readonly Wanted[];
  readonly gone: readonly Camera[];
  /** Those that are as they are wanted, and where they are among all. */
  readonly kept: ReadonlyMap<number, Camera>;
}

/** A camera whose description is still there stays; of the others those in the same place become the new ones. */
function difference(before: readonly Camera[], specs: readonly string[], where: string): Difference {
  const kept = new Map<number, Camera>();
  const free = new Set(before);
  for (const [i, spec] of specs.entries()) {
    const same = [...free].find((camera) => camera.spec === spec);
    if (same === undefined) continue;
    kept.set(i, same);
    free.delete(same);
  }
  const wanted = specs.flatMap((spec, i) => {
    if (kept.has(i)) return [];
    const instead = before[i];
    const isFree = instead !== undefined && free.delete(instead);
    return [{ spec, instead: isFree ? instead : undefined, where: `${where}: cameras[${i}]` }];
  });
  return { wanted, gone: [...free], kept };
}

const nodes = (cameras: readonly Camera[]): string =>
  cameras.flatMap(({ devices }) => nodesOf(devices)).join(', ');

/** What has been done, in words. */
function told(changed: readonly Camera[], added: readonly Camera[], gone: string): string {
  const parts = [
    ['changed', nodes(changed)],
    ['added', nodes(added)],
    ['removed', gone],
  ].filter(([, which]) => which !== '');
  return parts.length === 0 ? 'no camera has changed' : parts.map((words) => words.join(' ')).join(', ');
}

export class ConfiguredCameras {
  readonly #source: Configuration;
  readonly #table: CameraTable;
  readonly #loader: DriverLoader;
  /** What it is called in messages. */
  readonly #name: string;
  /** Where its paths begin; undefined if that is the current directory. */
  readonly #directory: string | undefined;
  #cameras: readonly Camera[] = [];
  #loads = 0;

  /** `source` is the path of the configuration, or itself. */
  constructor(source: Configuration, table: CameraTable, loader: DriverLoader) {
    this.#source = source;
    this.#table = table;
    this.#loader = loader;
    const path = typeof source === 'string' ? resolve(source) : undefined;
    this.#name = path === undefined ? 'config' : shown(path);
    const directory = path === undefined ? process.cwd() : dirname(path);
    this.#directory = directory === process.cwd() ? undefined : directory;
  }

  /** Throws CameraSpecError, Errno, or what the file system says. */
  async plugIn(): Promise<void> {
    const config = typeof this.#source === 'string' ? await this.#loader.config(this.#source) : this.#source;
    await this.#become(config);
  }

  /**
   * The configuration, or a file that it imports, was saved: gives what has come of it, in words, or undefined if it was saved
   * once more meanwhile. Throws as {@link plugIn}, and nothing has changed.
   */
  async reload(saved: SavedFile): Promise<string | undefined> {
    const file = this.#source as string;
    const config = await this.#loader.reload(file, saved, () => this.#loader.config(file));
    return config === undefined ? undefined : this.#become(config);
  }

  async #become(config: unknown): Promise<string | undefined> {
    const load = ++this.#loads;
    const library = await schemaLibrary();
    await this.#loadDrivers(config);
    if (load !== this.#loads) return undefined;
    const described = checkConfig(library, config, this.#drivers(), this.#name);
    return this.#rearrange(described.map((camera) => this.#specOf(camera)));
  }

  #rearrange(specs: readonly string[]): string {
    // Somebody else may have removed some.
    const before = this.#cameras.filter((camera) => this.#table.has(camera));
    const { wanted, gone, kept } = difference(before, specs, this.#name);
    const left = nodes(gone);
    const made = this.#table.rearrange(wanted, gone);
    const next = made.values();
    this.#cameras = specs.map((_, i) => kept.get(i) ?? (next.next().value as Camera));
    const changed = made.filter((_, i) => wanted[i]?.instead !== undefined);
    const added = made.filter((_, i) => wanted[i]?.instead === undefined);
    return told(changed, added, left);
  }

  /** Those that come out of files, unless a camera has them already. */
  async #loadDrivers(config: unknown): Promise<void> {
    const loaded = new Set<string>();
    for (const { word, index } of driverWords(config)) {
      const file = this.#table.missingFile(joinWords([this.#placed(word)]));
      if (file === undefined || loaded.has(file)) continue;
      loaded.add(file);
      try {
        this.#table.setDriver(file, await this.#loader.load(file));
      } catch (error) {
        if (!(error instanceof CameraSpecError)) throw error;
        throw new CameraSpecError(`${this.#name}: cameras[${index}]: ${error.message}`);
      }
    }
  }

  #drivers(): DriverFinder {
    const { drivers } = this.#table;
    return { names: drivers.names, find: (word) => drivers.find(this.#placed(word)) };
  }

  /** A path that begins where the configuration is, seen from here. */
  #placed(word: string): string {
    const isHere = this.#directory === undefined || !isDriverFile(word) || word.startsWith('/');
    return isHere ? word : `${this.#directory}/${word}`;
  }

  #specOf({ word, driver, settings }: DescribedCamera): string {
    const directory = this.#directory;
    if (directory === undefined) return specOf(word, settings);
    const moved = settings.map(([key, text]) => {
      const setting = Object.hasOwn(driver.settings, key) ? driver.settings[key] : undefined;
      return [key, setting?.relocate?.(text, directory) ?? text] as const;
    });
    return specOf(this.#placed(word), moved);
  }
}
