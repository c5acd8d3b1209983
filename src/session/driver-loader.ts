/** Loads what comes out of files of the user's, drivers and the configuration, and loads it anew. */
import type { DriverModule } from '../drivers/index.ts';
import { readConfig } from './config-file.ts';
import { loadDriver } from './driver-files.ts';
import { DriverSources } from './driver-sources.ts';
import type { FileWatch } from './file-watch.ts';
import type { SavedFile } from './protocol.ts';

export class DriverLoader {
  readonly #sources = new DriverSources();
  readonly #watch: FileWatch | undefined;
  /** Ends the wait for a file that is loaded anew. */
  readonly #giveUp = new Map<string, () => void>();

  /** What is loaded at this moment. */
  loading: string | undefined;

  /** `watch` is told of the files that are read; undefined if nobody wants to know that they are saved. */
  constructor(watch: FileWatch | undefined) {
    this.#watch = watch;
  }

  /** Throws CameraSpecError, or Errno if it cannot be watched. */
  load(file: string): Promise<DriverModule> {
    return this.#watched(file, (read) => loadDriver(file, this.#sources, read));
  }

  /** What stands in the configuration `file`. Throws as {@link load}. */
  config(file: string): Promise<unknown> {
    return this.#watched(file, (read) => readConfig(file, this.#sources, read));
  }

  /**
   * Has `load` load what came from `file`, of which the file `saved` has changed. Undefined if it is saved once more in the
   * meantime: what the older text comes to does not matter then, if it ever ends.
   */
  reload<T>(file: string, saved: SavedFile, load: () => Promise<T>): Promise<T | undefined> {
    this.#sources.prepared(saved);
    this.#giveUp.get(file)?.();
    const givenUp = new Promise<undefined>((resolve) => this.#giveUp.set(file, () => resolve(undefined)));
    return Promise.race([load(), givenUp]);
  }

  async #watched<T>(file: string, load: (read: (path: string) => void) => Promise<T>): Promise<T> {
    const files = new Set<string>();
    this.loading = file;
    try {
      const loaded = await load((path) => files.add(path));
      this.#watch?.setBroken(file, false);
      return loaded;
    } catch (error) {
      this.#watch?.setBroken(file, true);
      throw error;
    } finally {
      this.loading = undefined;
      for (const path of files) this.#watch?.add(file, path);
    }
  }
}
