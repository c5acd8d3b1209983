/** Extended attributes: the files of devices, and of sysfs around them, have none, and take none from programs. */
import { E2BIG, EFAULT, EINVAL, ENODATA, EOPNOTSUPP, EPERM, ERANGE, Errno } from '../../base/errno.ts';
import { fileSystemUid } from '../../linux/proc-fs.ts';
import { type Answer, type Call, CONTINUE } from '../wire/call.ts';
import { type Context, fileOf, notOpen } from './context.ts';
import { isWayOut, lookUp, type PathArgument } from './look-up.ts';

export type AttributeUse = 'get' | 'list' | 'set' | 'remove';

const NAME_MAX = 255;
const VALUE_MAX = 65536;
const XATTR_CREATE = 1;
const XATTR_REPLACE = 2;
const decoder = new TextDecoder();
/** devtmpfs keeps them, and a node has none as long as root sets none. */
const ACCESS_LISTS = new Set(['system.posix_acl_access', 'system.posix_acl_default']);

/** The name of the attribute that the call is about. */
function attributeName({ memory }: Context, call: Call): string {
  memory.attach(call);
  const name = memory.readPath(call.address(1));
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
  const name = attributeName(context, call);
  if (use === 'set' && call.size(3) > VALUE_MAX) throw new Errno(E2BIG);
  if (use !== 'get') refuseChange(call, name);
  // Whether a file may have any of users is asked before the name behind the dot.
  const mayBeThere = /^(user\.|(trusted|security)\..)/.test(name) || (isDevice && ACCESS_LISTS.has(name));
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
