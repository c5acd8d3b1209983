/** What the arguments of a call name: a path from a directory on, or a descriptor. */
import type { Context } from './context.ts';
import type { Found } from './paths.ts';
import { readlink } from './proc-fs.ts';
import type { StoodFor } from './stand-ins.ts';

/** What is served, with descriptors seen through. */
export type Target = Exclude<Found, { kind: 'descriptor' }> | StoodFor;

export interface HowToLookUp {
  /** A symbolic link at the end of the path is followed: so it is if left out. */
  readonly follow?: boolean;
  /** An empty path (or none) means the descriptor itself. */
  readonly emptyPath?: boolean;
}

/** The path in argument `pathArg`, until the next use of the memory; undefined if it cannot be read. */
export function pathOf(context: Context, pathArg: number): Uint8Array | undefined {
  const { notifications, memory } = context;
  memory.attach(notifications.tid);
  return memory.readPath(notifications.arg(pathArg));
}

/** Looks the path argument up; undefined if the call is none of ours (or its path cannot be read). */
export function lookUp(
  context: Context,
  dirfd: number,
  pathArg: number,
  { follow = true, emptyPath = false }: HowToLookUp = {},
): Target | undefined {
  const { notifications, paths } = context;
  const { tid } = notifications;
  if (emptyPath && notifications.arg(pathArg) === 0) return behindDescriptor(context, tid, dirfd);
  const bytes = pathOf(context, pathArg);
  if (bytes === undefined) return undefined;
  if (emptyPath && bytes.length === 0) return behindDescriptor(context, tid, dirfd);
  const found = paths.find(tid, dirfd, bytes, follow);
  if (found?.kind !== 'descriptor') return found;
  // Not followed, a name in /proc/PID/fd is a link like any other.
  return follow ? behindDescriptor(context, found.tid, found.fd) : undefined;
}

/** The same, and what the kernel has opened for the program in the shadow tree is ours too if /proc/PID/fd names it. */
export function lookUpOpened(
  context: Context,
  dirfd: number,
  pathArg: number,
  follow = true,
): Target | undefined {
  const bytes = pathOf(context, pathArg);
  const found = bytes && context.paths.find(context.notifications.tid, dirfd, bytes, follow);
  if (found?.kind !== 'descriptor') return found;
  return follow ? openedBehind(context, found.tid, found.fd) : undefined;
}

/** The device or link that descriptor `fd` of `tid` is; undefined if the kernel itself knows better. */
export function behindDescriptor(context: Context, tid: number, fd: number): StoodFor | undefined {
  const openFile = fd < 0 ? undefined : context.files.find(tid, fd, context.now);
  if (openFile !== undefined) return { kind: 'device', device: openFile.file.device };
  return fd < 0 ? undefined : context.standIns.find(tid, fd);
}

/** The same, or the file of the shadow tree or directory with additions that the kernel has opened as `fd`. */
export function openedBehind(context: Context, tid: number, fd: number): Target | undefined {
  const thing = behindDescriptor(context, tid, fd);
  if (thing !== undefined || fd < 0) return thing;
  const path = readlink(`/proc/${tid}/fd/${fd}`);
  return path === undefined ? undefined : context.paths.identify(path);
}
