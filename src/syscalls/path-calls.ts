/** The calls that name a path to use it as it is: open, access, readlink and their variants, and exec. */
import { EACCES, EEXIST, EINVAL, ELOOP, EMFILE, ENFILE, ENOENT, ENOTDIR, Errno } from '../base/errno.ts';
import {
  AT_EMPTY_PATH,
  AT_FDCWD,
  AT_SYMLINK_NOFOLLOW,
  O_ACCMODE,
  O_CLOEXEC,
  O_CREAT,
  O_DIRECT,
  O_DIRECTORY,
  O_EXCL,
  O_NOFOLLOW,
  O_PATH,
  O_RDONLY,
} from '../linux/constants.ts';
import { close, errno, open } from '../linux/libc.ts';
import type { CharDevice } from '../vfs/file.ts';
import { type Answer, type Call, CONTINUE } from './call.ts';
import type { Context } from './context.ts';
import { DMA_BUF_LINK, isMemoryLink } from './dma-bufs.ts';
import { placeFor } from './give-fd.ts';
import {
  behindDescriptor,
  lookUp,
  lookUpOpened,
  openedBehind,
  type PathArgument,
  pathOf,
  type Target,
} from './look-up.ts';
import { rawReadlink, readlink } from './proc-fs.ts';
import type { StoodFor } from './stand-ins.ts';
import { rawStat } from './stat.ts';

const X_OK = 1;
const encoder = new TextEncoder();

/** open(), openat(), creat(). */
export function openPath(context: Context, call: Call, path: PathArgument, flags: number): Answer {
  return openTarget(context, call, lookUpOpened(context, call, path, (flags & O_NOFOLLOW) === 0), flags);
}

/** Opens what was found. */
export function openTarget(context: Context, call: Call, target: Target | undefined, flags: number): Answer {
  if (target === undefined) return CONTINUE;
  if (target.kind === 'directory') return openDirectory(context, call, target.path, target.extra, flags);
  if (target.kind === 'shadow') return openShadow(context, call, target.real, flags);
  if (flags & O_PATH) return openStandIn(context, call, target, flags);
  if (target.kind === 'device') return openDevice(context, call, target.device, flags);
  throw new Errno(ELOOP);
}

function openDevice(context: Context, call: Call, device: CharDevice, flags: number): Answer {
  const { notifications, files, threads } = context;
  if (flags & O_DIRECTORY) throw new Errno(ENOTDIR);
  if (flags & O_CREAT && flags & O_EXCL) throw new Errno(EEXIST);
  const process = threads.get(call)?.process;
  if (process === undefined || !notifications.isValid(call)) return CONTINUE;
  const at = placeFor(context, call, process);
  const openFile = files.open(device, flags);
  if (flags & O_DIRECT) {
    files.discard(openFile);
    throw new Errno(EINVAL);
  }
  context.events.opened(openFile);
  return {
    kind: 'descriptor',
    source: openFile.face.fd,
    cloexec: (flags & O_CLOEXEC) !== 0,
    at,
    given: (fd) => files.hold(openFile, process, fd),
    refused: () => files.discard(openFile),
  };
}

/** Gives the caller `source`, a descriptor of ours that was made for it, as an ordinary one. */
function giveOnce(source: number, flags: number): Answer {
  const done = () => {
    close(source);
  };
  const cloexec = (flags & O_CLOEXEC) !== 0;
  return { kind: 'descriptor', source, cloexec, at: undefined, given: done, refused: done };
}

/**
 * Opens a file of the shadow tree. With O_PATH it is opened to be read all the same, as only such a descriptor can be
 * given to the program; for a link that is not followed there is a stand-in.
 */
function openShadow(context: Context, call: Call, real: string, flags: number): Answer {
  const wanted = flags & O_PATH ? O_RDONLY | (flags & (O_DIRECTORY | O_NOFOLLOW)) : flags & ~O_CREAT;
  if ((wanted & O_ACCMODE) !== O_RDONLY) throw new Errno(EACCES);
  const ours = open(real, wanted | O_CLOEXEC);
  if (ours >= 0) return giveOnce(ours, flags);
  if (flags & O_PATH && errno() === ELOOP) return openStandIn(context, call, { kind: 'link', real }, flags);
  throw ourFailure();
}

/** Why we could not open something: what the kernel says to us it would have said to the program, but for our limits. */
function ourFailure(): Errno {
  return new Errno(errno() === EMFILE ? ENFILE : errno());
}

