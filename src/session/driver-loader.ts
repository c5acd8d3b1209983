/** Loads the drivers that come out of files, and loads them anew. */
import type { DriverModule } from '../drivers/index.ts';
import { loadDriver } from './driver-files.ts';
import { DriverSources } from './driver-sources.ts';
import type { FileWatch } from './file-watch.ts';
import type { SavedFile } from './protocol.ts';

export class DriverLoader {
  readonly #sources = new DriverSources();
  readonly #watch: FileWatch | undefined;
  /** Ends the wait for a driver that is loaded anew. */
  readonly #giveUp = new Map<string, () => void>();

  /** `watch` is told of the files that are read; undefined if nobody wants to know that they are saved. */
  constructor(watch: FileWatch | undefined) {
    this.#watch = watch;
  }

  /** Throws CameraSpecError, or Errno if it cannot be watched. */
  async load(file: string): Promise<DriverModule> {
    const files = new Set<string>();
    try {
      const module = await loadDriver(file, this.#sources, (path) => files.add(path));
      this.#watch?.setBroken(file, false);
      return module;
    } catch (error) {
      this.#watch?.setBroken(file, true);
      throw error;
    } finally {
      for (const path of files) this.#watch?.add(file, path);
    }
  }

  /**
   * Loads a driver of which the file `saved` has changed. Undefined if it is saved once more in the meantime: what the
   * older text comes to does not matter then, if it ever ends.
   */
  reload(file: string, saved: SavedFile): Promise<DriverModule | undefined> {
    this.#sources.prepared(saved);
    this.#giveUp.get(file)?.();
    const givenUp = new Promise<undefined>((resolve) => this.#giveUp.set(file, () => resolve(undefined)));
    return Promise.race([this.load(file), givenUp]);
  }
}
