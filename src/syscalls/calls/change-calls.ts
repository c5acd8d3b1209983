/**
 * The calls that change the directory entry of a file: its mode, owner and times, its name. The names of our devices
 * stay as they are, and nothing is made or removed under them in the real /dev, which programs outside see too.
 */
import {
  EACCES,
  EADDRINUSE,
  EEXIST,
  EFBIG,
  EINVAL,
  EISDIR,
  ENOTDIR,
  ENOTSOCK,
  EPERM,
  Errno,
} from '../../base/errno.ts';
import {
  AF_UNIX,
  AT_EMPTY_PATH,
  AT_FDCWD,
  AT_REMOVEDIR,
  AT_SYMLINK_FOLLOW,
  AT_SYMLINK_NOFOLLOW,
  S_IFSOCK,
  SO_DOMAIN,
  SOL_SOCKET,
} from '../../linux/constants.ts';
import { close as closeFd, getsockopt } from '../../linux/libc.ts';
import { allocateNative } from '../../linux/native-memory.ts';
import { copyDescriptor, fileSystemUid, fileTypeOf } from '../../linux/proc-fs.ts';
import { type NodeOwner, ownerOf, rawStat } from '../names/stat.ts';
import { type Answer, type Call, CONTINUE } from '../wire/call.ts';
import { type Context, fileOf, notOpen, readArgument } from './context.ts';
import { lookUp, lookUpName, type PathArgument, pathOf, type Target } from './look-up.ts';

const native = allocateNative(4096);

type Ours = Exclude<Target, { kind: 'directory' | 'behind' }>;

/** What of ours a call is about; undefined if the kernel is to carry it out. */
function oursOf(target: Target | undefined): Ours | undefined {
  return target?.kind === 'directory' || target?.kind === 'behind' ? undefined : target;
}

export const howOf = (flags: number) => ({
  follow: (flags & AT_SYMLINK_NOFOLLOW) === 0,
  emptyPath: (flags & AT_EMPTY_PATH) !== 0,
});

const isRoot = (call: Call): boolean => fileSystemUid(call.tid) === 0;

/** Flags that a call does not know are the first thing that it finds. */
export function checkFlags(flags: number, known: number): void {
  if (flags & ~known) throw new Errno(EINVAL);
}

const HOW_TO_FIND = AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH;

/** Whoever may not write in /dev hears EACCES, others that it cannot be done. */
const refusal = (call: Call): Errno => new Errno(isRoot(call) ? EPERM : EACCES);

/** Answers a call on `target` by what `change` does to a device; files of the shadow tree do not change. */
export function changeNode(
  { events }: Context,
  call: Call,
  target: Target | undefined,
  flags: number,
  change: (owner: NodeOwner, uid: number) => void,
): Answer {
  const ours = oursOf(target);
  if (ours === undefined) return CONTINUE;
  checkFlags(flags, HOW_TO_FIND);
  if (ours.kind !== 'device') throw new Errno(EPERM);
  change(ownerOf(ours.device), fileSystemUid(call.tid));
  events.changed(ours.device);
  return 0;
}

export function allowOwner(owner: NodeOwner, uid: number): void {
  if (uid !== 0 && uid !== owner.uid) throw new Errno(EPERM);
}

function chmodTarget(
  context: Context,
  call: Call,
  target: Target | undefined,
  mode: number,
  flags = 0,
): Answer {
  return changeNode(context, call, target, flags, (owner, uid) => {
    allowOwner(owner, uid);
    owner.mode = mode & 0o7777;
  });
}

/** chmod(), fchmodat() and, with flags, fchmodat2(). */
export function chmodPath(context: Context, call: Call, path: PathArgument, mode: number, flags = 0): Answer {
  return chmodTarget(context, call, lookUp(context, call, path, howOf(flags)), mode, flags);
}

/** The device that is open as `fd`; what only names one cannot be used so. */
export function openedAs(context: Context, call: Call, fd: number): Target | undefined {
  const opened = context.files.identify(call.tid, fd);
  if (opened !== undefined) return { kind: 'device', device: opened.file.device };
  notOpen(context, call, fd);
  return undefined;
}

export function fchmod(context: Context, call: Call): Answer {
  return chmodTarget(context, call, openedAs(context, call, call.int(0)), call.uint(1));
}

/** User and group as chown() takes them: an id of -1 is left as it is. */
export interface Ids {
  readonly uid: number;
  readonly gid: number;
}

/** Only root changes ids. */
function chownTarget(
  context: Context,
  call: Call,
  target: Target | undefined,
  { uid, gid }: Ids,
  flags = 0,
): Answer {
  return changeNode(context, call, target, flags, (owner, caller) => {
    const wanted = { uid: uid === -1 ? owner.uid : uid, gid: gid === -1 ? owner.gid : gid };
    if (caller !== 0 && (wanted.uid !== owner.uid || wanted.gid !== owner.gid)) throw new Errno(EPERM);
    Object.assign(owner, wanted);
  });
}

/** chown(), lchown(), fchownat(). */
export function chownPath(context: Context, call: Call, path: PathArgument, ids: Ids, flags: number): Answer {
  return chownTarget(context, call, lookUp(context, call, path, howOf(flags)), ids, flags);
}

export function fchown(context: Context, call: Call, ids: Ids): Answer {
  return chownTarget(context, call, openedAs(context, call, call.int(0)), ids);
}

/** What files in /sys may be long. */
const MAX_NON_LFS = 0x7fff_ffff;

