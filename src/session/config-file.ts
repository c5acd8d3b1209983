/** Reads a configuration: a module whose default export it is, or JSON. What stands in it is looked at by `config-schema.ts`. */
import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { CameraSpecError } from '../drivers/index.ts';
import * as usercam from '../index.ts';
import { MODULE } from './camera-words.ts';
import { CONFIG_NAMES } from './config-place.ts';
import { type DriverSources, parseExpression } from './driver-sources.ts';
import { contain, shown } from './driver-surroundings.ts';
import { faultOf, loadTrouble } from './module-trouble.ts';

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
    return readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new CameraSpecError(`"${word}" cannot be read (${code}): make it readable, or name another one.`);
  }
}

/** Not what JSON.parse() says, which is another in each runtime, and often without the place. */
async function jsonTrouble(path: string, text: string): Promise<CameraSpecError> {
  try {
    await parseExpression(`${path}.js`, text.trimEnd());
  } catch (error) {
    const fault = faultOf(error);
    if (fault !== undefined) {
      const line = Math.min(fault.line, text.trimEnd().split('\n').length);
      return new CameraSpecError(`${shown(path)}:${line} is no JSON: ${fault.what}.`);
    }
  }
  return new CameraSpecError(
    `${shown(path)} is no JSON: it has a comment, a comma too many or something else that only programs have, and would have to be called usercam.config.js.`,
  );
}

async function parseJson(path: string, text: string): Promise<unknown> {
  try {
    return JSON.parse(text);
  } catch {
    throw await jsonTrouble(path, text);
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
    return parseJson(path, text);
  }
  let module: { readonly default?: unknown };
  try {
    module = await sources.evaluate(path, { usercam }, read);
  } catch (error) {
    throw loadTrouble(shown(path), 'configuration', error);
  }
  if (module.default !== undefined) return module.default;
  throw new CameraSpecError(
    `${shown(path)} has no default export, which would be the configuration: write export default defineConfig({ cameras: ['vivi'] }).`,
  );
}
