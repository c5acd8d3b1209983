/** The calls on descriptors of ours that change or copy them: close, dup, fcntl, mmap; and getdents. */
import { EACCES, EBADF, EINVAL, ENOTTY, Errno } from '../../base/errno.ts';
import {
  CLOSE_RANGE_CLOEXEC,
  CLOSE_RANGE_UNSHARE,
  F_DUPFD,
  F_DUPFD_CLOEXEC,
  F_GETFL,
  F_RDLCK,
  F_SETFL,
  F_SETLEASE,
  F_UNLCK,
  F_WRLCK,
  O_ASYNC,
  O_CLOEXEC,
  O_NOATIME,
  O_PATH,
} from '../../linux/constants.ts';
import { close as closeFd, errno, fcntl as setFlags } from '../../linux/libc.ts';
import { descriptorsOf, fileSystemUid, inodeOf, isCloexec, threadsOf } from '../../linux/proc-fs.ts';
import {
  type Access,
  type File,
  MAP_SHARED,
  type Mappable,
  type MmapRequest,
  PROT_WRITE,
} from '../../vfs/file.ts';
import { closePoint, mmapPoint } from '../../vfs/trace.ts';
import type { OpenFile } from '../files/open-file.ts';
import type { OpenFiles } from '../files/open-files.ts';
import { openMemory } from '../files/shown-memory.ts';
import type { Listing } from '../names/directories.ts';
import { ownerOf as nodeOwner } from '../names/stat.ts';
import type { Process, Thread } from '../processes/threads.ts';
import { AGAIN, type Answer, type Call, CONTINUE } from '../wire/call.ts';
import { descriptorLimit } from '../wire/descriptor-limit.ts';
import { LAST_STREAM } from '../wire/filter.ts';
import { allowOwner } from './change-calls.ts';
import { type Context, fileOf, notOpen } from './context.ts';
import { placeFor, placeForDevice } from './give-fd.ts';
import { ownerCall } from './owner-calls.ts';
import { duplicateUevents } from './uevent-calls.ts';
import { hintCall } from './write-hints.ts';

/** Which of `fds` are open files of ours is looked up for whoever listens. */
function tellOfClose({ files }: Context, call: Call, process: Process, fds: readonly number[]): void {
  for (const fd of fds) {
    const openFile = process.known(fd) ?? files.identify(call.tid, fd);
    if (openFile !== undefined) closePoint.tell({ device: openFile.file.device, fd });
  }
}

/** `fds` of the calling process are about to close: the kernel closes them when the call is let go. */
function aboutToClose(context: Context, call: Call, process: Process, fds: readonly number[]): void {
  const { files, directories, faces, uevents } = context;
  if (closePoint.enabled) tellOfClose(context, call, process, fds);
  for (const fd of fds) {
    faces.drop(process, fd);
    directories.drop(process, fd);
  }
  files.closing(call, process, fds);
  uevents.mayEnd();
}

/** The process whose descriptor `fd` matters to us: one that is known, or has a file of ours there. */
function ownerOf({ files, threads }: Context, call: Call, fd: number): Process | undefined {
  return files.identify(call.tid, fd) === undefined ? threads.processOf(call) : threads.get(call)?.process;
}

export function close(context: Context, call: Call): Answer {
  const fd = call.int(0);
  const process = ownerOf(context, call, fd);
  if (process !== undefined) aboutToClose(context, call, process, [fd]);
  return CONTINUE;
}

export function closeRange(context: Context, call: Call): Answer {
  const { range, threads } = context;
  if (call.uint(2) & CLOSE_RANGE_UNSHARE) leaveTable(context, call);
  const [first, last] = [Math.max(call.uint(0), range.first), Math.min(call.uint(1), range.last)];
  const process = (call.uint(2) & CLOSE_RANGE_CLOEXEC) === 0 ? threads.get(call)?.process : undefined;
  const fds = process && (descriptorsOf(call.tid) ?? []).filter((fd) => fd >= first && fd <= last);
  if (process !== undefined && fds !== undefined) aboutToClose(context, call, process, fds);
  return CONTINUE;
}

