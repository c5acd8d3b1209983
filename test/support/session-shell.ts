/** Sessions of their own, as a shell has them. */
import { type Result, run, runtime, scratch, usercam } from './door.ts';

export interface Shell {
  readonly env: { readonly XDG_RUNTIME_DIR: string };
  readonly cwd: string;
  /** `usercam` with these words. */
  readonly ask: (...words: string[]) => Promise<Result>;
}

/** usercam in a directory and with sessions of its own. */
export function shell(): Shell {
  const env = { XDG_RUNTIME_DIR: scratch() };
  const cwd = scratch();
  const ask = (...words: string[]): Promise<Result> => run([runtime, usercam, ...words], { env, cwd });
  return { ask, env, cwd };
}
