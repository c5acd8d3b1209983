/** Which call that names a path (or a descriptor as a path would) is served by what, and where its arguments are. */
import { AT_FDCWD, AT_SYMLINK_NOFOLLOW, O_CREAT, O_TRUNC, O_WRONLY } from '../linux/constants.ts';
import type { CallName } from './arch.ts';
import * as changes from './change-calls.ts';
import type { Context } from './context.ts';
import { inotifyAddWatch } from './inotify.ts';
import { openat2 } from './openat2.ts';
import * as pathCalls from './path-calls.ts';
import * as stats from './stat-calls.ts';

export type Handlers = Partial<Record<CallName, () => void>>;

/** Calls that use a file as it is. */
export function pathHandlers(c: Context): Handlers {
  const n = c.notifications;
  return {
    open: () => pathCalls.openPath(c, AT_FDCWD, 0, n.argUint(1)),
    creat: () => pathCalls.openPath(c, AT_FDCWD, 0, O_CREAT | O_WRONLY | O_TRUNC),
    openat: () => pathCalls.openPath(c, n.argInt(0), 1, n.argUint(2)),
    openat2: () => openat2(c),
    stat: () => stats.statPath(c, AT_FDCWD, 0, 1, 0),
    lstat: () => stats.statPath(c, AT_FDCWD, 0, 1, AT_SYMLINK_NOFOLLOW),
    fstat: () => stats.statDescriptor(c),
    newfstatat: () => stats.statPath(c, n.argInt(0), 1, 2, n.argUint(3)),
    statx: () => stats.statPath(c, n.argInt(0), 1, 4, n.argUint(2), n.argUint(3)),
    statfs: () => stats.statfsPath(c),
    fstatfs: () => stats.statfsDescriptor(c),
    access: () => pathCalls.accessPath(c, AT_FDCWD, 0, 1),
    faccessat: () => pathCalls.accessPath(c, n.argInt(0), 1, 2),
    faccessat2: () => pathCalls.accessPath(c, n.argInt(0), 1, 2, n.argUint(3)),
    readlink: () => pathCalls.readlinkPath(c, AT_FDCWD, 0),
    readlinkat: () => pathCalls.readlinkPath(c, n.argInt(0), 1),
    getxattr: () => pathCalls.extendedAttributes(c, true, true),
    lgetxattr: () => pathCalls.extendedAttributes(c, true, false),
    listxattr: () => pathCalls.extendedAttributes(c, false, true),
    llistxattr: () => pathCalls.extendedAttributes(c, false, false),
    inotify_add_watch: () => inotifyAddWatch(c),
    execve: () => pathCalls.exec(c),
    execveat: () => pathCalls.exec(c),
  };
}

/** Calls that change what belongs to a file: mode, owner, times, length. */
export function attributeHandlers(c: Context): Handlers {
  const n = c.notifications;
  return {
    chmod: () => changes.chmodPath(c, AT_FDCWD, 0, 1),
    fchmod: () => changes.fchmod(c),
    fchmodat: () => changes.chmodPath(c, n.argInt(0), 1, 2),
    fchmodat2: () => changes.chmodPath(c, n.argInt(0), 1, 2, n.argUint(3)),
    chown: () => changes.chownPath(c, AT_FDCWD, 0, 1, 0),
    lchown: () => changes.chownPath(c, AT_FDCWD, 0, 1, AT_SYMLINK_NOFOLLOW),
    fchown: () => changes.fchown(c),
    fchownat: () => changes.chownPath(c, n.argInt(0), 1, 2, n.argUint(4)),
    utime: () => changes.setTimes(c, AT_FDCWD, 0, 1, 0),
    utimes: () => changes.setTimes(c, AT_FDCWD, 0, 1, 0),
    futimesat: () => changes.setTimes(c, n.argInt(0), 1, 2, 0),
    utimensat: () => changes.setTimes(c, n.argInt(0), 1, 2, n.argUint(3)),
    truncate: () => changes.truncate(c),
  };
}

/** Calls that make, move or remove a name. */
export function nameHandlers(c: Context): Handlers {
  const n = c.notifications;
  const two = { from: AT_FDCWD, fromArg: 0, to: AT_FDCWD, toArg: 1 };
  const twoAt = () => ({ from: n.argInt(0), fromArg: 1, to: n.argInt(2), toArg: 3 });
  return {
    mkdir: () => changes.createName(c, AT_FDCWD, 0),
    mkdirat: () => changes.createName(c, n.argInt(0), 1),
    mknod: () => changes.createName(c, AT_FDCWD, 0),
    mknodat: () => changes.createName(c, n.argInt(0), 1),
    symlink: () => changes.createName(c, AT_FDCWD, 1),
    symlinkat: () => changes.createName(c, n.argInt(1), 2),
    link: () => changes.linkNames(c, two, 0),
    linkat: () => changes.linkNames(c, twoAt(), n.argUint(4)),
    rename: () => changes.renameNames(c, two, 0),
    renameat: () => changes.renameNames(c, twoAt(), 0),
    renameat2: () => changes.renameNames(c, twoAt(), n.argUint(4)),
    unlink: () => changes.removeName(c, AT_FDCWD, 0, false),
    rmdir: () => changes.removeName(c, AT_FDCWD, 0, true),
    unlinkat: () => changes.unlinkat(c),
  };
}
