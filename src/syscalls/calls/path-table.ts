/** Which call that names a path (or a descriptor as a path would) is served by what, and where its arguments are. */

import type { CallName } from '../../linux/arch.ts';
import { AT_FDCWD, AT_SYMLINK_NOFOLLOW, O_CREAT, O_TRUNC, O_WRONLY } from '../../linux/constants.ts';
import { isKnown } from '../../linux/known-calls.ts';
import type { Answer, Call } from '../wire/call.ts';
import * as changes from './change-calls.ts';
import type { Context } from './context.ts';
import {
  type AttributeUse,
  attributesAt,
  attributesOfPath,
  fileAttributesAt,
} from './extended-attributes.ts';
import { inotifyAddWatch, inotifyInit } from './inotify.ts';
import type { PathArgument } from './look-up.ts';
import * as mounts from './mount-calls.ts';
import { openPath } from './open-calls.ts';
import { openat2 } from './openat2.ts';
import * as paths from './path-calls.ts';
import { setTimes } from './set-times.ts';
import * as stats from './stat-calls.ts';

export type Serve = (call: Call) => Answer;
export type Handlers = Partial<Record<CallName, Serve>>;

/** The path in argument `index`, from the current directory. */
const path = (call: Call, index: number): PathArgument => ({ dirfd: AT_FDCWD, address: call.address(index) });

/** The path in argument `index`, from the directory in the argument before it. */
const pathAt = (call: Call, index: number): PathArgument => ({
  dirfd: call.int(index - 1),
  address: call.address(index),
});

/** User and group in argument `index` and the next one. */
const ids = (call: Call, index: number): changes.Ids => ({ uid: call.int(index), gid: call.int(index + 1) });

/** Calls that use a file as it is. */
export function pathHandlers(c: Context): Handlers {
  const attributes = (use: AttributeUse, follow: boolean) => (call: Call) =>
    attributesOfPath(c, call, path(call, 0), use, follow);
  const attributesFrom = (use: AttributeUse, name: CallName) => (call: Call) =>
    attributesAt(c, call, pathAt(call, 1), use, isKnown(name));
  return {
    open: (call) => openPath(c, call, path(call, 0), call.uint(1)),
    creat: (call) => openPath(c, call, path(call, 0), O_CREAT | O_WRONLY | O_TRUNC),
    openat: (call) => openPath(c, call, pathAt(call, 1), call.uint(2)),
    openat2: (call) => openat2(c, call),
    stat: (call) => stats.statPath(c, call, path(call, 0), call.address(1), 0),
    lstat: (call) => stats.statPath(c, call, path(call, 0), call.address(1), AT_SYMLINK_NOFOLLOW),
    fstat: (call) => stats.statDescriptor(c, call),
    newfstatat: (call) => stats.statPath(c, call, pathAt(call, 1), call.address(2), call.uint(3)),
    statx: (call) => stats.statPath(c, call, pathAt(call, 1), call.address(4), call.uint(2), call.uint(3)),
    statfs: (call) => stats.statfsPath(c, call),
    fstatfs: (call) => stats.statfsDescriptor(c, call),
    access: (call) => paths.accessPath(c, call, path(call, 0), call.uint(1)),
    faccessat: (call) => paths.accessPath(c, call, pathAt(call, 1), call.uint(2)),
    faccessat2: (call) => paths.accessPath(c, call, pathAt(call, 1), call.uint(2), call.uint(3)),
    readlink: (call) => paths.readlinkPath(c, call, path(call, 0), call.address(1), call.int(2)),
    readlinkat: (call) => paths.readlinkPath(c, call, pathAt(call, 1), call.address(2), call.int(3)),
    chdir: (call) => paths.chdir(c, call),
    getxattr: attributes('get', true),
    lgetxattr: attributes('get', false),
    listxattr: attributes('list', true),
    llistxattr: attributes('list', false),
    setxattr: attributes('set', true),
    lsetxattr: attributes('set', false),
    removexattr: attributes('remove', true),
    lremovexattr: attributes('remove', false),
    getxattrat: attributesFrom('get', 'getxattrat'),
    listxattrat: attributesFrom('list', 'listxattrat'),
    setxattrat: attributesFrom('set', 'setxattrat'),
    removexattrat: attributesFrom('remove', 'removexattrat'),
    file_getattr: (call) => fileAttributesAt(c, call, pathAt(call, 1), 'get', isKnown('file_getattr')),
    file_setattr: (call) => fileAttributesAt(c, call, pathAt(call, 1), 'set', isKnown('file_setattr')),
    inotify_init: (call) => inotifyInit(c, call, 0),
    inotify_init1: (call) => inotifyInit(c, call, call.uint(0)),
    inotify_add_watch: (call) => inotifyAddWatch(c, call),
    chroot: (call) => mounts.chroot(c, call),
    mount: (call) => mounts.mount(c, call),
    umount2: (call) => mounts.unmount(c, call),
    pivot_root: () => mounts.rootChanges(c),
    setns: () => mounts.rootChanges(c),
    move_mount: () => mounts.rootChanges(c),
    execve: (call) => paths.exec(c, call, path(call, 0)),
    execveat: (call) => paths.exec(c, call, pathAt(call, 1), call.uint(4)),
  };
}

