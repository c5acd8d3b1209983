/** The calls that name a path: open, stat, access, readlink and their variants, and exec. */
import { EACCES, EEXIST, EINVAL, EMFILE, ENODATA, ENOENT, ENOTDIR, Errno } from '../base/errno.ts';
import {
  AT_EMPTY_PATH,
  AT_FDCWD,
  AT_SYMLINK_NOFOLLOW,
  O_CLOEXEC,
  O_CREAT,
  O_EXCL,
  O_PATH,
} from '../linux/constants.ts';
import { close, errno, open } from '../linux/libc.ts';
import type { CharDevice } from '../vfs/file.ts';
import { type Context, fileOfArg } from './context.ts';
import { giveFd, giveReservedFd } from './give-fd.ts';
import type { Found } from './paths.ts';
import { rawReadlink } from './proc-fs.ts';
import { deviceStat, deviceStatx, rawStat } from './stat.ts';
import type { Process, Thread } from './threads.ts';

/** These two are not the same on every processor. */
const O_NOFOLLOW = process.arch === 'arm64' ? 0o100000 : 0o400000;
const O_DIRECTORY = process.arch === 'arm64' ? 0o40000 : 0o200000;
const X_OK = 1;

/** Looks the path argument up; undefined if the call is none of ours (or its path cannot be read). */
function lookUp(context: Context, dirfd: number, pathArg: number, follow = true): Found | undefined {
  const { notifications, memory, paths } = context;
  memory.attach(notifications.tid);
  const bytes = memory.readPath(notifications.arg(pathArg));
  return bytes === undefined ? undefined : paths.find(notifications.tid, dirfd, bytes, follow);
}

/** Carries out an open with `flags`; every branch answers the call. */
export function openPath(context: Context, dirfd: number, pathArg: number, flags: number): void {
  const { notifications } = context;
  const found = lookUp(context, dirfd, pathArg, (flags & O_NOFOLLOW) === 0);
  if (found === undefined) notifications.continue();
  else if (found.kind === 'device') openDevice(context, found.device, flags);
  else if (found.kind === 'shadow') openShadow(context, found.real, flags);
  else if (found.kind === 'directory') openDirectory(context, found.path, found.extra, flags);
  else {
    const openFile = context.files.find(notifications.tid, found.fd, context.now);
    if (openFile === undefined) notifications.continue();
    else openDevice(context, openFile.file.device, flags);
  }
}

/** openat2() has its flags in a struct; what it restricts does not concern a device node. */
export function openat2(context: Context): void {
  const { notifications, memory } = context;
  const how = new Uint8Array(8);
  memory.attach(notifications.tid);
  try {
    memory.read(notifications.arg(2), how);
  } catch {
    notifications.continue();
    return;
  }
  openPath(context, notifications.argInt(0), 1, new DataView(how.buffer).getUint32(0, true));
}

function openDevice(context: Context, device: CharDevice, flags: number): void {
  const { notifications, files, threads, now } = context;
  if (flags & O_DIRECTORY) throw new Errno(ENOTDIR);
  if (flags & O_CREAT && flags & O_EXCL) throw new Errno(EEXIST);
  const thread = threads.get(notifications.tid, now);
  if (thread === undefined || !notifications.isValid()) return;
  const openFile = files.open(device, flags);
  const fd = injectFd(context, thread, openFile.face.fd, flags & O_CLOEXEC);
  if (fd < 0) files.discard(openFile);
  else files.hold(openFile, thread.process, fd);
}

/** Gives the caller our descriptor `source`, if possible under a reserved number, as the answer of its call. */
function injectFd(context: Context, thread: Thread, source: number, flags: number): number {
  const { notifications } = context;
  const fd = giveReservedFd(context, thread, source, flags);
  if (fd >= 0 || !notifications.isValid()) return fd;
  // An ordinary number serves almost as well.
  const lowest = giveFd(context, thread, source, flags);
  if (lowest < 0) notifications.fail(EMFILE);
  return lowest;
}

/** Opens a file for a program; what the kernel says to us it would have said to the program. */
function openOurs(path: string, flags: number): number {
  const fd = open(path, flags | O_CLOEXEC);
  if (fd < 0) throw new Errno(errno());
  return fd;
}

function openShadow(context: Context, real: string, flags: number): void {
  const ours = openOurs(real, flags & ~O_CREAT);
  if (context.notifications.sendFd(ours, undefined, flags & O_CLOEXEC) < 0)
    context.notifications.fail(EMFILE);
  close(ours);
}

function openDirectory(context: Context, path: string, extra: readonly string[], flags: number): void {
  const { notifications, threads, now, directories } = context;
  const thread = flags & O_PATH ? undefined : threads.get(notifications.tid, now);
  if (thread === undefined) {
    notifications.continue();
    return;
  }
  const ours = openOurs(path, flags);
  const fd = giveReservedFd(context, thread, ours, flags & O_CLOEXEC);
  if (fd >= 0) {
    directories.add(thread.process, fd, ours, extra);
    return;
  }
  close(ours);
  notifications.continue();
}

