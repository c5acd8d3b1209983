/** Why a module of somebody's cannot be loaded, in one sentence with file and line. */
import { readFileSync } from 'node:fs';
import { sayThrown } from '../base/bug.ts';
import { CameraSpecError } from '../drivers/index.ts';
import { PATH } from './camera-words.ts';
import { placeOf, shown } from './driver-surroundings.ts';
import { faultOf } from './module-loader.ts';

function firstLine(thrown: unknown): string {
  const [line = ''] = sayThrown(thrown).split('\n');
  return line.trim();
}

/** Node knows what is missing and for which file, but not the line. `what` the module is. */
function missingModule(message: string, what: string): string | undefined {
  const [, name = '', importer = ''] =
    /Cannot find (?:module|package) '([^']+)'\n[\s\S]*?- (.+)/.exec(message) ?? [];
  if (importer === '') return undefined;
  const lines = readFileSync(importer, 'utf8').split('\n');
  const line = lines.findIndex((each) => each.includes(`'${name}'`) || each.includes(`"${name}"`)) + 1;
  const mend = PATH.test(name) ? 'correct the path' : `install it beside the ${what}: npm install ${name}`;
  return `${shown(importer)}:${line} imports "${name}", which cannot be found: ${mend}.`;
}

/** `word` is the file as it was named, `what` it is, and `thrown` what its loading threw. */
export function loadTrouble(word: string, what: string, thrown: unknown): CameraSpecError {
  const fault = faultOf(thrown);
  if (fault !== undefined)
    return new CameraSpecError(
      `${shown(fault.file)}:${fault.line} cannot be read as a program: ${fault.what}.`,
    );
  const message = thrown instanceof Error ? thrown.message : '';
  const missing = missingModule(message, what);
  if (missing !== undefined) return new CameraSpecError(missing);
  return new CameraSpecError(`${placeOf(thrown) ?? word} throws while it is loaded: ${firstLine(thrown)}`);
}
