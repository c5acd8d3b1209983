/** What /proc tells about the processes that are served. Every answer may be out of date when it arrives. */
import { readdirSync } from 'node:fs';
import { TextDecoder, TextEncoder } from 'node:util';
import { EBADF, ENFILE, Errno } from '../base/errno.ts';
import { isOutOfDescriptors } from '../base/too-few-descriptors.ts';
import { ARCH } from './arch.ts';
import { AT_FDCWD, O_ACCMODE, O_CLOEXEC, O_PATH, O_RDONLY, O_RDWR, O_WRONLY, S_IFMT } from './constants.ts';
import { inodeKey } from './handed-out.ts';
import { close, errno, open, read, syscall } from './libc.ts';
import { allocateNative, putCString } from './native-memory.ts';
import { keepSpare, makeRoom } from './spare-descriptor.ts';

const native = allocateNative(16384);
const STAT = 4096;
const LINK = 8192;
const LINK_SIZE = 4096;
const OTHERS_WRITE = 2;
/** What /proc gives at once. */
const TEXT = allocateNative(65536);
const ENCODER = new TextEncoder();
const LATIN1 = new TextDecoder('latin1');

/** Identity of an inode: device and number in one. Exact for the pseudo file systems that matter here. */
export type InodeKey = number;

function keyFromStat(): InodeKey {
  const dev = native.view.getUint32(STAT, true);
  const ino = native.view.getUint32(STAT + 8, true);
  return inodeKey(dev, ino);
}

/** The file system that an inode is in. */
export const deviceOf = (inode: InodeKey): number => Math.floor(inode / 0x1_0000_0000);

/** Its number there. */
export const inodeNumber = (inode: InodeKey): number => inode % 0x1_0000_0000;

/** Which inode is behind a path of ours (it is followed); undefined if it does not exist or is out of reach. */
export function inodeAt(path: string): InodeKey | undefined {
  const address = putCString(native, 0, path);
  const nr = ARCH.nr.newfstatat as number;
  return syscall(nr, AT_FDCWD, address, native.address + STAT, 0, 0, 0) === 0 ? keyFromStat() : undefined;
}

/**
 * What `look` finds in the directory of thread `tid`. A first thread that has ended shows nothing, while the others of
 * its process go on with the same descriptors: then one of them is asked.
 */
