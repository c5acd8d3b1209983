/** What /proc/TID/status tells of a thread. */
import { readdirSync } from 'node:fs';
import { O_CLOEXEC, O_RDONLY } from '../../linux/constants.ts';
import { close, open, pread } from '../../linux/libc.ts';
import { allocateNative } from '../../linux/native-memory.ts';

const NO_SIGNALS = '0000000000000000';
const text = allocateNative(8192);
const bytes = Buffer.from(text.bytes.buffer);

/** As it was when it was read. Nothing is taken out of the text before somebody asks: most want one thing, and often. */
export class ThreadStatus {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** `S` sleeps, `R` runs, `T` is stopped, `Z` has ended. */
  get state(): string {
    return this.#word('State').charAt(0);
  }

  /** Who traces it; 0 if nobody does. */
  get tracer(): number {
    return Number(this.#word('TracerPid'));
  }

  /** How many threads its process has. */
  get threads(): number {
    return Number(this.#word('Threads'));
  }

  /** Signals that wait for the thread and are not blocked by it, as a mask. */
  get pending(): bigint {
    const signals = this.#mask('SigPnd');
    return signals === 0n ? signals : signals & ~this.blocked;
  }

  /** The same for its process as a whole, blocked by the thread or not. */
  get shared(): bigint {
    return this.#mask('ShdPnd');
  }

  get blocked(): bigint {
    return this.#mask('SigBlk');
  }

  /** How often it went to sleep. */
  get sleeps(): number {
    return Number(this.#word('voluntary_ctxt_switches'));
  }

  #word(name: string): string {
    const start = this.#text.indexOf(`\n${name}:\t`) + name.length + 3;
    return this.#text.slice(start, this.#text.indexOf('\n', start));
  }

  #mask(name: string): bigint {
    const digits = this.#word(name);
    return digits === NO_SIGNALS ? 0n : BigInt(`0x${digits}`);
  }
}

function readOpen(fd: number): string | undefined {
  const got = pread(fd, text.address, text.bytes.length, 0);
  return got <= 0 ? undefined : bytes.toString('latin1', 0, got);
}

function readProc(path: string): string | undefined {
  const fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return undefined;
  const read = readOpen(fd);
  close(fd);
  return read;
}

/** Reads an open /proc/TID/status; undefined if the thread is gone. */
export function readStatus(fd: number): ThreadStatus | undefined {
  const read = readOpen(fd);
  return read === undefined ? undefined : new ThreadStatus(read);
}

/** The status of thread `tid`; undefined if it is gone. */
export function statusAt(tid: number): ThreadStatus | undefined {
  const read = readProc(`/proc/${tid}/status`);
  return read === undefined ? undefined : new ThreadStatus(read);
}

/** How much a thread has run. */
export interface RunTimes {
  /** In nanoseconds; undefined if nobody counts that here. */
  readonly total: number | undefined;
  /** In its own code, in ticks of the kernel. */
  readonly user: number;
}

/** What stands behind the name of the program, which may have blanks, in /proc/TID/stat: there `utime` is this word. */
const UTIME = 12;

/** Undefined if thread `tid` is gone. */
export function runTimesOf(tid: number): RunTimes | undefined {
  const stat = readProc(`/proc/${tid}/stat`);
  if (stat === undefined) return undefined;
  const user = Number(stat.slice(stat.lastIndexOf(')')).split(' ')[UTIME]);
  const counted = readProc(`/proc/${tid}/schedstat`);
  return { total: counted === undefined ? undefined : Number.parseInt(counted, 10), user };
}

/** The threads of process `pid`, in the order in which the kernel goes through them. */
export function threadIds(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return [];
  }
}
