/**
 * Drivers out of files: `--camera ./my-camera.ts,size=640x480`. The file is a module whose default export is a
 * DriverModule; what it imports from `usercam` is this very instance of the package (decision 19).
 */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { CameraSpecError, type DriverFinder, type DriverModule, drivers } from '../drivers/index.ts';
import { checkDriver } from '../drivers/registry.ts';
import { MODULE } from './camera-words.ts';
import type { DriverSources } from './driver-sources.ts';
import { contain } from './driver-surroundings.ts';
import { loadTrouble } from './module-trouble.ts';
import { ownPackage } from './own-package.ts';

/** What somebody has named must be a file that can be a module. */
function checkFile(word: string, path: string): void {
  const choice = `choose one of ${drivers.names.join(', ')}, or the file of a driver, such as ./my-camera.ts`;
  if (path.startsWith('/dev/'))
    throw new CameraSpecError(
      `A camera of usercam is made by a driver, and "${word}" is a device: ${choice}.`,
    );
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined)
    throw new CameraSpecError(`There is no file "${word}" in ${process.cwd()}: ${choice}.`);
  if (stat.isDirectory())
    throw new CameraSpecError(`"${word}" is a directory: name the file of the driver in it.`);
  if (!MODULE.test(path))
    throw new CameraSpecError(`"${word}" is no driver, whose file ends in .ts, .js or .mjs: ${choice}.`);
}

/** The default export, if it is a driver. */
function driverIn(word: string, exported: unknown): DriverModule {
  const mend = 'export default defineDriver({ name, help, settings, create })';
  if (exported === undefined)
    throw new CameraSpecError(`"${word}" has no default export, which would be the driver: write ${mend}.`);
  try {
    return checkDriver(exported);
  } catch (error) {
    if (!(error instanceof RangeError) && !(error instanceof CameraSpecError)) throw error;
    throw new CameraSpecError(`The default export of "${word}" is no driver: ${error.message}`);
  }
}

/**
 * Loads the driver in `word`, anew each time. `sources` knows what the loader makes of its files, of each of which `read` is
 * told. Throws CameraSpecError.
 */
export async function loadDriver(
  word: string,
  sources: DriverSources,
  read: (path: string) => void,
): Promise<DriverModule> {
  contain();
  const path = resolve(word);
  checkFile(word, path);
  let module: { readonly default?: unknown };
  try {
    module = await sources.evaluate(path, { usercam: ownPackage() }, read);
  } catch (error) {
    throw loadTrouble(word, 'driver', error);
  }
  return driverIn(word, module.default);
}

/** Our drivers by their names, and others by their files. */
export class CameraDrivers implements DriverFinder {
  readonly names = drivers.names;
  readonly #files: ReadonlyMap<string, DriverModule>;

  constructor(files: ReadonlyMap<string, DriverModule> = new Map()) {
    this.#files = files;
  }

  /** These drivers, and `module` as the one in `file`. */
  with(file: string, module: DriverModule): CameraDrivers {
    return new CameraDrivers(new Map([...this.#files, [file, module]]));
  }

  find(word: string): DriverModule | undefined {
    return this.#files.get(word) ?? drivers.find(word);
  }

  /** The file that a driver came from, as it was named. */
  fileOf(driver: DriverModule): string | undefined {
    for (const [word, module] of this.#files) if (module === driver) return word;
    return undefined;
  }
}
