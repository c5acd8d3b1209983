/** What the session and the launcher say to each other: lines of JSON on the launcher's control socket. */

/** What to start. All strings are byte strings, see `linux/spawn.ts`. */
export interface LaunchOrder {
  /** The command and its arguments. */
  readonly command: readonly string[];
  readonly environment: readonly string[];
  /** The soft limit of open descriptors for the command; null if it is not known. */
  readonly descriptorLimit: number | null;
  /** The numbers that descriptors of cameras get: first and last. */
  readonly range: readonly [number, number];
  /** Descriptors above the standard streams that the command shall have. */
  readonly inherited: readonly number[];
  /** Signals that the command shall ignore, by number. */
  readonly ignored: readonly number[];
  /** And signals that shall be blocked. */
  readonly blocked: readonly number[];
  /** The shadow tree, which the launcher removes if the session is killed. */
  readonly root: string;
}

export type LauncherRequest =
  | { readonly kind: 'launch'; readonly order: LaunchOrder }
  | { readonly kind: 'signal'; readonly signal: number };

export type LauncherMessage =
  /** The command runs as process `pid`. */
  | { readonly kind: 'started'; readonly pid: number }
  /** The command cannot be started: a sentence, and the exit code that says so. */
  | { readonly kind: 'refused'; readonly text: string; readonly code: number }
  | { readonly kind: 'stopped'; readonly signal: number }
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'killed'; readonly signal: number };

/** Gives the JSON values of a stream of lines to `take`, one by one. */
export function lineReader<T>(take: (value: T) => void): (text: string) => void {
  let rest = '';
  return (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) take(JSON.parse(line) as T);
  };
}
