/**
 * What the user gave to this process that Node has changed before it runs a line. Started by the shell's half of
 * `bin/usercam.js`, it finds a note of it; started as `node bin/usercam.js` it knows what Node has left.
 */
import { closeSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';

/**
 * The note: signals ignored and blocked as in /proc/PID/status, the process that was left behind and our end of its
 * pipe. Or nobody, and the limit of descriptors from a process that has read the note. Then the descriptors that were open.
 */
const NOTE = 'USERCAM_GIVEN';
/** Which Node the shell is to start, where that is not the one in PATH. */
export const NODE = 'USERCAM_NODE';
const NOBODY = '0';
const UNKNOWN = '-';
/** The state of a process that is to be reaped. */
const ENDED = 'Z';
const LAST_SIGNAL = 64;

export interface Given {
  /** Byte strings, see `linux/spawn.ts`. */
  readonly environment: readonly string[];
  /** Signals, by number. */
  readonly ignored: readonly number[];
  readonly blocked: readonly number[];
  /** The soft limit of open descriptors; null if it is not known. */
  readonly descriptorLimit: number | null;
  /** The descriptors that were open; undefined if nobody has noted them. */
  readonly open: readonly number[] | undefined;
  /** A child that has ended and is to be reaped. */
  readonly zombie: number | undefined;
}

/** The environment in a file of /proc, without what is for this process alone. */
const environmentIn = (path: string): string[] =>
  byteStrings(path).filter((entry) => ![NOTE, NODE].some((name) => entry.startsWith(`${name}=`)));

/** A file of NUL-terminated byte strings. */
export function byteStrings(path: string): string[] {
  return readFileSync(path, 'latin1').split('\0').slice(0, -1);
}

function attempt<T>(look: () => T, otherwise: T): T {
  try {
    return look();
  } catch {
    return otherwise;
  }
}

function signalsIn(mask: string): number[] {
  const bits = BigInt(`0x${mask}`);
  return Array.from({ length: LAST_SIGNAL }, (_, i) => i + 1).filter((n) => (bits >> BigInt(n - 1)) & 1n);
}

const maskOf = (signals: readonly number[]): string =>
  signals.reduce((mask, n) => mask | (1n << BigInt(n - 1)), 0n).toString(16);

function limitOf(pid: string): number | null {
  const limits = attempt(() => readFileSync(`/proc/${pid}/limits`, 'latin1'), '');
  const soft = /^Max open files\s+(\d+)/m.exec(limits)?.[1];
  return soft === undefined ? null : Number(soft);
}

function ignores(pid: number, signal: number): boolean {
  const status = attempt(() => readFileSync(`/proc/${pid}/status`, 'latin1'), '');
  return signalsIn(/^SigIgn:\s+(\w+)/m.exec(status)?.[1] ?? '0').includes(signal);
}

/**
 * Without a note. Of ignored signals only SIGHUP has left something: the parent ignores it too (it is inherited, and no
 * shell ignores it for itself alone), or the shell wrote nohup into `_` as what it executed. Node has raised its own limit of
 * descriptors; the parent still has the user's.
 */
function guessed(): Given {
  const { SIGHUP } = constants.signals;
  const byNohup = /(^|\/)nohup$/.test(process.env._ ?? '');
  return {
    environment: attempt(() => environmentIn('/proc/self/environ'), []),
    ignored: byNohup || ignores(process.ppid, SIGHUP) ? [SIGHUP] : [],
    blocked: [],
    descriptorLimit: limitOf(`${process.ppid}`),
    open: undefined,
    zombie: undefined,
  };
}

/** A letter, as in /proc/PID/stat; undefined if it is no child of ours. */
function stateOfChild(pid: string): string | undefined {
  const stat = attempt(() => readFileSync(`/proc/${pid}/stat`, 'latin1'), '');
  const [state, parent] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(parent) === process.pid ? state : undefined;
}

/** Reads the note, and ends the process that was left behind. */
export function takeGiven(): Given {
  const note = process.env[NOTE];
  delete process.env[NOTE];
  delete process.env[NODE];
  const match = /^([0-9a-f]{1,16}) ([0-9a-f]{1,16}) (\d+) (\d+|-)( -|(?: \d+)*)$/.exec(note ?? '');
  const [, ignored = '', blocked = '', keeper = '', end = '', open = ''] = match ?? [];
  if (match === null) return guessed();
  const noted = {
    ignored: signalsIn(ignored),
    blocked: signalsIn(blocked),
    open: open.includes(UNKNOWN) ? undefined : open.split(' ').slice(1).map(Number),
  };
  if (keeper === NOBODY) {
    const environment = environmentIn('/proc/self/environ');
    const descriptorLimit = end === UNKNOWN ? limitOf(`${process.ppid}`) : Number(end);
    return { ...noted, environment, descriptorLimit, zombie: undefined };
  }
  const state = stateOfChild(keeper);
  // Where SIGCHLD is ignored nothing is left of who has ended, and its number may be somebody else's.
  if (state === undefined) return { ...guessed(), ...noted };
  const environment = attempt(() => environmentIn(`/proc/${keeper}/environ`), []);
  const descriptorLimit = limitOf(keeper);
  // A shell whose here-documents are files leaves nobody who waits. Of who has ended Linux shows no environment, or an empty one.
  const hasEnded = state === ENDED;
  // The end of the pipe would end it too, unless somebody has stopped it.
  process.kill(Number(keeper), 'SIGKILL');
  closeSync(Number(end));
  if (hasEnded) return { ...guessed(), ...noted, zombie: Number(keeper) };
  return { ...noted, environment, descriptorLimit, zombie: Number(keeper) };
}

/** The note for a process that this one becomes, whose environment will be the user's; `open` is what was open and still is. */
export function noteFor({ ignored, blocked, descriptorLimit }: Given, open: readonly number[]): string {
  const signals = `${maskOf(ignored)} ${maskOf(blocked)}`;
  return `${NOTE}=${[signals, NOBODY, descriptorLimit ?? UNKNOWN, ...open].join(' ')}`;
}