/** stat(), lstat(), newfstatat(). */
export function statPath(
  context: Context,
  dirfd: number,
  pathArg: number,
  bufferArg: number,
  flags: number,
): void {
  const found = lookUp(context, dirfd, pathArg, (flags & AT_SYMLINK_NOFOLLOW) === 0);
  answerStat(context, found, bufferArg, flags);
}

export function statxPath(context: Context): void {
  const { notifications } = context;
  const flags = notifications.argUint(2);
  const found = lookUp(context, notifications.argInt(0), 1, (flags & AT_SYMLINK_NOFOLLOW) === 0);
  answerStat(context, found, 4, flags, notifications.argUint(3));
}

function answerStat(
  context: Context,
  found: Found | undefined,
  bufferArg: number,
  flags: number,
  statxMask?: number,
): void {
  const { notifications, memory } = context;
  let bytes: Uint8Array | undefined;
  if (found?.kind === 'device') bytes = deviceBytes(found.device, statxMask);
  else if (found?.kind === 'shadow') bytes = rawStat(found.real, flags & AT_SYMLINK_NOFOLLOW, statxMask);
  else {
    notifications.continue();
    return;
  }
  if (bytes === undefined) throw new Errno(ENOENT);
  memory.write(notifications.arg(bufferArg), bytes);
  notifications.succeed(0);
}

export function deviceBytes(device: CharDevice, statxMask?: number): Uint8Array {
  return statxMask === undefined ? deviceStat(device) : deviceStatx(device, statxMask);
}

/** fstat() under its three names, on a reserved descriptor. */
export function statDescriptor(context: Context, bufferArg: number, statxMask?: number): void {
  const { notifications, memory } = context;
  const found = fileOfArg(context, 0);
  if (found === undefined) {
    notifications.continue();
    return;
  }
  memory.attach(notifications.tid);
  memory.write(notifications.arg(bufferArg), deviceBytes(found.openFile.file.device, statxMask));
  notifications.succeed(0);
}

/** newfstatat() and statx() name a path or, with AT_EMPTY_PATH, a descriptor. */
export function newfstatat(context: Context): void {
  const flags = context.notifications.argUint(3);
  if (flags & AT_EMPTY_PATH) statDescriptor(context, 2);
  else statPath(context, context.notifications.argInt(0), 1, 2, flags);
}

export function statx(context: Context): void {
  if (context.notifications.argUint(2) & AT_EMPTY_PATH) {
    statDescriptor(context, 4, context.notifications.argUint(3));
  } else statxPath(context);
}

export function accessPath(context: Context, dirfd: number, pathArg: number, modeArg: number): void {
  const { notifications } = context;
  const found = lookUp(context, dirfd, pathArg);
  if (found?.kind === 'device') {
    if (notifications.argUint(modeArg) & X_OK) throw new Errno(EACCES);
    notifications.succeed(0);
  } else if (found?.kind === 'shadow') {
    if (rawStat(found.real, 0) === undefined) throw new Errno(ENOENT);
    notifications.succeed(0);
  } else notifications.continue();
}

export function readlinkPath(context: Context, dirfd: number, pathArg: number): void {
  const { notifications, memory } = context;
  const found = lookUp(context, dirfd, pathArg, false);
  if (found?.kind === 'device') throw new Errno(EINVAL);
  if (found?.kind !== 'shadow') {
    notifications.continue();
    return;
  }
  const target = rawReadlink(found.real);
  if (target === undefined) throw new Errno(errno());
  const length = Math.min(target.length, notifications.arg(pathArg + 2));
  memory.write(notifications.arg(pathArg + 1), target.subarray(0, length));
  notifications.succeed(length);
}

/** Device files have no extended attributes: `get` says ENODATA, a list is empty. */
export function extendedAttributes(context: Context, get: boolean, follow: boolean): void {
  const { notifications } = context;
  const found = lookUp(context, AT_FDCWD, 0, follow);
  if (found?.kind !== 'device' && found?.kind !== 'shadow') notifications.continue();
  else if (get) throw new Errno(ENODATA);
  else notifications.succeed(0);
}

/** The kernel carries an exec out; what it closes we find out afterwards. */
export function exec(context: Context): void {
  const { notifications, threads, files, directories, swaps, now } = context;
  const owner: Process | undefined =
    threads.find(notifications.tid, now)?.process ?? threads.processes.get(notifications.tid);
  if (owner !== undefined) {
    owner.forget(now);
    owner.executes(notifications.tid);
    swaps.drop(owner);
    directories.drop(owner);
    files.executing(owner);
  }
  notifications.continue();
}
