/** The calls that name a path to use it as it is: access, readlink and their variants, and exec. */
import { EACCES, EINVAL, ELOOP, ENOENT, ENOTDIR, Errno } from '../../base/errno.ts';
import {
  AT_EMPTY_PATH,
  AT_EXECVE_CHECK,
  AT_FDCWD,
  AT_SYMLINK_NOFOLLOW,
  O_PATH,
} from '../../linux/constants.ts';
import { close, errno } from '../../linux/libc.ts';
import { fileSystemUid, rawReadlink, readlink } from '../../linux/proc-fs.ts';
import { directoryOf, type Shadow } from '../names/paths.ts';
import { openDirectoryIn } from '../names/program-root.ts';
import { isAccess, rawStat } from '../names/stat.ts';
import { AGAIN, type Answer, type Call, CONTINUE } from '../wire/call.ts';
import type { Context } from './context.ts';
import { DMA_BUF_LINK, isMemory } from './dma-bufs.ts';
import {
  behindDescriptor,
  type Descriptor,
  isWayOut,
  lookUp,
  lookUpLink,
  openedBehind,
  type PathArgument,
  pathOf,
  type Target,
} from './look-up.ts';

const X_OK = 1;
const W_OK = 2;
const EXEC_FLAGS = AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW | AT_EXECVE_CHECK;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

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
  const isOurs = target?.kind === 'device' || target?.kind === 'shadow';
  if (isOurs && !isAccess(mode, flags)) throw new Errno(errno());
  if (target?.kind === 'device') {
    if (mode & X_OK) throw new Errno(EACCES);
    return 0;
  }
  if (isWayOut(target)) return accessBehind(call, target.path, mode);
  if (target?.kind !== 'shadow') return CONTINUE;
  if (rawStat(target.real, flags & AT_SYMLINK_NOFOLLOW) === undefined) throw new Errno(errno());
  checkShadow(call, target, mode);
  return 0;
}

/** What is in /sys only root may write, and no file there is a program. */
function checkShadow({ tid }: Call, { is }: Shadow, mode: number): void {
  if (is !== 'file' && is !== 'directory') return;
  if (mode & W_OK && fileSystemUid(tid) !== 0) throw new Errno(EACCES);
  if (mode & X_OK && is === 'file') throw new Errno(EACCES);
}

/** Of a real directory on the way out of ours: it is there, and nobody is asked to write in it. */
function accessBehind(call: Call, path: string, mode: number): Answer {
  const fd = mode & W_OK ? -1 : openDirectoryIn(call.tid, path, O_PATH);
  if (fd < 0) return CONTINUE;
  close(fd);
  return 0;
}

/** How the kernel would write in /proc what a descriptor is, for the original. */
function nameOf(context: Context, call: Call, descriptor: Descriptor): Uint8Array | undefined {
  const target = openedBehind(context, call, descriptor);
  if (target === undefined && isMemory(descriptor.tid, descriptor.fd)) return encoder.encode(DMA_BUF_LINK);
  if (target === undefined || target.kind === 'directory' || target.kind === 'behind') return undefined;
  const name = target.kind === 'device' ? `/dev/${target.device.name}` : context.paths.unshadow(target.real);
  return encoder.encode(name);
}

/** What is written in the link that is `target`; undefined if the kernel is to read it. */
function written(target: Target | undefined, notALink: number): Uint8Array | undefined {
  if (target?.kind === 'device') throw new Errno(notALink);
  if (target?.kind !== 'shadow' && target?.kind !== 'link') return undefined;
  const text = rawReadlink(target.real);
  if (text === undefined) throw new Errno(errno());
  return text;
}

/** What is written in the link that the call names; undefined if the kernel is to read it. */
function linkTarget(context: Context, call: Call, { dirfd, address }: PathArgument): Uint8Array | undefined {
  const bytes = pathOf(context, call, address);
  if (bytes === undefined) return undefined;
  if (bytes.length === 0) return written(behindDescriptor(context, call.tid, dirfd), ENOENT);
  const found = lookUpLink(context, call, dirfd, bytes);
  if (found === undefined) return undefined;
  return 'leadsTo' in found ? nameOf(context, call, found.leadsTo) : written(found.link, EINVAL);
}

export function readlinkPath(
  context: Context,
  call: Call,
  path: PathArgument,
  buffer: number,
  size: number,
): Answer {
  // The kernel says that there has to be room before it looks for anything.
  const target = size > 0 ? linkTarget(context, call, path) : undefined;
  if (target === undefined) return CONTINUE;
  const length = Math.min(target.length, size);
  context.memory.write(buffer, target.subarray(0, length));
  return length;
}

/**
 * chdir(): nobody is led into a directory of ours by its name, for only the kernel could do that, which finds none. As it is there, it is
 * one that may not be entered. (fchdir() leads there: by the descriptor the kernel finds it.)
 */
export function chdir(context: Context, call: Call): Answer {
  const path = { dirfd: AT_FDCWD, address: call.address(0) };
  const found = lookUp(context, call, path);
  const is = found?.kind === 'shadow' ? found.is : found?.kind;
  if (is === 'device' || is === 'file') throw new Errno(ENOTDIR);
  if (found?.kind === 'shadow' && is === 'directory' && !beginsInTree(context, call, path))
    throw new Errno(EACCES);
  return CONTINUE;
}

/** True if the path begins in the shadow tree itself, where the kernel finds what is there. */
function beginsInTree(context: Context, call: Call, { dirfd, address }: PathArgument): boolean {
  const text = decoder.decode(pathOf(context, call, address));
  const start = text.startsWith('/') ? text : readlink(directoryOf(call.tid, dirfd));
  return start !== undefined && context.paths.identify(start)?.kind === 'shadow';
}

/**
 * What is ours is no program, and nobody may execute it. The kernel would find no file of its name, or, behind a
 * descriptor that only names it, an empty one. A bad flag comes first, and the kernel says so.
 */
function refuseOurs(context: Context, call: Call, path: PathArgument, flags: number): void {
  if (flags & ~EXEC_FLAGS) return;
  const target = lookUp(context, call, path, {
    follow: (flags & AT_SYMLINK_NOFOLLOW) === 0,
    emptyPath: (flags & AT_EMPTY_PATH) !== 0,
  });
  const is = target?.kind === 'shadow' ? target.is : target?.kind;
  if (is === 'link') throw new Errno(ELOOP);
  if (is === 'device' || is === 'file' || (is === 'directory' && target?.kind === 'shadow'))
    throw new Errno(EACCES);
}

/** The kernel carries an exec out; what it closes we find out afterwards. */
export function exec(context: Context, call: Call, path: PathArgument, flags = 0): Answer {
  const { threads, files, directories, faces } = context;
  const process = threads.processOf(call);
  // The next program shall not find memory in the place of a camera.
  if (process !== undefined && faces.isMapping(process)) return AGAIN;
  refuseOurs(context, call, path, flags);
  if (process !== undefined) {
    process.executes(call.tid);
    faces.drop(process);
    directories.drop(process);
    files.executing(process);
  }
  return CONTINUE;
}
