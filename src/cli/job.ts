/**
 * The place of this process in its job: between whoever started it and the command. Signals for it are meant for the
 * command; when the command stops or ends it does the same.
 */
import { readFileSync } from 'node:fs';
import { constants } from 'node:os';
import { SIGCONT } from '../linux/constants.ts';
import { exitNow, setrlimit, signal } from '../linux/libc.ts';
import { allocateNative } from '../linux/native-memory.ts';

const RLIMIT_CORE = 4;
const SIG_DFL = 0;
/** What shells say of a command that a signal ended; for signals that do not end this process. */
const EXIT_SIGNALLED = 128;
const SIGSTOP = constants.signals.SIGSTOP;
/** A terminal sends these, to a whole group. */
const FROM_TERMINAL = ['SIGINT', 'SIGQUIT', 'SIGTSTP', 'SIGWINCH'] as const;
const FORWARDED = [
  ...FROM_TERMINAL,
  ...(['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGALRM', 'SIGVTALRM', 'SIGPROF'] as const),
  ...(['SIGURG', 'SIGIO', 'SIGPWR', 'SIGTTIN', 'SIGTTOU'] as const),
];

/** The fields of /proc/PID/stat from the third on. */
function statOf(pid: number | 'self'): string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

const isStopped = (pid: number): boolean => statOf(pid)[0] === 'T';
/** Only a shell at a terminal stops and continues jobs. */
const hasTerminal = (): boolean => statOf('self')[4] !== '0';

/**
 * Gives each signal that comes in, by its number, to `deliver`, and whether a terminal would give it to a whole group. `command`
 * is its process once there is one.
 */
export function forwardSignals(
  command: () => number | undefined,
  deliver: (signal: number, ofGroup: boolean) => void,
): void {
  for (const name of FORWARDED) {
    const isOfGroup = (FROM_TERMINAL as readonly string[]).includes(name);
    process.on(name, () => deliver(constants.signals[name], isOfGroup));
  }
  process.on('SIGCONT', () => {
    const pid = command();
    // A shell continues the whole group.
    if (pid !== undefined && isStopped(pid)) deliver(SIGCONT, true);
  });
}

/**
 * Stops with the command, so that the shell that waits for this process takes the terminal back. The kernel stands
 * still too, until the shell continues the job.
 */
export function stopAs(number: number): void {
  if (!hasTerminal()) return;
  const name = Object.entries(constants.signals).find(([, value]) => value === number)?.[0] as NodeJS.Signals;
  const listeners = number === SIGSTOP ? [] : process.listeners(name);
  for (const listener of listeners) process.off(name, listener as () => void);
  process.kill(process.pid, number);
  for (const listener of listeners) process.on(name, listener as () => void);
}

/** Signals that come in, and do nothing to who does not want to hear of them; or that stop. */
const HARMLESS = ['SIGURG', 'SIGWINCH', 'SIGCONT', 'SIGTSTP', 'SIGTTIN', 'SIGTTOU'] as const;

/** Whether a process ends by this signal unless it does something about it. */
export const endsByDefault = (number: number): boolean =>
  !HARMLESS.some((name) => constants.signals[name] === number);

/** Ends this process by the signal that ended the command. */
export function endBy(number: number): never {
  // No core dump of ours for a crash of the command.
  setrlimit(RLIMIT_CORE, allocateNative(16).address);
  // Node ignores some signals and handles others itself.
  signal(number, SIG_DFL);
  process.kill(process.pid, number);
  end(EXIT_SIGNALLED + number);
}

/** Ends this process at once: all that it had to clean up is cleaned up. */
export function end(code: number): never {
  exitNow(code);
  throw new Error('_exit() returned');
}
