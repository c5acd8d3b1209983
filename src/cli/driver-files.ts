/**
 * Drivers out of files: `--camera ./my-camera.ts,size=640x480`. The file is a module whose default export is a
 * DriverModule; what it imports from `usercam` is this very instance of the package (decision 19).
 */
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { CameraSpecError, type DriverFinder, type DriverModule, drivers } from '../drivers/index.ts';
import { checkDriver } from '../drivers/registry.ts';
import * as usercam from '../index.ts';
import { contain, placeOf, shown } from './driver-surroundings.ts';

const MODULE = /\.m?[jt]s$/;
const PATH = /^\.{0,2}\//;
/** True if this, before the first comma of a camera's description, is the file of a driver and not the name of one. */
export function isDriverFile(word: string): boolean {
  return PATH.test(word) || (MODULE.test(word) && !word.includes('://'));
}

function firstLine(thrown: unknown): string {
  const [line = ''] = String(thrown).split('\n');
  return line.trim();
}

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

/** Node knows what is missing and for which file, but not the line. */
function missingModule(message: string): string | undefined {
  const [, name = '', importer = ''] =
    /Cannot find (?:module|package) '([^']+)'\n[\s\S]*?- (.+)/.exec(message) ?? [];
  if (importer === '') return undefined;
  const lines = readFileSync(importer, 'utf8').split('\n');
  const line = lines.findIndex((each) => each.includes(`'${name}'`) || each.includes(`"${name}"`)) + 1;
  const mend = PATH.test(name) ? 'correct the path' : `install it beside the driver: npm install ${name}`;
  return `${shown(importer)}:${line} imports "${name}", which cannot be found: ${mend}.`;
}

function loadTrouble(word: string, thrown: unknown): CameraSpecError {
  const message = thrown instanceof Error ? thrown.message : '';
  const [, what, file = '', line] = /^ParseError: (.*?)\s*\n\s*(\/.+?):(\d+)/s.exec(message) ?? [];
  if (what !== undefined)
    return new CameraSpecError(`${shown(file)}:${line} cannot be read as a program: ${what}.`);
  const missing = missingModule(message);
  if (missing !== undefined) return new CameraSpecError(missing);
  return new CameraSpecError(`${placeOf(thrown) ?? word} throws while it is loaded: ${firstLine(thrown)}`);
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

/** Loads the driver in `word`, anew each time. Throws CameraSpecError. */
export async function loadDriver(word: string): Promise<DriverModule> {
  const path = resolve(word);
  checkFile(word, path);
  // A third of a second, for those only who need it.
  const { createJiti } = await import('jiti');
  const jiti = createJiti(path, {
    virtualModules: { usercam },
    moduleCache: false,
    fsCache: false,
    interopDefault: false,
    // Bun would load it itself, and another instance of usercam with it.
    tryNative: false,
  });
  let module: { readonly default?: unknown };
  try {
    module = await jiti.import(path);
  } catch (error) {
    throw loadTrouble(word, error);
  }
  return driverIn(word, module.default);
}

/** Our drivers by their names, and others by their files. */
export class CameraDrivers implements DriverFinder {
  readonly names = drivers.names;
  readonly #files = new Map<string, DriverModule>();

  /** Loads what the descriptions of `cameras` need. Throws CameraSpecError. */
  async load(cameras: readonly string[]): Promise<void> {
    for (const text of cameras) {
      const word = (text.split(',', 1)[0] as string).trim();
      if (!isDriverFile(word) || this.#files.has(word)) continue;
      if (this.#files.size === 0) contain();
      this.#files.set(word, await loadDriver(word));
    }
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
