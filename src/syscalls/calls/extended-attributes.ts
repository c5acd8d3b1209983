/** Extended attributes: the files of devices, and of sysfs around them, have none, and take none from programs. */
import { E2BIG, EFAULT, EINVAL, ENODATA, EOPNOTSUPP, EPERM, ERANGE, Errno } from '../../base/errno.ts';
import { AT_EMPTY_PATH, AT_SYMLINK_NOFOLLOW } from '../../linux/constants.ts';
import { fileSystemUid } from '../../linux/proc-fs.ts';
import { type Answer, type Call, CONTINUE } from '../wire/call.ts';
import { howOf } from './change-calls.ts';
import { type Context, fileOf, notOpen, readArgument } from './context.ts';
import { isWayOut, lookUp, type PathArgument, pathOf } from './look-up.ts';

export type AttributeUse = 'get' | 'list' | 'set' | 'remove';

const NAME_MAX = 255;
const VALUE_MAX = 65536;
const XATTR_CREATE = 1;
const XATTR_REPLACE = 2;
const decoder = new TextDecoder();
/** devtmpfs keeps them, and a node has none as long as root sets none. */
const ACCESS_LISTS = new Set(['system.posix_acl_access', 'system.posix_acl_default']);

/** The name of the attribute that the call is about. */
function attributeName(context: Context, call: Call, index: number): string {
  const name = pathOf(context, call, call.address(index));
  if (name === undefined) throw new Errno(EFAULT);
  if (name.length === 0 || name.length > NAME_MAX) throw new Errno(ERANGE);
  return decoder.decode(name);
}

/**
 * @kernel xattr_permission: attributes of users are for regular files and directories, those that are trusted for root.
 * The rest is that of a file system without attributes.
 */
function refuseChange(call: Call, name: string): never {
  const isRoots = /^(trusted|security)\../.test(name) && fileSystemUid(call.tid) !== 0;
  throw new Errno(name.startsWith('user.') || isRoots ? EPERM : EOPNOTSUPP);
}

function answer(context: Context, call: Call, use: AttributeUse, isDevice: boolean): Answer {
  if (use === 'list') return 0;
  if (use === 'set' && call.uint(4) & ~(XATTR_CREATE | XATTR_REPLACE)) throw new Errno(EINVAL);
  const name = attributeName(context, call, 1);
  if (use === 'set' && call.size(3) > VALUE_MAX) throw new Errno(E2BIG);
  return refuse(call, use, name, isDevice);
}

function refuse(call: Call, use: 'get' | 'set' | 'remove', name: string, isDevice: boolean): never {
  if (use !== 'get') refuseChange(call, name);
  // Whoever may not ask for those that are trusted hears of none.
  const isAsked = name === 'security.' || (name === 'trusted.' && fileSystemUid(call.tid) === 0);
  if (isAsked) throw new Errno(EINVAL);
  // Whether a file may have any of users is asked before the name behind the dot.
  const mayBeThere = /^(user|trusted|security)\./.test(name) || (isDevice && ACCESS_LISTS.has(name));
  throw new Errno(mayBeThere ? ENODATA : EOPNOTSUPP);
}

/** getxattr() and its like, with a path. */
export function attributesOfPath(
  context: Context,
  call: Call,
  path: PathArgument,
  use: AttributeUse,
  follow: boolean,
): Answer {
  const found = lookUp(context, call, path, { follow });
  const isServed = found?.kind === 'device' || found?.kind === 'shadow' || isWayOut(found);
  return isServed ? answer(context, call, use, found.kind === 'device') : CONTINUE;
}

/** fgetxattr() and its like. */
export function attributesOfDescriptor(context: Context, call: Call, use: AttributeUse): Answer {
  const fd = call.int(0);
  if (fileOf(context, call, fd) === undefined) return notOpen(context, call, fd);
  return answer(context, call, use, true);
}