/** The caller is about to leave the table of descriptors that it has: other threads of its process keep it. */
function leaveTable({ threads, files }: Context, call: Call): void {
  const process = threadsOf(call.tid).length > 1 ? threads.get(call)?.process : undefined;
  if (process !== undefined) files.splitting(process);
}

/** clone() that makes a process with the same table of descriptors, or a thread with one of its own. */
export function clone({ threads }: Context): Answer {
  threads.shareTables();
  return CONTINUE;
}

/** unshare(CLONE_FILES) */
export function unshare(context: Context, call: Call): Answer {
  leaveTable(context, call);
  return CONTINUE;
}

/** An open file and the thread that names it. */
interface Found {
  readonly thread: Thread;
  readonly openFile: OpenFile;
}

/** From here on are the numbers that shells use for themselves. */
const FIRST_PRIVATE = 10;

/** dup() and fcntl(F_DUPFD): the copy stays in the reserved range if it may, where its close is seen. */
function duplicate(
  context: Context,
  call: Call,
  { thread, openFile }: Found,
  from: number,
  cloexec: boolean,
): Answer {
  const { files } = context;
  const at = placeForDevice(context, call, thread.process, from);
  const given = (fd: number) => files.hold(openFile, thread.process, fd);
  if (at !== undefined || from === 0)
    return { kind: 'descriptor', source: openFile.face.fd, cloexec, at, given };
  return copyAsKernel(context, call, { thread, openFile });
}

export function dup(context: Context, call: Call): Answer {
  const found = fileOf(context, call, call.int(0));
  return found === undefined
    ? duplicateOther(context, call, call.int(0), 0, false)
    : duplicate(context, call, found, 0, false);
}

export function fcntl(context: Context, call: Call): Answer {
  const [fd, cmd, first] = [call.int(0), call.uint(1), call.int(2)];
  const copies = cmd === F_DUPFD || cmd === F_DUPFD_CLOEXEC;
  // The kernel says that there is no such number.
  if (copies && (first < 0 || first >= descriptorLimit(call.tid).soft)) return CONTINUE;
  const found = fileOf(context, call, fd);
  if (found === undefined)
    return copies
      ? duplicateOther(context, call, fd, first, cmd === F_DUPFD_CLOEXEC)
      : fcntlOfName(context, call, fd, cmd);
  if (cmd === F_GETFL) return found.openFile.flags();
  if (cmd === F_SETFL) return setFlagsOf(call, found.openFile, call.uint(2));
  if (cmd === F_SETLEASE) return refuseLease(call, found.openFile);
  if (!copies) return fcntlOfFile(context, call, found.openFile, cmd) ?? CONTINUE;
  if (context.faces.isMapping(found.thread.process, fd)) return AGAIN;
  if (cmd === F_DUPFD && isNumberMeant(fd, first)) return copyAsKernel(context, call, found);
  return duplicate(context, call, found, first, cmd === F_DUPFD_CLOEXEC);
}

/** What the kernel would say of the poll face, and not of the device; undefined if that is the same. */
function fcntlOfFile(context: Context, call: Call, openFile: OpenFile, cmd: number): Answer | undefined {
  return ownerCall(context, call, openFile, cmd) ?? hintCall(context, call, openFile.file.device, cmd);
}

/** Leases are for regular files, and for their owners. @kernel generic_setlease */
function refuseLease(call: Call, { file }: OpenFile): Answer {
  const uid = fileSystemUid(call.tid);
  const isLease = [F_RDLCK, F_WRLCK, F_UNLCK].includes(call.uint(2));
  throw new Errno(isLease && uid !== 0 && uid !== nodeOwner(file.device).uid ? EACCES : EINVAL);
}

/**
 * True if copy `from` on of `fd` is to have the number that the kernel would give. Who asks for one of the numbers that a
 * shell's user writes counts on it, having closed it before (ksh); and what a shell puts by of its own streams has to fit into its
 * tables (mksh: 127). That is a guess: nobody but shells and old programs asks so, and nothing is read there.
 */
