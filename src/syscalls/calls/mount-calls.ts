/** Calls that change what paths mean to a program. The kernel carries them out; what is ours can take no part. */
import { EINVAL, ENOTDIR, EPERM, Errno } from '../../base/errno.ts';
import { AT_FDCWD, MS_BIND } from '../../linux/constants.ts';
import { fileSystemUid } from '../../linux/proc-fs.ts';
import { type Answer, type Call, CONTINUE } from '../wire/call.ts';
import type { Context } from './context.ts';
import { lookUp } from './look-up.ts';

/** True if the path in argument `index` names a device. */
function namesDevice(context: Context, call: Call, index: number): boolean {
  return lookUp(context, call, { dirfd: AT_FDCWD, address: call.address(index) })?.kind === 'device';
}

/** From now on programs may live in different roots, or see different files in the same. */
export function rootChanges({ paths }: Context): Answer {
  paths.rootsDiffer();
  return CONTINUE;
}

export function chroot(context: Context, call: Call): Answer {
  if (namesDevice(context, call, 0)) throw new Errno(ENOTDIR);
  return rootChanges(context);
}

/** mount(): a device of ours can neither be hidden nor get another name, as no mount leads to it. */
export function mount(context: Context, call: Call): Answer {
  const isBind = (call.uint(3) & MS_BIND) !== 0;
  if (namesDevice(context, call, 1) || (isBind && namesDevice(context, call, 0))) throw new Errno(EPERM);
  return rootChanges(context);
}

/** umount2(): nothing is mounted there. */
export function unmount(context: Context, call: Call): Answer {
  if (namesDevice(context, call, 0)) throw new Errno(fileSystemUid(call.tid) === 0 ? EINVAL : EPERM);
  return rootChanges(context);
}
