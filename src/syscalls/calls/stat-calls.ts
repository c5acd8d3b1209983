/** The calls that ask what a file is: stat() and statfs() under all their names. */
import { Errno } from '../../base/errno.ts';
import { AT_EMPTY_PATH, AT_FDCWD, AT_SYMLINK_NOFOLLOW, O_PATH } from '../../linux/constants.ts';
import { close, errno } from '../../linux/libc.ts';
import { openDirectoryIn } from '../names/program-root.ts';
import { deviceStat, deviceStatx, rawStat, statFileSystem } from '../names/stat.ts';
import { type Answer, type Call, CONTINUE } from '../wire/call.ts';
import type { Context } from './context.ts';
import {
  behindDescriptor,
  isWayOut,
  lookUp,
  lookUpOpened,
  openedBehind,
  type PathArgument,
  type Target,
} from './look-up.ts';

/** stat() and lstat(), newfstatat() and, if there is a mask, statx(); the answer goes to `buffer`. */
export function statPath(
  context: Context,
  call: Call,
  path: PathArgument,
  buffer: number,
  flags: number,
  statxMask?: number,
): Answer {
  const how = {
    follow: (flags & AT_SYMLINK_NOFOLLOW) === 0,
    emptyPath: (flags & AT_EMPTY_PATH) !== 0,
  };
  return answerStat(context, call, lookUp(context, call, path, how), buffer, flags, statxMask);
}

/** fstat(). */
export function statDescriptor(context: Context, call: Call): Answer {
  const [fd, buffer] = [call.int(0), call.address(1)];
  return answerStat(context, call, behindDescriptor(context, call.tid, fd), buffer, 0);
}

function answerStat(
  context: Context,
  call: Call,
  target: Target | undefined,
  buffer: number,
  flags: number,
  statxMask?: number,
): Answer {
  const bytes = statBytes(call, target, flags, statxMask);
  return bytes === 'not ours' ? CONTINUE : answer(context, call, buffer, bytes);
}

function statBytes(
  call: Call,
  target: Target | undefined,
  flags: number,
  mask?: number,
): Uint8Array | undefined | 'not ours' {
  switch (target?.kind) {
    case 'device':
      return mask === undefined ? deviceStat(target.device, flags) : deviceStatx(target.device, flags, mask);
    case 'shadow':
      return rawStat(target.real, flags, mask);
    case 'link':
      return rawStat(target.real, flags | AT_SYMLINK_NOFOLLOW, mask);
    case 'directory':
      return isWayOut(target) ? statBehind(call.tid, target.path, mask) : 'not ours';
    case 'behind':
      return statBehind(call.tid, target.path, mask);
    default:
      return 'not ours';
  }
}

/** stat() of a directory of the program's root that the kernel does not find the way to. */
function statBehind(tid: number, path: string, mask?: number): Uint8Array | undefined | 'not ours' {
  const fd = openDirectoryIn(tid, path, O_PATH);
  if (fd < 0) return 'not ours';
  const bytes = rawStat(`/proc/self/fd/${fd}`, 0, mask);
  close(fd);
  return bytes;
}

function answer({ memory }: Context, call: Call, buffer: number, bytes: Uint8Array | undefined): Answer {
  if (bytes === undefined) throw new Errno(errno());
  memory.attach(call);
  memory.write(buffer, bytes);
  return 0;
}

/** statfs(). */
export function statfsPath(context: Context, call: Call): Answer {
  const [address, buffer] = [call.address(0), call.address(1)];
  return answerStatfs(context, call, lookUpOpened(context, call, { dirfd: AT_FDCWD, address }), buffer);
}

/** fstatfs(): on any number, because files of the shadow tree have ordinary ones. */
export function statfsDescriptor(context: Context, call: Call): Answer {
  const [fd, buffer] = [call.int(0), call.address(1)];
  return answerStatfs(context, call, openedBehind(context, call, { tid: call.tid, fd }), buffer);
}

function answerStatfs(context: Context, call: Call, target: Target | undefined, buffer: number): Answer {
  const path = placeOf(context, target);
  return path === undefined ? CONTINUE : answer(context, call, buffer, statFileSystem(path));
}

/** Where a program believes that a file of ours is. */
function placeOf(context: Context, target: Target | undefined): string | undefined {
  if (target?.kind === 'device') return `/dev/${target.device.name}`;
  if (target?.kind !== 'shadow' && target?.kind !== 'link') return undefined;
  if (target.kind === 'shadow' && rawStat(target.real, 0) === undefined) throw new Errno(errno());
  return context.paths.unshadow(target.real);
}
