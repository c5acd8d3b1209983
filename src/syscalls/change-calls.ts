/**
 * The calls that change the directory entry of a file: its mode, owner and times, its name. The names of our devices
 * stay as they are, and nothing is made or removed under them in the real /dev, which programs outside see too.
 */
import { EACCES, EEXIST, EINVAL, ENOTDIR, EPERM, Errno } from '../base/errno.ts';
import {
  AT_EMPTY_PATH,
  AT_FDCWD,
  AT_REMOVEDIR,
  AT_SYMLINK_FOLLOW,
  AT_SYMLINK_NOFOLLOW,
} from '../linux/constants.ts';
import type { CharDevice } from '../vfs/file.ts';
import type { Context } from './context.ts';
import { behindDescriptor, lookUp, type Target } from './look-up.ts';
import { fileSystemUid } from './proc-fs.ts';
import { type NodeOwner, ownerOf, rawStat } from './stat.ts';

type Ours = Exclude<Target, { kind: 'directory' }>;

/** What of ours a call is about; undefined if the kernel is to carry it out. */
function oursOf(target: Target | undefined): Ours | undefined {
  return target === undefined || target.kind === 'directory' ? undefined : target;
}

const howOf = (flags: number) => ({
  follow: (flags & AT_SYMLINK_NOFOLLOW) === 0,
  emptyPath: (flags & AT_EMPTY_PATH) !== 0,
});

function isRoot(context: Context): boolean {
  return fileSystemUid(context.notifications.tid) === 0;
}

/** Whoever may not write in /dev hears EACCES, others that it cannot be done. */
function refusal(context: Context): Errno {
  return new Errno(isRoot(context) ? EPERM : EACCES);
}

/** Answers a call on `target` by what `change` does to a device; files of the shadow tree do not change. */
function changeNode(
  context: Context,
  target: Target | undefined,
  change: (owner: NodeOwner, uid: number, device: CharDevice) => void,
): void {
  const { notifications } = context;
  const ours = oursOf(target);
  if (ours === undefined) {
    notifications.continue();
    return;
  }
  if (ours.kind !== 'device') throw new Errno(EPERM);
  const uid = fileSystemUid(notifications.tid);
  change(ownerOf(ours.device), uid, ours.device);
  notifications.succeed(0);
}

function allowOwner(owner: NodeOwner, uid: number): void {
  if (uid !== 0 && uid !== owner.uid) throw new Errno(EPERM);
}

function chmodTarget(context: Context, target: Target | undefined, mode: number): void {
  changeNode(context, target, (owner, uid) => {
    allowOwner(owner, uid);
    owner.mode = mode & 0o7777;
  });
}

/** chmod(), fchmodat() and, with flags, fchmodat2(). */
export function chmodPath(
  context: Context,
  dirfd: number,
  pathArg: number,
  modeArg: number,
  flags = 0,
): void {
  const target = lookUp(context, dirfd, pathArg, howOf(flags));
  chmodTarget(context, target, context.notifications.argUint(modeArg));
}

/** The device or link behind the descriptor in the first argument. */
function targetOfDescriptor(context: Context): Target | undefined {
  const { notifications } = context;
  return behindDescriptor(context, notifications.tid, notifications.argInt(0));
}

export function fchmod(context: Context): void {
  chmodTarget(context, targetOfDescriptor(context), context.notifications.argUint(1));
}

/** An id of -1 is left as it is; only root changes the others. */
function chownTarget(context: Context, target: Target | undefined, idsArg: number): void {
  const { notifications } = context;
  const [newUid, newGid] = [notifications.argInt(idsArg), notifications.argInt(idsArg + 1)];
  changeNode(context, target, (owner, uid) => {
    const wanted = { uid: newUid === -1 ? owner.uid : newUid, gid: newGid === -1 ? owner.gid : newGid };
    if (uid !== 0 && (wanted.uid !== owner.uid || wanted.gid !== owner.gid)) throw new Errno(EPERM);
    Object.assign(owner, wanted);
  });
}

