/** What /proc/TID/status tells of a thread. */
import { readdirSync } from 'node:fs';
import { O_CLOEXEC, O_RDONLY } from '../../linux/constants.ts';
import { close, open, pread } from '../../linux/libc.ts';
import { allocateNative } from '../../linux/native-memory.ts';

export interface ThreadStatus {
  /** `S` sleeps, `R` runs, `T` is stopped, `Z` has ended. */
  readonly state: string;
  /** Who traces it; 0 if nobody does. */
  readonly tracer: number;
  /** How many threads its process has. */
  readonly threads: number;
  /** Signals that wait for the thread and are not blocked by it, as a mask. */
  readonly pending: bigint;
  /** The same for its process as a whole, blocked by the thread or not. */
  readonly shared: bigint;
  readonly blocked: bigint;
  /** How often it went to sleep. */
  readonly sleeps: number;
}

const NO_SIGNALS = '0000000000000000';
const text = allocateNative(8192);
const LATIN1 = new TextDecoder('latin1');

function parse(status: string): ThreadStatus {
  const word = (name: string) => {
    const start = status.indexOf(`\n${name}:\t`) + name.length + 3;
    return status.slice(start, status.indexOf('\n', start));
  };
  const mask = (name: string) => {
    const digits = word(name);
    return digits === NO_SIGNALS ? 0n : BigInt(`0x${digits}`);
  };
  const blocked = mask('SigBlk');
  return {
    state: word('State').charAt(0),
    tracer: Number(word('TracerPid')),
    threads: Number(word('Threads')),
    pending: mask('SigPnd') & ~blocked,
    shared: mask('ShdPnd'),
    blocked,
    sleeps: Number(word('voluntary_ctxt_switches')),
  };
}

/** Reads an open /proc/TID/status; undefined if the thread is gone. */
export function parseStatus(fd: number): ThreadStatus | undefined {
  const got = pread(fd, text.address, text.bytes.length, 0);
  return got <= 0 ? undefined : parse(LATIN1.decode(text.bytes.subarray(0, got)));
}

/** The status of thread `tid`; undefined if it is gone. */
export function statusAt(tid: number): ThreadStatus | undefined {
  const fd = open(`/proc/${tid}/status`, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return undefined;
  const status = parseStatus(fd);
  close(fd);
  return status;
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

function readProc(path: string): string | undefined {
  const fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return undefined;
  const got = pread(fd, text.address, text.bytes.length, 0);
  close(fd);
  return got <= 0 ? undefined : LATIN1.decode(text.bytes.subarray(0, got));
}

/** The threads of process `pid`, in the order in which the kernel goes through them. */
export function threadIds(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return [];
  }
}