function inThread<T>(tid: number, look: (directory: string) => T | undefined): T | undefined {
  const own = look(`/proc/${tid}`);
  if (own !== undefined || !isZombie(tid)) return own;
  for (const other of threadsOf(tid)) {
    const found = other === tid ? undefined : look(`/proc/${tid}/task/${other}`);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** Which inode is behind descriptor `fd` of thread `tid`. */
export function inodeOf(tid: number, fd: number): InodeKey | undefined {
  return inThread(tid, (directory) => inodeAt(`${directory}/fd/${fd}`));
}

/**
 * Opens anew what thread `tid` has as `fd`, to be read and written: memory files, regular files. Throws EBADF for all
 * others, and for what the program could not open so itself: what it has opened to be read, unless everybody may write.
 */
export function reopenFd(tid: number, fd: number): number {
  const path = `/proc/${tid}/fd/${fd}`;
  const mayWrite = ((fdinfo(tid, fd)?.flags ?? 0) & O_ACCMODE) === O_RDWR || isForAllToWrite(path);
  const ours = mayWrite ? open(path, O_RDWR | O_CLOEXEC) : -1;
  if (ours < 0) throw new Errno(EBADF, `descriptor ${fd} cannot be opened again`);
  return ours;
}

function isForAllToWrite(path: string): boolean {
  return (
    inodeAt(path) !== undefined && (native.view.getUint32(STAT + ARCH.stat.mode, true) & OTHERS_WRITE) !== 0
  );
}

/** readlink(2): the bytes, valid until the next call; undefined with errno set. */
export function rawReadlink(path: string, directory = AT_FDCWD): Uint8Array | undefined {
  const address = putCString(native, 0, path);
  const nr = ARCH.nr.readlinkat as number;
  const length = syscall(nr, directory, address, native.address + LINK, LINK_SIZE, 0, 0);
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

/** Opens a file of /proc; -1 if it is not there or not for us. That we have no descriptor left is no answer: ENFILE. */
function openProc(path: string): number {
  for (let tries = 0; ; tries++) {
    const fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0 || !isOutOfDescriptors(errno())) return fd;
    if (!makeRoom(tries)) throw new Errno(ENFILE, 'usercam has no descriptor to spare');
  }
}

/** The text of a file of /proc; undefined if it is not there or not for us. Throws ENFILE. */
function textAt(path: string): string | undefined {
  const fd = openProc(path);
  if (fd < 0) return undefined;
  let text = '';
  for (;;) {
    const got = read(fd, TEXT.address, TEXT.bytes.length);
    if (got < 0) text = '';
    if (got <= 0) break;
    text += LATIN1.decode(TEXT.bytes.subarray(0, got));
  }
  close(fd);
  keepSpare();
  return text;
}

function readText(path: string): string {
  return textAt(path) ?? '';
}

function numbersAt(directory: string): number[] | undefined {
  const names = namesAt(directory);
  keepSpare();
  return names?.flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
}

function namesAt(directory: string): string[] | undefined {
  for (let tries = 0; ; tries++) {
    try {
      return readdirSync(directory);
    } catch (error) {
      const { errno: code = 0 } = error as NodeJS.ErrnoException;
      if (!isOutOfDescriptors(-code)) return undefined;
      if (!makeRoom(tries)) throw new Errno(ENFILE, 'usercam has no descriptor to spare');
    }
  }
}

/** Descriptors that process `pid` has open; undefined if nobody lets us look. */
export function descriptorsOf(pid: number): number[] | undefined {
  const fds = numbersAt(`/proc/${pid}/fd`);
  if (fds === undefined || fds.length > 0) return fds;
  // A process whose first thread has ended has its descriptors all the same.
  for (const tid of threadsOf(pid)) {
    const ofThread = tid === pid ? [] : (numbersAt(`/proc/${pid}/task/${tid}/fd`) ?? []);
    if (ofThread.length > 0) return ofThread;
  }
  return fds;
}

/** The same, where one that cannot be looked at counts as one that has none. */
export function fdsOf(pid: number): number[] {
  return descriptorsOf(pid) ?? [];
}

/** The process that thread `tid` belongs to, undefined if it is gone. */
export function tgidOf(tid: number): number | undefined {
  const match = /^Tgid:\s+(\d+)/m.exec(readText(`/proc/${tid}/status`));
  return match ? Number(match[1]) : undefined;
}

/** The numbers that the process of thread `tid` has, in our namespace first and in its own last; none if it is gone. */
export function namespaceIds(tid: number): readonly number[] {
  const match = /^NStgid:\s+(.+)$/m.exec(readText(`/proc/${tid}/status`));
  return match ? (match[1] as string).split(/\s+/).map(Number) : [];
}

/** The user namespace that there is from the start. */
const FIRST_USER_NAMESPACE = 'user:[4026531837]';
const CAP_SYS_RESOURCE = 1n << 24n;

/** True if thread `tid` may raise its hard limits. */
export function mayRaiseLimits(tid: number): boolean {
  const match = /^CapEff:\s+([0-9a-f]+)/m.exec(readText(`/proc/${tid}/status`));
  const has = match !== null && (BigInt(`0x${match[1]}`) & CAP_SYS_RESOURCE) !== 0n;
  return has && readlink(`/proc/${tid}/ns/user`) === FIRST_USER_NAMESPACE;
}

/** The name of thread `tid`, as the kernel has it, which of the first one is the program's; empty if it is gone. */
export function commOf(tid: number): string {
  return readText(`/proc/${tid}/comm`).trimEnd();
}

/** The user as whom thread `tid` uses files; nobody's if it is gone. */
export function fileSystemUid(tid: number): number {
  const match = /^Uid:(?:\s+\d+){3}\s+(\d+)/m.exec(readText(`/proc/${tid}/status`));
  return match ? Number(match[1]) : -1;
}

/** The flags of descriptor `fd`, as open() takes them, and its position; undefined if it is gone. */
function fdinfo(tid: number, fd: number): { flags: number; position: number } | undefined {
  const match = inThread(
    tid,
    (directory) =>
      /^pos:\s+(\d+)\nflags:\s+([0-7]+)/.exec(readText(`${directory}/fdinfo/${fd}`)) ?? undefined,
  );
  if (match === undefined) return undefined;
  return { position: Number(match[1]), flags: Number.parseInt(match[2] as string, 8) };
}

/** What descriptor `fd` of thread `tid` can be used for; undefined if it is gone. */
export function accessOf(tid: number, fd: number): { read: boolean; write: boolean } | undefined {
  const flags = fdinfo(tid, fd)?.flags;
  if (flags === undefined) return undefined;
  const mode = flags & O_PATH ? O_ACCMODE : flags & O_ACCMODE;
  return { read: mode === O_RDONLY || mode === O_RDWR, write: mode === O_WRONLY || mode === O_RDWR };
}

/** The type of what is open as `fd`, as the mode of a file has it; 0 if it is gone. */
export function fileTypeOf(tid: number, fd: number): number {
  if (inodeOf(tid, fd) === undefined) return 0;
  return native.view.getUint32(STAT + ARCH.stat.mode, true) & S_IFMT;
}

/** True if whole-file locks are held through what is open as `fd`. */
export function hasLock(tid: number, fd: number): boolean {
  const found = inThread(tid, (directory) => textAt(`${directory}/fdinfo/${fd}`));
  return /^lock:.* FLOCK /m.test(found ?? '');
}

/** True if descriptor `fd` closes on exec. */
export function isCloexec(tid: number, fd: number): boolean {
  return ((fdinfo(tid, fd)?.flags ?? 0) & O_CLOEXEC) !== 0;
}

/** A descriptor of ours for what the process of `pidfd` has as `fd`, closed on exec; negative where that is not allowed. */
export function pidfdGetfd(pidfd: number, fd: number): number {
  return syscall(ARCH.nr.pidfd_getfd as number, pidfd, fd, 0, 0, 0, 0);
}

/** A descriptor of ours for what thread `tid` has as `fd`, closed on exec; negative where that is not allowed. */
export function copyDescriptor(tid: number, fd: number): number {
  const pidfd = syscall(ARCH.nr.pidfd_open as number, tgidOf(tid) ?? tid, 0, 0, 0, 0, 0);
  if (pidfd < 0) return pidfd;
  const ours = pidfdGetfd(pidfd, fd);
  close(pidfd);
  return ours;
}

/** Whether this system lets a process copy descriptors of others at all; some filters of containers do not. */
export function mayCopyDescriptors(): boolean {
  const self = syscall(ARCH.nr.pidfd_open as number, process.pid, 0, 0, 0, 0, 0);
  const copy = pidfdGetfd(self, self);
  for (const fd of [copy, self]) if (fd >= 0) close(fd);
  return copy >= 0;
}

/** The flags of what is open as `fd`; undefined if it is gone. */
export function statusFlags(tid: number, fd: number): number | undefined {
  return fdinfo(tid, fd)?.flags;
}

/** The position of what is open as `fd`; -1 if it is gone. */
export function positionOf(tid: number, fd: number): number {
  return fdinfo(tid, fd)?.position ?? -1;
}

/** The threads of process `pid`; none if it is gone. */
export function threadsOf(pid: number): readonly number[] {
  return numbersAt(`/proc/${pid}/task`) ?? [];
}

/**
 * The call that thread `tid` is in, with its arguments, as /proc writes it; `running` if it is in none, or cannot be
 * looked at; undefined if it is gone. (A first thread that has ended is to be seen as long as others of its process go on.)
 */
export function currentCall(tid: number): string | undefined {
  const text = readText(`/proc/${tid}/syscall`).trimEnd();
  if (text !== '') return text;
  return inodeAt(`/proc/${tid}`) === undefined || isZombie(tid) ? undefined : 'running';
}

/** How often thread `tid` has the bytes from `offset` on of the file with this inode mapped. */
export function mappingsOf(tid: number, inode: InodeKey, offset: number): number {
  const hex = offset.toString(16).padStart(8, '0');
  const line = new RegExp(`^\\S+ \\S+ ${hex} \\S+ ${inodeNumber(inode)}\\s`, 'gm');
  return readText(`/proc/${tid}/maps`).match(line)?.length ?? 0;
}

/** True if descriptors that were sent to socket `fd` of `pid` have not been received yet. */
export function hasFdsInFlight(pid: number, fd: number): boolean {
  const found = inThread(pid, (directory) => textAt(`${directory}/fdinfo/${fd}`));
  return /^scm_fds:\s+[1-9]/m.test(found ?? '');
}

/** True if `pid` has ended and only waits to be reaped; of a process whose first thread has ended others may go on. */
export const hasEnded = (pid: number): boolean => isZombie(pid) && threadsOf(pid).length <= 1;

/** True if thread `pid` has ended. */
export function isZombie(pid: number): boolean {
  const stat = readText(`/proc/${pid}/stat`);
  const state = stat.charAt(stat.lastIndexOf(')') + 2);
  return state === 'Z' || state === 'X';
}

export function childrenOf(pid: number): number[] {
  return threadsOf(pid).flatMap((tid) => numbersIn(readText(`/proc/${pid}/task/${tid}/children`)));
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
