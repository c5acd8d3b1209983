/** The calls that name a path to use it as it is: open, access, readlink and their variants, and exec. */
import { EACCES, EEXIST, EINVAL, ELOOP, EMFILE, ENODATA, ENOENT, ENOTDIR, Errno } from '../base/errno.ts';
import {
  AT_EMPTY_PATH,
  AT_FDCWD,
  AT_SYMLINK_NOFOLLOW,
  O_ACCMODE,
  O_CLOEXEC,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_NOFOLLOW,
  O_PATH,
  O_RDONLY,
} from '../linux/constants.ts';
import { close, errno, open } from '../linux/libc.ts';
import type { CharDevice } from '../vfs/file.ts';
import type { Context } from './context.ts';
import { giveFd, giveReservedFd } from './give-fd.ts';
import { behindDescriptor, lookUp, lookUpOpened, openedBehind, pathOf, type Target } from './look-up.ts';
import { rawReadlink } from './proc-fs.ts';
import type { StoodFor } from './stand-ins.ts';
import { rawStat } from './stat.ts';
import type { Process, Thread } from './threads.ts';

const X_OK = 1;
const encoder = new TextEncoder();

/** open(), openat(), creat(). */
export function openPath(context: Context, dirfd: number, pathArg: number, flags: number): void {
  openTarget(context, lookUpOpened(context, dirfd, pathArg, (flags & O_NOFOLLOW) === 0), flags);
}

/** Opens what was found; every branch answers the call. */
export function openTarget(context: Context, target: Target | undefined, flags: number): void {
  if (target === undefined) context.notifications.continue();
  else if (target.kind === 'directory') openDirectory(context, target.path, target.extra, flags);
  else if (target.kind === 'shadow') openShadow(context, target.real, flags);
  else if (flags & O_PATH) openStandIn(context, target, flags);
  else if (target.kind === 'device') openDevice(context, target.device, flags);
  else throw new Errno(ELOOP);
}

function openDevice(context: Context, device: CharDevice, flags: number): void {
  const { notifications, files, threads, now } = context;
  if (flags & O_DIRECTORY) throw new Errno(ENOTDIR);
  if (flags & O_CREAT && flags & O_EXCL) throw new Errno(EEXIST);
  const thread = threads.get(notifications.tid, now);
  if (thread === undefined || !notifications.isValid()) return;
  const openFile = files.open(device, flags);
  const fd = giveAnyFd(context, thread, openFile.face.fd, flags & O_CLOEXEC);
  if (fd < 0) files.discard(openFile);
  else files.hold(openFile, thread.process, fd);
}

/** Gives the caller our descriptor `source`, if possible under a reserved number, as the answer of its call. */
function giveAnyFd(context: Context, thread: Thread, source: number, flags: number): number {
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

/**
 * Opens a file of the shadow tree. With O_PATH it is opened to be read all the same, as only such a descriptor can be
 * given to the program; for a link that is not followed there is a stand-in.
 */
function openShadow(context: Context, real: string, flags: number): void {
  const wanted = flags & O_PATH ? O_RDONLY | (flags & (O_DIRECTORY | O_NOFOLLOW)) : flags & ~O_CREAT;
  if ((wanted & O_ACCMODE) !== O_RDONLY) throw new Errno(EACCES);
  const ours = open(real, wanted | O_CLOEXEC);
  if (ours >= 0) {
    if (context.notifications.sendFd(ours, undefined, flags & O_CLOEXEC) < 0)
      context.notifications.fail(EMFILE);
    close(ours);
  } else if (flags & O_PATH && errno() === ELOOP) openStandIn(context, { kind: 'link', real }, flags);
  else throw new Errno(errno());
}

/** O_PATH of what has no descriptor that could be given away: the program gets a stand-in. */
function openStandIn(context: Context, target: StoodFor, flags: number): void {
  const { notifications, threads, standIns, now } = context;
  if (flags & O_DIRECTORY) throw new Errno(ENOTDIR);
  const thread = threads.get(notifications.tid, now);
  if (thread === undefined || !notifications.isValid()) return;
  const source = standIns.fdFor(target);
  if (source < 0) throw new Errno(EMFILE);
  giveAnyFd(context, thread, source, flags & O_CLOEXEC);
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

export function accessPath(
  context: Context,
  dirfd: number,
  pathArg: number,
  modeArg: number,
  flags = 0,
): void {
  const { notifications } = context;
  const target = lookUp(context, dirfd, pathArg, {
    follow: (flags & AT_SYMLINK_NOFOLLOW) === 0,
    emptyPath: (flags & AT_EMPTY_PATH) !== 0,
  });
  if (target?.kind === 'device') {
    if (notifications.argUint(modeArg) & X_OK) throw new Errno(EACCES);
    notifications.succeed(0);
  } else if (target?.kind === 'shadow') {
    if (rawStat(target.real, flags & AT_SYMLINK_NOFOLLOW) === undefined) throw new Errno(errno());
    notifications.succeed(0);
  } else notifications.continue();
}

/** The name of what descriptor `fd` of `tid` is, if that is ours, as the kernel would write it for the original. */
function nameOfDescriptor(context: Context, tid: number, fd: number): Uint8Array | undefined {
  const target = openedBehind(context, tid, fd);
  if (target === undefined || target.kind === 'directory') return undefined;
  const name = target.kind === 'device' ? `/dev/${target.device.name}` : context.paths.unshadow(target.real);
  return encoder.encode(name);
}

/** What is written in the link that the call names; undefined if the kernel is to read it. */
function linkTarget(context: Context, dirfd: number, pathArg: number): Uint8Array | undefined {
  const { tid } = context.notifications;
  const bytes = pathOf(context, pathArg);
  if (bytes === undefined) return undefined;
  const found =
    bytes.length === 0 ? behindDescriptor(context, tid, dirfd) : context.paths.find(tid, dirfd, bytes, false);
  if (found?.kind === 'descriptor') return nameOfDescriptor(context, found.tid, found.fd);
  if (found?.kind === 'device') throw new Errno(bytes.length === 0 ? ENOENT : EINVAL);
  if (found?.kind !== 'shadow' && found?.kind !== 'link') return undefined;
  const written = rawReadlink(found.real);
  if (written === undefined) throw new Errno(errno());
  return written;
}

export function readlinkPath(context: Context, dirfd: number, pathArg: number): void {
  const { notifications, memory } = context;
  const target = linkTarget(context, dirfd, pathArg);
  if (target === undefined) {
    notifications.continue();
    return;
  }
  const length = Math.min(target.length, notifications.arg(pathArg + 2));
  memory.write(notifications.arg(pathArg + 1), target.subarray(0, length));
  notifications.succeed(length);
}

/** Device files have no extended attributes: `get` says ENODATA, a list is empty. */
export function extendedAttributes(context: Context, get: boolean, follow: boolean): void {
  const { notifications } = context;
  const found = lookUp(context, AT_FDCWD, 0, { follow });
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