/** Calls that change what belongs to a file: mode, owner, times, length. */
export function attributeHandlers(c: Context): Handlers {
  return {
    chmod: (call) => changes.chmodPath(c, call, path(call, 0), call.uint(1)),
    fchmod: (call) => changes.fchmod(c, call),
    fchmodat: (call) => changes.chmodPath(c, call, pathAt(call, 1), call.uint(2)),
    fchmodat2: (call) => changes.chmodPath(c, call, pathAt(call, 1), call.uint(2), call.uint(3)),
    chown: (call) => changes.chownPath(c, call, path(call, 0), ids(call, 1), 0),
    lchown: (call) => changes.chownPath(c, call, path(call, 0), ids(call, 1), AT_SYMLINK_NOFOLLOW),
    fchown: (call) => changes.fchown(c, call, ids(call, 1)),
    fchownat: (call) => changes.chownPath(c, call, pathAt(call, 1), ids(call, 2), call.uint(4)),
    utime: (call) => setTimes(c, call, path(call, 0), { address: call.address(1), unit: 's' }),
    utimes: (call) => setTimes(c, call, path(call, 0), { address: call.address(1), unit: 'us' }),
    futimesat: (call) => setTimes(c, call, pathAt(call, 1), { address: call.address(2), unit: 'us' }),
    utimensat: (call) =>
      setTimes(c, call, pathAt(call, 1), { address: call.address(2), unit: 'ns' }, call.uint(3)),
    truncate: (call) => changes.truncate(c, call),
  };
}

/** Calls that make, move or remove a name. */
export function nameHandlers(c: Context): Handlers {
  const rename = (call: Call, from: PathArgument, to: PathArgument, flags: number) =>
    changes.renameNames(c, call, from, to, flags);
  return {
    mkdir: (call) => changes.createName(c, call, path(call, 0)),
    mkdirat: (call) => changes.createName(c, call, pathAt(call, 1)),
    mknod: (call) => changes.createName(c, call, path(call, 0)),
    mknodat: (call) => changes.createName(c, call, pathAt(call, 1)),
    symlink: (call) => changes.createName(c, call, path(call, 1)),
    symlinkat: (call) => changes.createName(c, call, pathAt(call, 2)),
    link: (call) => changes.linkNames(c, call, path(call, 0), path(call, 1), 0),
    linkat: (call) => changes.linkNames(c, call, pathAt(call, 1), pathAt(call, 3), call.uint(4)),
    rename: (call) => rename(call, path(call, 0), path(call, 1), 0),
    renameat: (call) => rename(call, pathAt(call, 1), pathAt(call, 3), 0),
    renameat2: (call) => rename(call, pathAt(call, 1), pathAt(call, 3), call.uint(4)),
    unlink: (call) => changes.removeName(c, call, path(call, 0), false),
    rmdir: (call) => changes.removeName(c, call, path(call, 0), true),
    bind: (call) => changes.bindName(c, call),
    unlinkat: (call) => changes.removeNameAt(c, call, pathAt(call, 1), call.uint(2)),
  };
}