/** Only regular files have a length to be changed, and those in /sys stay as they are. */
export function truncate(context: Context, call: Call): Answer {
  // The kernel says that a length is none before it looks for anything.
  const ours = call.isNegative(1)
    ? undefined
    : oursOf(lookUp(context, call, { dirfd: AT_FDCWD, address: call.address(0) }));
  if (ours === undefined) return CONTINUE;
  if (ours.kind === 'device') throw new Errno(EINVAL);
  if (ours.kind !== 'shadow' || ours.is === undefined || ours.is === 'link') return CONTINUE;
  if (ours.is === 'directory') throw new Errno(EISDIR);
  const isInSys = context.paths.unshadow(ours.real).startsWith('/sys/');
  if (!isRoot(call) || !isInSys) throw new Errno(EACCES);
  if (call.size(1) > MAX_NON_LFS) throw new Errno(EFBIG);
  return 0;
}

/** True if there is a file under the name. */
const exists = (ours: Ours): boolean =>
  ours.kind === 'device' || rawStat(ours.real, AT_SYMLINK_NOFOLLOW) !== undefined;

/** mkdir(), mknod(), symlink() and the like: a name of ours is taken, and /sys makes no files for programs. */
export function createName(context: Context, call: Call, path: PathArgument): Answer {
  const ours = oursOf(lookUp(context, call, path, { follow: false }));
  if (ours === undefined) return CONTINUE;
  throw new Errno(exists(ours) ? EEXIST : EPERM);
}

/** unlink() and, if it is meant for a `directory`, rmdir(). */
export function removeName(context: Context, call: Call, path: PathArgument, directory: boolean): Answer {
  const ours = oursOf(lookUp(context, call, path, { follow: false }));
  if (ours === undefined) return CONTINUE;
  if (directory && ours.kind === 'device' && isRoot(call)) throw new Errno(ENOTDIR);
  throw refusal(call);
}

/** unlinkat() */
export function removeNameAt(context: Context, call: Call, path: PathArgument, flags: number): Answer {
  checkFlags(flags, AT_REMOVEDIR);
  return removeName(context, call, path, (flags & AT_REMOVEDIR) !== 0);
}

const RENAME_NOREPLACE = 1;
const RENAME_EXCHANGE = 2;
const RENAME_WHITEOUT = 4;
const RENAME_FLAGS = RENAME_NOREPLACE | RENAME_EXCHANGE | RENAME_WHITEOUT;

/** rename(): neither may a device go away nor another file take its place. */
export function renameNames(
  context: Context,
  call: Call,
  from: PathArgument,
  to: PathArgument,
  flags: number,
): Answer {
  checkFlags(flags, RENAME_FLAGS);
  if (flags & RENAME_EXCHANGE) checkFlags(flags, RENAME_EXCHANGE);
  const source = oursOf(lookUp(context, call, from, { follow: false }));
  const target = oursOf(lookUp(context, call, to, { follow: false }));
  if (source === undefined && target === undefined) return CONTINUE;
  if (target !== undefined && flags & RENAME_NOREPLACE) throw new Errno(EEXIST);
  throw refusal(call);
}

const isEmpty = (path: Uint8Array | undefined): boolean => path?.length === 0;

/** link(): a name of ours is taken, and what has it gets no other one. */
export function linkNames(
  context: Context,
  call: Call,
  from: PathArgument,
  to: PathArgument,
  flags: number,
): Answer {
  checkFlags(flags, AT_SYMLINK_FOLLOW | AT_EMPTY_PATH);
  const follow = (flags & AT_SYMLINK_FOLLOW) !== 0;
  const target = oursOf(lookUp(context, call, to, { follow: false }));
  if (target !== undefined) throw new Errno(exists(target) ? EEXIST : EPERM);
  const emptyPath = (flags & AT_EMPTY_PATH) !== 0;
  // What the descriptor is lies in no file system of the program: what the kernel says of that is right.
  if (emptyPath && isEmpty(pathOf(context, call, from.address))) return CONTINUE;
  const source = oursOf(lookUp(context, call, from, { follow }));
  if (source === undefined) return CONTINUE;
  throw new Errno(EPERM);
}

/** `struct sockaddr_un`: the family, and then a path that ends with the address, if not with a NUL before. */
const FAMILY_SIZE = 2;
const ADDRESS_SIZE = 110;

/** The path that the address in the call names; undefined if it names none. */
function socketPath(context: Context, call: Call): Uint8Array | undefined {
  const length = call.uint(2);
  if (length <= FAMILY_SIZE || length > ADDRESS_SIZE) return undefined;
  const address = new Uint8Array(length);
  if (!readArgument(context, call, call.address(1), address)) return undefined;
  if (address[0] !== AF_UNIX || address[1] !== 0) return undefined;
  const end = address.indexOf(0, FAMILY_SIZE);
  return address.subarray(FAMILY_SIZE, end < 0 ? length : end);
}

/** Where that is not told, the family of the address is believed. */
function isUnixSocket(tid: number, fd: number): boolean {
  if (fileTypeOf(tid, fd) !== S_IFSOCK) return false;
  const ours = copyDescriptor(tid, fd);
  if (ours < 0) return true;
  native.view.setUint32(4, 4, true);
  const isTold = getsockopt(ours, SOL_SOCKET, SO_DOMAIN, native.address, native.address + 4) === 0;
  closeFd(ours);
  return !isTold || native.view.getInt32(0, true) === AF_UNIX;
}

/** bind(): a Unix socket makes a name, as {@link createName} does. */
export function bindName(context: Context, call: Call): Answer {
  if (fileOf(context, call, call.int(0)) !== undefined) throw new Errno(ENOTSOCK);
  const path = socketPath(context, call);
  const target = path && lookUpName(context, call, path, { follow: false });
  const ours = oursOf(target);
  // Nothing else than a Unix socket makes a name.
  if (ours === undefined || !isUnixSocket(call.tid, call.int(0))) return notOpen(context, call, call.int(0));
  throw new Errno(exists(ours) ? EADDRINUSE : EPERM);
}
