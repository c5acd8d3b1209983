/** What the arguments of a call name: a path from a directory on, or a descriptor. */
import { ENOTDIR, Errno } from '../../base/errno.ts';
import { AT_FDCWD } from '../../linux/constants.ts';
import { inodeAt, readlink } from '../../linux/proc-fs.ts';
import type { Found } from '../names/paths.ts';
import { processMeantBy, sharesRoot } from '../names/program-root.ts';
import type { StoodFor } from '../names/stand-ins.ts';
import type { Call } from '../wire/call.ts';
import type { Context } from './context.ts';

/** What is served, with descriptors seen through. */
export type Target = Exclude<Found, { kind: 'descriptor' }> | StoodFor;

/** True for a real directory that the kernel does not find as it is named: the way goes through directories of ours. */
export const isWayOut = (found: Found | StoodFor | undefined): found is WayOut =>
  found?.kind === 'behind' || (found?.kind === 'directory' && found.out);

type WayOut = Extract<Found, { kind: 'behind' | 'directory' }>;

/** A path as a program names it. */
export interface PathArgument {
  /** The directory from which it goes, AT_FDCWD for the current one. */
  readonly dirfd: number;
  /** Where its bytes are in the program's memory. */
  readonly address: number;
}

/** Descriptor `fd` of thread `tid`. */
export interface Descriptor {
  readonly tid: number;
  readonly fd: number;
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

/**
 * What of `found` there is for thread `tid`. Files of the shadow tree lie in our root: in another one they lead nowhere,
 * but from a directory one could go up.
 */
function seenBy(tid: number, found: Found | undefined): Found | undefined {
  const mustShare = isWayOut(found) || (found?.kind === 'shadow' && found.is !== 'file');
  return mustShare && !sharesRoot(tid) ? undefined : found;
}

/** Which descriptor is named by a path in /proc; undefined if that is not certain. */
function named(tid: number, { pid, fd }: Extract<Found, { kind: 'descriptor' }>): Descriptor | undefined {
  const owner = pid === undefined ? tid : processMeantBy(tid, pid);
  return owner === undefined ? undefined : { tid: owner, fd };
}

/** Looks `bytes` up as a path from `dirfd` on; a descriptor that it names is looked at by `behind`. */
function find(
  context: Context,
  { tid }: Call,
  dirfd: number,
  bytes: Uint8Array,
  follow: boolean,
  behind: (descriptor: Descriptor) => Target | undefined,
): Target | undefined {
  const found = seenBy(tid, context.paths.find(tid, dirfd, bytes, follow));
  if (found?.kind !== 'descriptor') return found;
  const descriptor = named(tid, found);
  const target = descriptor && behind(descriptor);
  if (found.slash && target?.kind === 'device') throw new Errno(ENOTDIR);
  return target;
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
  return lookUpName(context, call, bytes, { dirfd, follow });
}

/** The same for a path that has been read. */
export function lookUpName(
  context: Context,
  call: Call,
  bytes: Uint8Array,
  { dirfd = AT_FDCWD, follow }: { readonly dirfd?: number; readonly follow: boolean },
): Target | undefined {
  // Not followed, a name in /proc/PID/fd is a link like any other.
  return find(context, call, dirfd, bytes, follow, ({ tid, fd }) =>
    follow ? behindDescriptor(context, tid, fd) : undefined,
  );
}

/** The same, and what the kernel has opened for the program in the shadow tree is ours too if /proc/PID/fd names it. */
export function lookUpOpened(
  context: Context,
  call: Call,
  { dirfd, address }: PathArgument,
  follow = true,
): Target | undefined {
  const bytes = pathOf(context, call, address);
  if (bytes === undefined) return undefined;
  return find(context, call, dirfd, bytes, follow, (descriptor) =>
    follow ? openedBehind(context, call, descriptor) : undefined,
  );
}

/** What the link is that `bytes` name: one of ours, or one in /proc to what is open as a descriptor. */
export function lookUpLink(
  context: Context,
  call: Call,
  dirfd: number,
  bytes: Uint8Array,
): { link: Target } | { leadsTo: Descriptor } | undefined {
  let leadsTo: Descriptor | undefined;
  const link = find(context, call, dirfd, bytes, false, (descriptor) => {
    leadsTo = descriptor;
    return undefined;
  });
  if (link !== undefined) return { link };
  return leadsTo && { leadsTo };
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
export function openedBehind(context: Context, call: Call, { tid, fd }: Descriptor): Target | undefined {
  const thing = behindDescriptor(context, tid, fd);
  if (thing !== undefined || fd < 0) return thing;
  const path = readlink(`/proc/${tid}/fd/${fd}`);
  const found = path === undefined ? undefined : asTarget(seenBy(call.tid, context.paths.identify(path)));
  return found !== undefined && isOurs(tid) ? undefined : found;
}

const asTarget = (found: Found | undefined): Target | undefined =>
  found?.kind === 'descriptor' ? undefined : found;