function isNumberMeant(fd: number, from: number): boolean {
  return fd <= LAST_STREAM ? from >= FIRST_PRIVATE : from > 0 && from < FIRST_PRIVATE;
}

/** The kernel makes the copy, under an ordinary number. */
function copyAsKernel({ files }: Context, call: Call, { thread, openFile }: Found): Answer {
  files.watch(openFile);
  thread.process.uses(call.int(0), call);
  return CONTINUE;
}

/** Of what only names something one can ask how it was opened, and no more. */
function fcntlOfName({ standIns }: Context, call: Call, fd: number, cmd: number): Answer {
  if (standIns.find(call.tid, fd) === undefined) return CONTINUE;
  if (cmd === F_GETFL) return O_PATH;
  throw new Errno(EBADF);
}

/**
 * The flags are set on the poll face itself: under its number there may be memory at the moment. A device that sends no
 * signals ignores O_ASYNC; a socket would take it.
 */
function setFlagsOf({ tid }: Call, { face, file }: OpenFile, flags: number): Answer {
  // To leave no trace is the owner's, and was granted or refused where it was set first.
  if (flags & O_NOATIME && !(face.flags() & O_NOATIME))
    allowOwner(nodeOwner(file.device), fileSystemUid(tid));
  if (setFlags(face.fd, F_SETFL, flags & ~O_ASYNC) < 0) throw new Errno(errno());
  return 0;
}

/** ioctl(FIONBIO) and ioctl(FIOASYNC): the same; to switch signals on is an error here. */
export function setFlagByIoctl(context: Context, call: Call, flag: number): Answer {
  const fd = call.int(0);
  const openFile = fileOf(context, call, fd)?.openFile;
  if (openFile === undefined) return notOpen(context, call, fd);
  const argument = new Uint8Array(4);
  context.memory.attach(call);
  context.memory.read(call.address(2), argument);
  const on = argument.some((byte) => byte !== 0);
  const flags = openFile.flags();
  // Nobody would send the signals, but one that was opened so is so.
  if (flag === O_ASYNC && on !== ((flags & O_ASYNC) !== 0)) throw new Errno(ENOTTY);
  return setFlagsOf(call, openFile, on ? flags | flag : flags & ~flag);
}

/** dup2() and dup3(): the kernel carries them out, and closes what had the number before. */
export function dup2(context: Context, call: Call): Answer {
  const { files, threads, faces } = context;
  const [from, to] = [call.int(0), call.int(1)];
  const process = threads.get(call)?.process;
  if (process === undefined || from === to || inodeOf(call.tid, from) === undefined) return CONTINUE;
  const openFile = files.find(call, from);
  if (faces.isMapping(process, from) || faces.isMapping(process, to)) return AGAIN;
  if (openFile !== undefined && context.isPutOff(process)) return AGAIN;
  const listing =
    openFile === undefined && context.range.has(from) ? listingOf(context, call, from)?.listing : undefined;
  aboutToClose(context, call, process, [to]);
  if (openFile !== undefined) {
    files.hold(openFile, process, to);
    process.uses(from, call);
  }
  if (listing !== undefined && context.range.has(to)) context.directories.hold(listing, process, to);
  return CONTINUE;
}

/** @kernel do_mmap: what a file is not open for cannot be mapped either, and memory can always be read. */
function checkMapping(access: Access, prot: number, flags: number): void {
  const writes = (flags & MAP_SHARED) !== 0 && (prot & PROT_WRITE) !== 0;
  if (!access.read || (writes && !access.write)) throw new Errno(EACCES);
}

/** The memory that the driver has for `request`. */
function mapped(file: File, request: MmapRequest): Mappable {
  if (!mmapPoint.enabled) return file.device.fops.mmap(file, request);
  try {
    const memory = file.device.fops.mmap(file, request);
    mmapPoint.tell({ file, request, result: 0 });
    return memory;
  } catch (error) {
    if (error instanceof Errno) mmapPoint.tell({ file, request, result: -error.code });
    throw error;
  }
}