/** chown(), lchown(), fchownat(). */
export function chownPath(
  context: Context,
  dirfd: number,
  pathArg: number,
  idsArg: number,
  flags: number,
): void {
  chownTarget(context, lookUp(context, dirfd, pathArg, howOf(flags)), idsArg);
}

export function fchown(context: Context): void {
  chownTarget(context, targetOfDescriptor(context), 1);
}

/**
 * utimensat() and what came before it. The times of a node are those of /dev/null and do not change; the answer says
 * whether they would: to now for everybody who may write, to another time for the owner only.
 */
export function setTimes(
  context: Context,
  dirfd: number,
  pathArg: number,
  timesArg: number,
  flags: number,
): void {
  // Without a path the descriptor is meant, flags or not.
  const noPath = context.notifications.arg(pathArg) === 0;
  const target = noPath
    ? behindDescriptor(context, context.notifications.tid, dirfd)
    : lookUp(context, dirfd, pathArg, howOf(flags));
  changeNode(context, target, (owner, uid) => {
    if (context.notifications.arg(timesArg) !== 0) allowOwner(owner, uid);
  });
}

/** Only regular files have a length to be changed, and those in /sys have a fixed one. */
export function truncate(context: Context): void {
  const ours = oursOf(lookUp(context, AT_FDCWD, 0));
  if (ours === undefined) context.notifications.continue();
  else throw new Errno(ours.kind === 'device' ? EINVAL : EACCES);
}

/** True if there is a file under the name. */
const exists = (ours: Ours): boolean =>
  ours.kind === 'device' || rawStat(ours.real, AT_SYMLINK_NOFOLLOW) !== undefined;

/** mkdir(), mknod(), symlink() and the like: a name of ours is taken, and /sys makes no files for programs. */
export function createName(context: Context, dirfd: number, pathArg: number): void {
  const ours = oursOf(lookUp(context, dirfd, pathArg, { follow: false }));
  if (ours === undefined) context.notifications.continue();
  else throw new Errno(exists(ours) ? EEXIST : EPERM);
}

/** unlink() and, if it is meant for `directory`, rmdir(). */
export function removeName(context: Context, dirfd: number, pathArg: number, directory: boolean): void {
  const ours = oursOf(lookUp(context, dirfd, pathArg, { follow: false }));
  if (ours === undefined) context.notifications.continue();
  else if (directory && ours.kind === 'device' && isRoot(context)) throw new Errno(ENOTDIR);
  else throw refusal(context);
}

export function unlinkat(context: Context): void {
  const { notifications } = context;
  removeName(context, notifications.argInt(0), 1, (notifications.argUint(2) & AT_REMOVEDIR) !== 0);
}

export interface TwoNames {
  readonly from: number;
  readonly fromArg: number;
  readonly to: number;
  readonly toArg: number;
}

const RENAME_NOREPLACE = 1;

/** rename(): neither may a device go away nor another file take its place. */
export function renameNames(context: Context, names: TwoNames, flags: number): void {
  const from = oursOf(lookUp(context, names.from, names.fromArg, { follow: false }));
  const to = oursOf(lookUp(context, names.to, names.toArg, { follow: false }));
  if (from === undefined && to === undefined) context.notifications.continue();
  else if (to !== undefined && flags & RENAME_NOREPLACE) throw new Errno(EEXIST);
  else throw refusal(context);
}

/** link(): a name of ours is taken, and what has it gets no other one. */
export function linkNames(context: Context, names: TwoNames, flags: number): void {
  const follow = (flags & AT_SYMLINK_FOLLOW) !== 0;
  const to = oursOf(lookUp(context, names.to, names.toArg, { follow: false }));
  if (to !== undefined) throw new Errno(exists(to) ? EEXIST : EPERM);
  const emptyPath = (flags & AT_EMPTY_PATH) !== 0;
  const from = oursOf(lookUp(context, names.from, names.fromArg, { follow, emptyPath }));
  if (from === undefined) context.notifications.continue();
  else throw new Errno(EPERM);
}
