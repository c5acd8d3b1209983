/** The calls that ask what a file is: stat() and statfs() under all their names. */
import { Errno } from '../base/errno.ts';
import { AT_EMPTY_PATH, AT_FDCWD, AT_SYMLINK_NOFOLLOW } from '../linux/constants.ts';
import { errno } from '../linux/libc.ts';
import type { Context } from './context.ts';
import { behindDescriptor, lookUp, lookUpOpened, openedBehind, type Target } from './look-up.ts';
import { deviceStat, deviceStatx, rawStat, statFileSystem } from './stat.ts';

/** stat() and lstat(), newfstatat() and, if there is a mask, statx(). */
export function statPath(
  context: Context,
  dirfd: number,
  pathArg: number,
  bufferArg: number,
  flags: number,
  statxMask?: number,
): void {
  const how = {
    follow: (flags & AT_SYMLINK_NOFOLLOW) === 0,
    emptyPath: (flags & AT_EMPTY_PATH) !== 0,
  };
  answerStat(context, lookUp(context, dirfd, pathArg, how), bufferArg, flags, statxMask);
}

/** fstat(). */
export function statDescriptor(context: Context): void {
  const { notifications } = context;
  const target = behindDescriptor(context, notifications.tid, notifications.argInt(0));
  answerStat(context, target, 1, 0);
}

function answerStat(
  context: Context,
  target: Target | undefined,
  bufferArg: number,
  flags: number,
  statxMask?: number,
): void {
  const bytes = statBytes(target, flags & AT_SYMLINK_NOFOLLOW, statxMask);
  if (bytes === 'not ours') context.notifications.continue();
  else answer(context, bufferArg, bytes);
}

function statBytes(
  target: Target | undefined,
  flags: number,
  mask?: number,
): Uint8Array | undefined | 'not ours' {
  switch (target?.kind) {
    case 'device':
      return mask === undefined ? deviceStat(target.device) : deviceStatx(target.device, mask);
    case 'shadow':
      return rawStat(target.real, flags, mask);
    case 'link':
      return rawStat(target.real, AT_SYMLINK_NOFOLLOW, mask);
    default:
      return 'not ours';
  }
}

function answer(context: Context, bufferArg: number, bytes: Uint8Array | undefined): void {
  const { notifications, memory } = context;
  if (bytes === undefined) throw new Errno(errno());
  memory.attach(notifications.tid);
  memory.write(notifications.arg(bufferArg), bytes);
  notifications.succeed(0);
}

/** statfs(). */
export function statfsPath(context: Context): void {
  answerStatfs(context, lookUpOpened(context, AT_FDCWD, 0));
}

/** fstatfs(): on any number, because files of the shadow tree have ordinary ones. */
export function statfsDescriptor(context: Context): void {
  const { notifications } = context;
  answerStatfs(context, openedBehind(context, notifications.tid, notifications.argInt(0)));
}

function answerStatfs(context: Context, target: Target | undefined): void {
  const path = placeOf(context, target);
  if (path === undefined) context.notifications.continue();
  else answer(context, 1, statFileSystem(path));
}

/** Where a program believes that a file of ours is. */
function placeOf(context: Context, target: Target | undefined): string | undefined {
  if (target?.kind === 'device') return `/dev/${target.device.name}`;
  if (target?.kind !== 'shadow' && target?.kind !== 'link') return undefined;
  if (target.kind === 'shadow' && rawStat(target.real, 0) === undefined) throw new Errno(errno());
  return context.paths.unshadow(target.real);
}
