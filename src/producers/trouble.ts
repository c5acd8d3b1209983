import { accessSync, constants } from 'node:fs';

/** Why a source cannot be shown, as a few words that follow its name, and what to do. */
export class Trouble extends Error {}

/** What anything that was thrown says, as the end of a sentence. */
export function troubleOf(thrown: unknown): string {
  if (thrown instanceof Trouble) return thrown.message;
  const [line = ''] = String(thrown instanceof Error ? thrown.message : thrown).split('\n');
  return `cannot be shown: ${line}`;
}

/** Why a file cannot be read, with its name; undefined if it can. */
export function fileTrouble(path: string): string | undefined {
  try {
    accessSync(path, constants.R_OK);
    return undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT'
      ? `there is no file "${path}" in ${process.cwd()}`
      : `"${path}" cannot be read (${code})`;
  }
}
