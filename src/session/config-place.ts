/** Where a configuration is found. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { SessionError } from './kernel.ts';

export const CONFIG_NAMES = ['ts', 'js', 'mjs', 'json'].map((suffix) => `usercam.config.${suffix}`);

/** The configuration that is in `directory`. Throws a SessionError if there is more than one. */
export function findConfig(directory: string): string | undefined {
  const [first, second] = CONFIG_NAMES.filter((name) => existsSync(join(directory, name)));
  if (first === undefined || second === undefined) return first;
  throw new SessionError(
    `there are ${first} and ${second} in ${directory}: keep one of them, or name one with --config`,
  );
}
