/** Reads a configuration: a module whose default export it is, or JSON. What stands in it is looked at by `config-schema.ts`. */
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { withoutMark } from '../base/byte-order-mark.ts';
import { CameraSpecError } from '../drivers/index.ts';
import { MODULE } from './camera-words.ts';
import { CONFIG_NAMES } from './config-place.ts';
import type { DriverSources } from './driver-sources.ts';
import { contain, shown } from './driver-surroundings.ts';
import { jsonFault } from './json-fault.ts';
import { loadTrouble } from './module-trouble.ts';
import { ownPackage } from './own-package.ts';

const JSON_FILE = /\.json$/;

/** What somebody has named must be a file that can be a configuration. */
function checkFile(word: string, path: string): void {
  const choice = `name one such as ${CONFIG_NAMES.join(', ')}`;
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined)
    throw new CameraSpecError(`There is no configuration "${word}" in ${process.cwd()}: ${choice}.`);
  if (stat.isDirectory())
    throw new CameraSpecError(`"${word}" is a directory: name the configuration in it.`);
  if (!MODULE.test(path) && !JSON_FILE.test(path))
    throw new CameraSpecError(`"${word}" is no configuration: ${choice}.`);
}

function readText(word: string, path: string): string {
  try {
    return withoutMark(readFileSync(path, 'utf8'));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CameraSpecError(`"${word}" cannot be read (${code}): make it readable, or name another one.`);
  }
}

/**
 * What stands in the configuration `word`, a path. `sources` knows what the loader makes of its files, of each of which `read`
 * is told. Throws CameraSpecError.
 */
export async function readConfig(
  word: string,
  sources: DriverSources,
  read: (path: string) => void,
): Promise<unknown> {
  contain();
  const path = resolve(word);
  checkFile(word, path);
  const text = readText(word, path);
  if (JSON_FILE.test(path)) {
    read(path);
    const fault = sources.faultOf(path, text) ?? (await jsonFault(path, text));
    if (fault !== undefined) throw new CameraSpecError(fault);
    return JSON.parse(text);
  }
  let module: { readonly default?: unknown };
  try {
    module = await sources.evaluate(path, { usercam: ownPackage() }, read);
  } catch (error) {
    throw loadTrouble(shown(path), 'configuration', error);
  }
  if (module.default !== undefined) return module.default;
  throw new CameraSpecError(
    `${shown(path)} has no default export, which would be the configuration: write export default defineConfig({ cameras: ['vivi'] }).`,
  );
}