/** Opens `memory` to be shown; a device that wants to know when it is mapped nowhere any more will be told. */
function openShown({ files, mappingEnds }: Context, openFile: OpenFile, memory: Mappable): number {
  if (memory.unmapped === undefined) return shownMemory(files, openFile, memory);
  const { file } = openFile;
  const ended = () => {
    memory.unmapped?.();
    file.put();
  };
  file.get();
  let ours = -1;
  try {
    ours = shownMemory(files, openFile, memory);
    const inode = inodeOf(process.pid, ours);
    mappingEnds.watch(ours, () => {
      ended();
      if (inode !== undefined) files.memoryEnded(inode, openFile);
    });
    return ours;
  } catch (error) {
    if (ours >= 0) closeFd(ours);
    ended();
    throw error;
  }
}

function shownMemory(files: OpenFiles, openFile: OpenFile, memory: Mappable): number {
  const ours = openMemory(memory.fd, openFile);
  files.addMemory(ours, openFile);
  return ours;
}

/** mmap() of a file: the driver says what memory is meant, the kernel maps it. */
export function mmap(context: Context, call: Call): Answer {
  const { faces } = context;
  const fd = call.int(4);
  const found = fileOf(context, call, fd);
  if (found === undefined) return notOpen(context, call, fd);
  const { thread, openFile } = found;
  // Another thread's mmap must have seen its own memory before ours takes the place, and be known by it.
  if (faces.isMapping(thread.process) || thread.process.isUsed(fd, call.tid)) return AGAIN;
  // What the number is about to be is not known yet.
  if (thread.process.isChanging(fd)) return AGAIN;
  // Who waits for the end of a mapping would wait for ever if there were always another one.
  if (context.isPutOff(thread.process)) return AGAIN;
  const { file } = openFile;
  const [length, prot, flags, offset] = [call.size(1), call.uint(2), call.uint(3), call.size(5)];
  checkMapping(file.access, prot, flags);
  const memory = mapped(file, { length, prot, flags, offset });
  const ours = openShown(context, openFile, memory);
  const shown = faces.showMemory(call, thread, openFile, fd, ours);
  closeFd(ours);
  if (!shown) throw new Errno(EBADF);
  return CONTINUE;
}

/** A process and a listing that it has. */
interface Held {
  readonly process: Process;
  readonly listing: Listing;
}

/**
 * What descriptor `fd` of the caller lists; undefined if it is no listing of ours. For one that nobody told us of the
 * caller gets another in its place.
 */
function listingOf(context: Context, call: Call, fd: number): Held | undefined {
  const { threads, directories, notifications } = context;
  const process = directories.some ? threads.get(call)?.process : undefined;
  if (process === undefined) return undefined;
  const replace = (ours: number) =>
    notifications.replaceFd(call, ours, fd, isCloexec(call.tid, fd) ? O_CLOEXEC : 0);
  const listing =
    directories.find(process, call.tid, fd) ?? directories.adopt(process, call.tid, fd, replace);
  return listing && { process, listing };
}

export function getdents(context: Context, call: Call): Answer {
  const fd = call.int(0);
  const listing = listingOf(context, call, fd)?.listing;
  if (listing === undefined) return CONTINUE;
  const { bytes, next } = listing.read(call.uint(2));
  context.memory.attach(call);
  context.memory.write(call.address(1), bytes);
  listing.position = next;
  return bytes.length;
}

/** What is no device: a copy of a listing stays in the reserved range, or its names would be lost. */
function duplicateOther(context: Context, call: Call, fd: number, from: number, cloexec: boolean): Answer {
  const uevents = duplicateUevents(context, call, fd, from, cloexec);
  if (uevents !== undefined) return uevents;
  const held = listingOf(context, call, fd);
  const at = held && placeFor(context, call, held.process, from);
  if (at === undefined) return CONTINUE;
  const { listing, process } = held as Held;
  const given = (copy: number) => context.directories.hold(listing, process, copy);
  return { kind: 'descriptor', source: listing.fd, cloexec, at, given };
}
