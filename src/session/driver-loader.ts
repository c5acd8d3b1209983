/** Loads the drivers that come out of files, and loads them anew. */
import type { DriverModule } from '../drivers/index.ts';
import { loadDriver } from './driver-files.ts';
import { DriverSources } from './driver-sources.ts';
import type { FileWatch } from './file-watch.ts';
import type { SavedFile } from './protocol.ts';

export class DriverLoader {
  readonly #sources = new DriverSources();
  readonly #watch: FileWatch | undefined;
  /** How often each driver was begun to be loaded. */
  readonly #loads = new Map<string, number>();

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

  /** Loads a driver of which the file `saved` has changed. Undefined if it has been saved once more in the meantime. */
  async reload(file: string, saved: SavedFile): Promise<DriverModule | undefined> {
    const count = (this.#loads.get(file) ?? 0) + 1;
    this.#loads.set(file, count);
    this.#sources.prepared(saved);
    try {
      const module = await this.load(file);
      return this.#loads.get(file) === count ? module : undefined;
    } catch (error) {
      if (this.#loads.get(file) === count) throw error;
      return undefined;
    }
  }
}