/** O_PATH of what has no descriptor that could be given away: the program gets a stand-in. */
function openStandIn(context: Context, call: Call, target: StoodFor, flags: number): Answer {
  if (flags & O_DIRECTORY) throw new Errno(ENOTDIR);
  const process = context.threads.get(call)?.process;
  if (process === undefined) return CONTINUE;
  const at = placeFor(context, call, process);
  const source = context.standIns.fdFor(target);
  if (source < 0) throw ourFailure();
  return { kind: 'descriptor', source, cloexec: (flags & O_CLOEXEC) !== 0, at };
}

function openDirectory(
  context: Context,
  call: Call,
  path: string,
  extra: readonly string[],
  flags: number,
): Answer {
  const process = flags & O_PATH ? undefined : context.threads.get(call)?.process;
  const at = process && placeFor(context, call, process);
  // Under an ordinary number its listing would not come to us.
  if (process === undefined || at === undefined) return CONTINUE;
  const ours = open(path, flags | O_CLOEXEC);
  if (ours < 0) throw ourFailure();
  return {
    kind: 'descriptor',
    source: ours,
    cloexec: (flags & O_CLOEXEC) !== 0,
    at,
    given: (fd) => context.directories.add(process, fd, ours, extra),
    refused: () => {
      close(ours);
    },
  };
}

export function accessPath(
  context: Context,
  call: Call,
  path: PathArgument,
  mode: number,
  flags = 0,
): Answer {
  const target = lookUp(context, call, path, {
    follow: (flags & AT_SYMLINK_NOFOLLOW) === 0,
    emptyPath: (flags & AT_EMPTY_PATH) !== 0,
  });
  if (target?.kind === 'device') {
    if (mode & X_OK) throw new Errno(EACCES);
    return 0;
  }
  if (target?.kind !== 'shadow') return CONTINUE;
  if (rawStat(target.real, flags & AT_SYMLINK_NOFOLLOW) === undefined) throw new Errno(errno());
  return 0;
}

/** The name of what descriptor `fd` of `tid` is, if that is ours, as the kernel would write it for the original. */
function nameOfDescriptor(context: Context, tid: number, fd: number): Uint8Array | undefined {
  const target = openedBehind(context, tid, fd);
  if (target === undefined && isMemoryLink(readlink(`/proc/${tid}/fd/${fd}`)))
    return encoder.encode(DMA_BUF_LINK);
  if (target === undefined || target.kind === 'directory') return undefined;
  const name = target.kind === 'device' ? `/dev/${target.device.name}` : context.paths.unshadow(target.real);
  return encoder.encode(name);
}

/** What is written in the link that the call names; undefined if the kernel is to read it. */
function linkTarget(context: Context, call: Call, { dirfd, address }: PathArgument): Uint8Array | undefined {
  const bytes = pathOf(context, call, address);
  if (bytes === undefined) return undefined;
  const found =
    bytes.length === 0
      ? behindDescriptor(context, call.tid, dirfd)
      : context.paths.find(call.tid, dirfd, bytes, false);
  if (found?.kind === 'descriptor') return nameOfDescriptor(context, found.tid, found.fd);
  if (found?.kind === 'device') throw new Errno(bytes.length === 0 ? ENOENT : EINVAL);
  if (found?.kind !== 'shadow' && found?.kind !== 'link') return undefined;
  const written = rawReadlink(found.real);
  if (written === undefined) throw new Errno(errno());
  return written;
}

export function readlinkPath(
  context: Context,
  call: Call,
  path: PathArgument,
  buffer: number,
  size: number,
): Answer {
  const target = linkTarget(context, call, path);
  if (target === undefined) return CONTINUE;
  const length = Math.min(target.length, size);
  context.memory.write(buffer, target.subarray(0, length));
  return length;
}

/** chdir(): nobody is led into a directory of ours, for only the kernel could do that. */
export function chdir(context: Context, call: Call): Answer {
  const found = lookUp(context, call, { dirfd: AT_FDCWD, address: call.address(0) });
  if (found?.kind === 'device') throw new Errno(ENOTDIR);
  return CONTINUE;
}

/** The kernel carries an exec out; what it closes we find out afterwards. */
export function exec({ threads, files, directories, faces }: Context, call: Call): Answer {
  const process = threads.processOf(call);
  if (process !== undefined) {
    process.executes(call.tid);
    faces.drop(process);
    directories.drop(process);
    files.executing(process);
  }
  return CONTINUE;
}
