/** The loader of what comes out of files of the user's: jiti (decision 19), and what it says of a text that is no program. */
import type { JitiOptions } from 'jiti';

/** Each time all is loaded anew; and not by Bun itself, which would load another usercam for it. */
export const LOADER: JitiOptions = {
  moduleCache: false,
  fsCache: false,
  interopDefault: false,
  tryNative: false,
};

/** A third of a second, for those only who need it. */
export const loader = () => import('jiti');

interface Fault {
  readonly what: string;
  readonly file: string;
  readonly line: number;
}

/** Where and why something cannot be read as a program, if that is what the loader has thrown. */
export function faultOf(thrown: unknown): Fault | undefined {
  const message = thrown instanceof Error ? thrown.message : '';
  const [, what, file = '', line] = /^ParseError: (.*?)\s*\n\s*(\/.+?):(\d+)/s.exec(message) ?? [];
  return what === undefined ? undefined : { what, file, line: Number(line) };
}

/** What is wrong with a text that should be an expression, which is not carried out; undefined if it is one. */
export async function faultIn(path: string, text: string): Promise<Fault | undefined> {
  const { createJiti } = await loader();
  const program = `export default () => (${text}\n)`;
  try {
    await createJiti(path, LOADER).evalModule(program, { filename: path, async: true, forceTranspile: true });
    return undefined;
  } catch (error) {
    return faultOf(error);
  }
}
