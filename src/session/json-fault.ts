import { shown } from './driver-surroundings.ts';
import { faultIn } from './module-loader.ts';

/**
 * What is wrong with the JSON in file `path`, as a sentence; undefined if nothing is. Not what JSON.parse() says, which is
 * another in each runtime, and often without the place.
 */
export async function jsonFault(path: string, text: string): Promise<string | undefined> {
  try {
    JSON.parse(text);
    return undefined;
  } catch {
    const json = text.trimEnd();
    const fault = await faultIn(`${path}.js`, json);
    if (fault === undefined)
      return `${shown(path)} is no JSON: it has a comment, a comma too many or something else that only programs have, and would have to be called usercam.config.js.`;
    const line = Math.min(fault.line, json.split('\n').length);
    return `${shown(path)}:${line} is no JSON: ${fault.what}.`;
  }
}