/** `struct xattr_args`, and the longest that the kernel looks at. */
const ARGUMENTS = { size: 8, flags: 12, length: 16, most: 4096 } as const;
const AT_FLAGS = AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH;

/** True if the kernel finds nothing wrong with the struct of getxattrat() or setxattrat(), which it looks at before the file. */
function isRight(context: Context, call: Call, use: AttributeUse): boolean {
  if (use !== 'get' && use !== 'set') return true;
  const length = call.size(5);
  if (length < ARGUMENTS.length || length > ARGUMENTS.most) return false;
  const bytes = new Uint8Array(length);
  if (!readArgument(context, call, call.address(4), bytes)) return false;
  if (bytes.subarray(ARGUMENTS.length).some((byte) => byte !== 0)) return false;
  const view = new DataView(bytes.buffer);
  const known = use === 'set' ? XATTR_CREATE | XATTR_REPLACE : 0;
  const isTooLong = use === 'set' && view.getUint32(ARGUMENTS.size, true) > VALUE_MAX;
  return !isTooLong && (view.getUint32(ARGUMENTS.flags, true) & ~known) === 0;
}

/** What of ours the call is about; undefined if the kernel is to carry it out, which it does where it finds flags wrong. */
function isDeviceAt(context: Context, call: Call, path: PathArgument, flags: number): boolean | undefined {
  if (flags & ~AT_FLAGS) return undefined;
  const isDescriptor = (flags & AT_EMPTY_PATH) !== 0 && isEmptyPath(context, call, path);
  if (isDescriptor && path.dirfd >= 0) {
    if (fileOf(context, call, path.dirfd) !== undefined) return true;
    notOpen(context, call, path.dirfd);
    return undefined;
  }
  const found = lookUp(context, call, path, howOf(flags));
  if (found?.kind === 'device') return true;
  return found?.kind === 'shadow' || isWayOut(found) ? false : undefined;
}

function isEmptyPath(context: Context, call: Call, { address }: PathArgument): boolean {
  return address === 0 || pathOf(context, call, address)?.length === 0;
}

/** getxattrat() and its like. The kernel has them from Linux 6.13 on; `isKnown` says whether this one has. */
export function attributesAt(
  context: Context,
  call: Call,
  path: PathArgument,
  use: AttributeUse,
  isKnown: boolean,
): Answer {
  if (!isKnown || !isRight(context, call, use)) return CONTINUE;
  const name = use === 'list' ? undefined : pathOf(context, call, call.address(3));
  if (use !== 'list' && (name === undefined || name.length === 0 || name.length > NAME_MAX)) return CONTINUE;
  const words = name === undefined ? '' : decoder.decode(name);
  const isDevice = isDeviceAt(context, call, path, call.uint(2));
  if (isDevice === undefined) return CONTINUE;
  return use === 'list' ? 0 : refuse(call, use, words, isDevice);
}

/** `struct file_attr`, as it was at first. */
const FILE_ATTRIBUTES = 24;

/** file_getattr() and file_setattr(), from Linux 6.17 on: a node has no such attributes. */
export function fileAttributesAt(
  context: Context,
  call: Call,
  path: PathArgument,
  use: 'get' | 'set',
  isKnown: boolean,
): Answer {
  const length = call.size(3);
  if (!isKnown || length < FILE_ATTRIBUTES || length > ARGUMENTS.most) return CONTINUE;
  if (use === 'set' && !isCleared(context, call, length)) return CONTINUE;
  if (isDeviceAt(context, call, path, call.uint(4)) === undefined) return CONTINUE;
  throw new Errno(EOPNOTSUPP);
}

/** True if the struct is there, and what this kernel does not know of it empty. */
function isCleared(context: Context, call: Call, length: number): boolean {
  const bytes = new Uint8Array(length);
  if (!readArgument(context, call, call.address(2), bytes)) return false;
  return bytes.subarray(FILE_ATTRIBUTES).every((byte) => byte === 0);
}
