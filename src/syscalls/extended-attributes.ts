/** Extended attributes: the files of devices have none, and take none from programs. */
import { ENODATA, EOPNOTSUPP, EPERM, Errno } from '../base/errno.ts';
import { type Answer, type Call, CONTINUE } from './call.ts';
import { type Context, fileOf, notOpen } from './context.ts';
import { lookUp, type PathArgument } from './look-up.ts';

export type AttributeUse = 'get' | 'list' | 'set' | 'remove';

const USER = 'user.';
const decoder = new TextDecoder();

/** @kernel xattr_permission: attributes of users are for regular files and directories. */
function answer({ memory }: Context, call: Call, use: AttributeUse): Answer {
  if (use === 'list') return 0;
  if (use === 'get') throw new Errno(ENODATA);
  memory.attach(call);
  const name = memory.readPath(call.address(1));
  throw new Errno(decoder.decode(name).startsWith(USER) ? EPERM : EOPNOTSUPP);
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
  return found?.kind === 'device' || found?.kind === 'shadow' ? answer(context, call, use) : CONTINUE;
}

/** fgetxattr() and its like. */
export function attributesOfDescriptor(context: Context, call: Call, use: AttributeUse): Answer {
  const fd = call.int(0);
  if (fileOf(context, call, fd) === undefined) return notOpen(context, call, fd);
  return answer(context, call, use);
}
