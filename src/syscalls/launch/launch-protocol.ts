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
  /** Standard streams that it shall not have; none if left out. */
  readonly closed?: readonly number[];
  /** Signals that the command shall ignore, by number. */
  readonly ignored: readonly number[];
  /** And signals that shall be blocked. */
  readonly blocked: readonly number[];
  /** See {@link Sent}; undefined if the command gets what the launcher has. */
  readonly sent?: Sent | undefined;
}

/**
 * What comes beside an order, for a command that somebody else asks for than the process that has the session: over the socket
 * for descriptors, before the order, came his current directory, and one descriptor for each of `descriptors`, the
 * numbers that they shall have. Such a command is the first of a process group.
 */
export interface Sent {
  readonly descriptors: readonly number[];
  readonly umask: number;
}

/** `id` is the number of the command, as the session counts. */
export type LauncherRequest =
  | { readonly kind: 'launch'; readonly id: number; readonly order: LaunchOrder }
  /**
   * To the command, to all of its group, or to the command unless its job has got it: this process and the session are in that job,
   * and whoever signals all of it reaches the command too.
   */
  | { readonly kind: 'signal'; readonly id: number; readonly signal: number; readonly to: Addressee };

export type Addressee = 'command' | 'group' | 'command of the job';

/** How command `id` fares. */
export type LauncherMessage = { readonly id: number } & CommandNews;

export type CommandNews =
  /** The command runs as process `pid`. */
  | { readonly kind: 'started'; readonly pid: number }
  /** The command cannot be started: a sentence, and the exit code that says so. */
  | { readonly kind: 'refused'; readonly text: string; readonly code: number }
  | { readonly kind: 'stopped'; readonly signal: number }
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'killed'; readonly signal: number };

/** Gives the JSON values of a stream of lines to `take`, one by one. Throws if a line is none, or has more than `most` characters. */
export function lineReader<T>(
  take: (value: T) => void,
  most = Number.POSITIVE_INFINITY,
): (text: string) => void {
  let rest = '';
  return (text) => {
    // A long line comes in many pieces: of what was there before no character is looked at again.
    const lines = text.split('\n');
    const last = lines.pop() ?? '';
    for (const line of lines) {
      const whole = rest + line;
      rest = '';
      take(JSON.parse(whole) as T);
    }
    rest += last;
    if (rest.length > most) throw new RangeError(`a line has more than ${most} characters`);
  };
}
