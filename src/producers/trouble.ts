import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { sayThrown } from '../base/bug.ts';

/** Why a source cannot be shown, as a few words that follow its name, and what to do. */
export class Trouble extends Error {}

/** What anything that was thrown says, as the end of a sentence. */
export function troubleOf(thrown: unknown): string {
  if (thrown instanceof Trouble) return thrown.message;
  const [line = ''] = (thrown instanceof Error ? thrown.message : sayThrown(thrown)).split('\n');
  return `cannot be shown: ${line}`;
}

/** Why a file cannot be read, with its name and what to do; undefined if it can. */
export function fileTrouble(path: string): string | undefined {
  try {
    accessSync(path, constants.R_OK);
    return statSync(path).isDirectory() ? `"${path}" is a directory: name a file in it` : undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT'
      ? `there is no file "${path}" in ${process.cwd()}: correct the path`
      : `"${path}" cannot be read (${code}): make it readable, or name another one`;
  }
}

/** What to do where ffmpeg is not found, as a sentence. */
const FFMPEG_MISSING = 'ffmpeg is not installed: apt-get install ffmpeg, or what your system has';

/** The same; undefined where ffmpeg is found. */
export function ffmpegTrouble(): string | undefined {
  const directories = (process.env.PATH ?? '').split(delimiter).filter((directory) => directory !== '');
  const isThere = directories.some((directory) => {
    try {
      accessSync(join(directory, 'ffmpeg'), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
  return isThere ? undefined : FFMPEG_MISSING;
}
