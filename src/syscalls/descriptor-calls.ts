/** The calls on descriptors of the reserved range that change or copy them: close, dup, fcntl, mmap, getdents. */
import { EACCES, EBADF, EINVAL, EMFILE, ENOTSOCK, Errno } from '../base/errno.ts';
import { F_DUPFD_CLOEXEC, F_GETFL, O_CLOEXEC, O_RDONLY, O_RDWR } from '../linux/constants.ts';
import { close as closeFd, open } from '../linux/libc.ts';
import { type Access, MAP_SHARED, PROT_WRITE } from '../vfs/file.ts';
import { type Context, fileOfArg } from './context.ts';
import { FD_FIRST, isReservedFd } from './filter.ts';
import { descriptorLimit, giveFd, giveReservedFd } from './give-fd.ts';
import { fdsOf } from './proc-fs.ts';

const CLOSE_RANGE_CLOEXEC = 4;

/** `fds` of the calling process are about to close. */
function aboutToClose(context: Context, fds: readonly number[]): void {
  const { notifications, threads, files, directories, swaps, now } = context;
  const { process } = threads.get(notifications.tid, now) ?? {};
  if (process === undefined) return;
  files.closing(process, fds);
  for (const fd of fds) {
    swaps.drop(process, fd);
    directories.drop(process, fd);
    process.forget(now, fd);
  }
}

export function close(context: Context): void {
  aboutToClose(context, [context.notifications.argInt(0)]);
  context.notifications.continue();
}

export function closeRange(context: Context): void {
  const { notifications } = context;
  const [first, last] = [notifications.argUint(0), notifications.argUint(1)];
  if ((notifications.argUint(2) & CLOSE_RANGE_CLOEXEC) === 0) {
    const fds = fdsOf(notifications.tid).filter((fd) => fd >= Math.max(first, FD_FIRST) && fd <= last);
    if (fds.length > 0) aboutToClose(context, fds);
  }
  notifications.continue();
}

/** dup() and fcntl(F_DUPFD): the copy stays in the reserved range if it may, where its close is seen. */
function duplicateFrom(
  context: Context,
  found: NonNullable<ReturnType<typeof fileOfArg>>,
  first: number,
  flags: number,
): void {
  const { notifications, files } = context;
  const { thread, openFile } = found;
  const source = openFile.face.fd;
  let fd = giveReservedFd(context, thread, source, flags, first);
  if (fd < 0 && notifications.isValid()) fd = giveFd(context, thread, source, flags, first);
  if (fd >= 0) files.hold(openFile, thread.process, fd);
  else if (notifications.isValid()) notifications.fail(EMFILE);
}

export function dup(context: Context): void {
  const found = fileOfArg(context, 0);
  if (found === undefined) context.notifications.continue();
  else duplicateFrom(context, found, 0, 0);
}

export function fcntl(context: Context): void {
  const { notifications } = context;
  const found = fileOfArg(context, 0);
  if (found === undefined) {
    notifications.continue();
    return;
  }
  if (notifications.argUint(1) === F_GETFL) {
    notifications.succeed(found.openFile.flags());
    return;
  }
  const flags = notifications.argUint(1) === F_DUPFD_CLOEXEC ? O_CLOEXEC : 0;
  const first = notifications.argInt(2);
  if (first < 0 || first >= descriptorLimit(found.thread.process.tgid).soft) throw new Errno(EINVAL);
  duplicateFrom(context, found, first, flags);
}

/** dup2() and dup3(): the kernel carries them out; the target closes, and the number may not be reserved. */
export function dup2(context: Context): void {
  const { notifications, files, threads, now } = context;
  const [from, to] = [notifications.argInt(0), notifications.argInt(1)];
  const found = fileOfArg(context, 0);
  if (from !== to && (found !== undefined || isReservedFd(to))) aboutToClose(context, [to]);
  if (found !== undefined && !isReservedFd(to)) files.markStray(found.openFile);
  threads.find(notifications.tid, now)?.process.forget(now, to);
  notifications.continue();
}

/** @kernel do_mmap: what a file is not open for cannot be mapped either, and memory can always be read. */
function checkMapping(access: Access, prot: number, flags: number): void {
  const writes = (flags & MAP_SHARED) !== 0 && (prot & PROT_WRITE) !== 0;
  if (!access.read || (writes && !access.write)) throw new Errno(EACCES);
}

/** mmap() of a file: the driver says what memory is meant, the kernel maps it. */
export function mmap(context: Context): void {
  const { notifications, files, swaps } = context;
  const found = fileOfArg(context, 4);
  if (found === undefined) {
    notifications.continue();
    return;
  }
  const { file } = found.openFile;
  checkMapping(file.access, notifications.argUint(2), notifications.argUint(3));
  const memory = file.device.fops.mmap(file, {
    length: notifications.arg(1),
    prot: notifications.argUint(2),
    flags: notifications.argUint(3),
    offset: notifications.arg(5),
  });
  const ours = openMemory(memory.fd, file.access);
  files.addFace(found.openFile, ours);
  if (swaps.showMemory(found.thread, found.openFile, notifications.argInt(4), ours)) notifications.continue();
  else notifications.fail(EBADF);
  closeFd(ours);
}

/** An open file of the program's own: it lasts as long as the mapping, so that the memory's owner can tell. */
function openMemory(fd: number, access: Access): number {
  const ours = open(`/proc/self/fd/${fd}`, (access.write ? O_RDWR : O_RDONLY) | O_CLOEXEC);
  if (ours < 0) throw new Errno(EMFILE);
  return ours;
}

/** A call that only sockets know. */
export function socketCall(context: Context): void {
  if (fileOfArg(context, 0) !== undefined) throw new Errno(ENOTSOCK);
  context.notifications.continue();
}

export function getdents(context: Context): void {
  const { notifications, memory, threads, directories, now } = context;
  const process = threads.find(notifications.tid, now)?.process;
  const bytes = process && directories.read(process, notifications.argInt(0), notifications.argUint(2));
  if (bytes === undefined) {
    notifications.continue();
    return;
  }
  memory.attach(notifications.tid);
  memory.write(notifications.arg(1), bytes);
  notifications.succeed(bytes.length);
}
