/** What the arguments of a call name: a path from a directory on, or a descriptor. */
import { ENOTDIR, Errno } from '../base/errno.ts';
import type { Call } from './call.ts';
import type { Context } from './context.ts';
import type { Found } from './paths.ts';
import { inodeAt, readlink } from './proc-fs.ts';
import type { StoodFor } from './stand-ins.ts';

/** What is served, with descriptors seen through. */
export type Target = Exclude<Found, { kind: 'descriptor' }> | StoodFor;

/** A path as a program names it. */
export interface PathArgument {
  /** The directory from which it goes, AT_FDCWD for the current one. */
  readonly dirfd: number;
  /** Where its bytes are in the program's memory. */
  readonly address: number;
}

export interface HowToLookUp {
  /** A symbolic link at the end of the path is followed: so it is if left out. */
  readonly follow?: boolean;
  /** An empty path (or none) means the descriptor itself. */
  readonly emptyPath?: boolean;
}

/** The bytes of a path, until the next use of the memory; undefined if they cannot be read. */
export function pathOf({ memory }: Context, call: Call, address: number): Uint8Array | undefined {
  memory.attach(call);
  return memory.readPath(address);
}

/** Looks `path` up; undefined if the call is none of ours (or its path cannot be read). */
export function lookUp(
  context: Context,
  call: Call,
  path: PathArgument,
  { follow = true, emptyPath = false }: HowToLookUp = {},
): Target | undefined {
  const { dirfd, address } = path;
  if (emptyPath && address === 0) return behindDescriptor(context, call.tid, dirfd);
  const bytes = pathOf(context, call, address);
  if (bytes === undefined) return undefined;
  if (emptyPath && bytes.length === 0) return behindDescriptor(context, call.tid, dirfd);
  const found = context.paths.find(call.tid, dirfd, bytes, follow);
  if (found?.kind !== 'descriptor') return found;
  // Not followed, a name in /proc/PID/fd is a link like any other.
  return follow ? notAsDirectory(behindDescriptor(context, found.tid, found.fd), found.slash) : undefined;
}

/** The same, and what the kernel has opened for the program in the shadow tree is ours too if /proc/PID/fd names it. */
export function lookUpOpened(
  context: Context,
  call: Call,
  { dirfd, address }: PathArgument,
  follow = true,
): Target | undefined {
  const bytes = pathOf(context, call, address);
  const found = bytes && context.paths.find(call.tid, dirfd, bytes, follow);
  if (found?.kind !== 'descriptor') return found;
  return follow ? notAsDirectory(openedBehind(context, found.tid, found.fd), found.slash) : undefined;
}

function notAsDirectory(target: Target | undefined, slash: boolean): Target | undefined {
  if (slash && target?.kind === 'device') throw new Errno(ENOTDIR);
  return target;
}

/** The device or link that descriptor `fd` of `tid` is; undefined if the kernel itself knows better. */
export function behindDescriptor({ files, standIns }: Context, tid: number, fd: number): Target | undefined {
  if (fd < 0) return undefined;
  const openFile = files.identify(tid, fd);
  const thing = openFile ? { kind: 'device' as const, device: openFile.file.device } : standIns.find(tid, fd);
  return thing !== undefined && isOurs(tid) ? undefined : thing;
}

/** True if `tid` is a thread of this process: it has descriptors of every device, and is no user of any. */
const isOurs = (tid: number): boolean => inodeAt(`/proc/self/task/${tid}`) !== undefined;

/** The same, or the file of the shadow tree or directory with additions that the kernel has opened as `fd`. */
export function openedBehind(context: Context, tid: number, fd: number): Target | undefined {
  const thing = behindDescriptor(context, tid, fd);
  if (thing !== undefined || fd < 0) return thing;
  const path = readlink(`/proc/${tid}/fd/${fd}`);
  const found = path === undefined ? undefined : context.paths.identify(path);
  return found !== undefined && isOurs(tid) ? undefined : found;
}
