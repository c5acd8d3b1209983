/** What /proc tells about the processes that are served. Every answer may be out of date when it arrives. */
import { readdirSync, readFileSync } from 'node:fs';
import { EBADF, Errno } from '../base/errno.ts';
import { AT_FDCWD, O_CLOEXEC, O_RDWR } from '../linux/constants.ts';
import { open, syscall } from '../linux/libc.ts';
import { allocateNative, putCString } from '../linux/native-memory.ts';
import { ARCH } from './arch.ts';

const native = allocateNative(16384);
const STAT = 4096;
const LINK = 8192;
const LINK_SIZE = 4096;
const ENCODER = new TextEncoder();

/** Identity of an inode: device and number in one. Exact for the pseudo file systems that matter here. */
export type InodeKey = number;

function keyFromStat(): InodeKey {
  const dev = native.view.getUint32(STAT, true);
  const ino = native.view.getUint32(STAT + 8, true);
  return dev * 0x1_0000_0000 + ino;
}

/** The file system that an inode is in. */
export const deviceOf = (inode: InodeKey): number => Math.floor(inode / 0x1_0000_0000);

/** Which inode is behind a path of ours (it is followed); undefined if it does not exist or is out of reach. */
export function inodeAt(path: string): InodeKey | undefined {
  const address = putCString(native, 0, path);
  const nr = ARCH.nr.newfstatat as number;
  return syscall(nr, AT_FDCWD, address, native.address + STAT, 0, 0, 0) === 0 ? keyFromStat() : undefined;
}

/** Which inode is behind descriptor `fd` of thread `tid`. */
export function inodeOf(tid: number, fd: number): InodeKey | undefined {
  return inodeAt(`/proc/${tid}/fd/${fd}`);
}

/** Opens anew what thread `tid` has as `fd`: memory files, regular files. Throws EBADF for all others. */
export function reopenFd(tid: number, fd: number): number {
  const ours = open(`/proc/${tid}/fd/${fd}`, O_RDWR | O_CLOEXEC);
  if (ours < 0) throw new Errno(EBADF, `descriptor ${fd} cannot be opened again`);
  return ours;
}

/** readlink(2): the bytes, valid until the next call; undefined with errno set. */
export function rawReadlink(path: string): Uint8Array | undefined {
  const address = putCString(native, 0, path);
  const nr = ARCH.nr.readlinkat as number;
  const length = syscall(nr, AT_FDCWD, address, native.address + LINK, LINK_SIZE, 0, 0);
  return length < 0 ? undefined : native.bytes.subarray(LINK, LINK + length);
}

/** True if there is a symbolic link at `path`, in the directory `from` (which ends with a slash, or is empty). */
export function isLink(from: string, path: Uint8Array): boolean {
  const written = from === '' ? 0 : ENCODER.encodeInto(from, native.bytes.subarray(0, STAT)).written;
  if (written + path.length >= STAT) return false;
  native.bytes.set(path, written);
  native.bytes[written + path.length] = 0;
  const nr = ARCH.nr.readlinkat as number;
  return syscall(nr, AT_FDCWD, native.address, native.address + LINK, 1, 0, 0) >= 0;
}

export function readlink(path: string): string | undefined {
  const bytes = rawReadlink(path);
  return bytes === undefined ? undefined : new TextDecoder().decode(bytes);
}

/** Descriptors that process `pid` has open. */
export function fdsOf(pid: number): number[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map(Number);
  } catch {
    return [];
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

/** The process that thread `tid` belongs to, undefined if it is gone. */
export function tgidOf(tid: number): number | undefined {
  const match = /^Tgid:\s+(\d+)/m.exec(readText(`/proc/${tid}/status`));
  return match ? Number(match[1]) : undefined;
}

/** The user as whom thread `tid` uses files; nobody's if it is gone. */
export function fileSystemUid(tid: number): number {
  const match = /^Uid:(?:\s+\d+){3}\s+(\d+)/m.exec(readText(`/proc/${tid}/status`));
  return match ? Number(match[1]) : -1;
}

export interface PendingSignals {
  /** Signals that wait for the thread and are not blocked by it, as a mask. */
  readonly own: bigint;
  /** The same for its process as a whole. */
  readonly shared: bigint;
  /** How many threads the process has. */
  readonly threads: number;
}

const STATUS_FIELDS = /^(Threads|SigPnd|ShdPnd|SigBlk):\s+(\w+)/gm;

/** The signals that wait for thread `tid`; none if it is gone. */
export function pendingSignals(tid: number): PendingSignals {
  const fields = new Map<string, string>();
  for (const match of readText(`/proc/${tid}/status`).matchAll(STATUS_FIELDS)) {
    fields.set(match[1] as string, match[2] as string);
  }
  const mask = (name: string) => BigInt(`0x${fields.get(name) ?? '0'}`);
  const open = ~mask('SigBlk');
  return {
    own: mask('SigPnd') & open,
    shared: mask('ShdPnd') & open,
    threads: Number(fields.get('Threads') ?? 0),
  };
}

/** True if descriptor `fd` closes on exec. */
export function isCloexec(tid: number, fd: number): boolean {
  const match = /^flags:\s+([0-7]+)/m.exec(readText(`/proc/${tid}/fdinfo/${fd}`));
  return match !== null && (Number.parseInt(match[1] as string, 8) & O_CLOEXEC) !== 0;
}

/** True if descriptors that were sent to socket `fd` of `pid` have not been received yet. */
export function hasFdsInFlight(pid: number, fd: number): boolean {
  return /^scm_fds:\s+[1-9]/m.test(readText(`/proc/${pid}/fdinfo/${fd}`));
}

/** True if `pid` has ended and only waits to be reaped. */
export function isZombie(pid: number): boolean {
  const stat = readText(`/proc/${pid}/stat`);
  const state = stat.charAt(stat.lastIndexOf(')') + 2);
  return state === 'Z' || state === 'X';
}

function childrenOf(pid: number): number[] {
  let tids: string[];
  try {
    tids = readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
  return tids.flatMap((tid) => numbersIn(readText(`/proc/${pid}/task/${tid}/children`)));
}

function numbersIn(text: string): number[] {
  return text
    .split(' ')
    .filter((word) => word !== '')
    .map(Number);
}

/** Every process below `root`, itself not included. */
export function descendants(root: number): number[] {
  const found: number[] = [];
  const seen = new Set<number>([root]);
  const queue = [root];
  for (let pid = queue.pop(); pid !== undefined; pid = queue.pop()) {
    for (const child of childrenOf(pid)) {
      if (seen.has(child)) continue;
      seen.add(child);
      found.push(child);
      queue.push(child);
    }
  }
  return found;
}
