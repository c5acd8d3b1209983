/**
 * In which root and namespaces a program lives. We look paths up in our own root and with our own rights, and a program
 * may have others (chroot, a mount namespace, a user that was given up): what it gets from us must lie in its own root
 * and be there for everybody. All of this is asked only when something of ours was found.
 */

import { ARCH } from '../../linux/arch.ts';
import {
  AT_EMPTY_PATH,
  AT_FDCWD,
  O_CLOEXEC,
  O_DIRECTORY,
  O_NOFOLLOW,
  O_PATH,
} from '../../linux/constants.ts';
import { close, open, syscall } from '../../linux/libc.ts';
import { allocateNative, putCString } from '../../linux/native-memory.ts';
import { namespaceIds, rawReadlink, readlink } from '../../linux/proc-fs.ts';

const native = allocateNative(16384);
const RESULT = 8192;
const HOW = 12288;
const HOW_SIZE = 24;

/** statx(): what it is asked for, and where it answers. */
const STATX_INO = 0x100;
const STATX_MNT_ID = 0x1000;
const STATX = { mask: 0, mode: 28, inode: 32, major: 136, minor: 140, mount: 144 } as const;

/** openat2(): absolute paths and links begin in the directory, and names in /proc lead nowhere. */
const RESOLVE_NO_MAGICLINKS = 2;
const RESOLVE_IN_ROOT = 0x10;

const OTHERS_READ = 4;
const OTHERS_SEARCH = 1;

const decoder = new TextDecoder();

function statx(directory: number, path: string, flags: number): boolean {
  const address = putCString(native, 0, path);
  const mask = STATX_INO | STATX_MNT_ID;
  const nr = ARCH.nr.statx as number;
  return syscall(nr, directory, address, flags, mask, native.address + RESULT, 0) === 0;
}

const field = (at: number): number => native.view.getUint32(RESULT + at, true);

/** Which directory of which mount the root of `task` is. No mount is in two namespaces, so that tells these apart too. */
function rootOf(task: number | 'self'): string | undefined {
  if (!statx(AT_FDCWD, `/proc/${task}/root`, 0) || (field(STATX.mask) & STATX_MNT_ID) === 0) return undefined;
  const { inode, major, minor, mount } = STATX;
  return [inode, inode + 4, major, minor, mount, mount + 4].map(field).join();
}

const ourRoot = rootOf('self');

/** True if the paths of thread `tid` lead where ours do; false also if nobody lets us look. */
export function sharesRoot(tid: number): boolean {
  return ourRoot !== undefined && rootOf(tid) === ourRoot;
}

/**
 * Whom thread `tid` means by the number `pid` in its /proc; undefined if that is not certain. It is the /proc of our own
 * namespace if we have our own number there; in another one a process knows itself, at least.
 */
export function processMeantBy(tid: number, pid: number): number | undefined {
  if (readlink(`/proc/${tid}/root/proc/self`) === String(process.pid)) return pid;
  return namespaceIds(tid).at(-1) === pid ? tid : undefined;
}

function openAt(directory: number, path: string, flags: number): number {
  const address = putCString(native, 0, path);
  const nr = ARCH.nr.openat as number;
  return syscall(nr, directory, address, flags | O_NOFOLLOW | O_CLOEXEC, 0, 0, 0);
}

/** True if everybody has the `rights` to what is open as `fd`. */
function isForAll(fd: number, rights: number): boolean {
  return (
    statx(fd, '', AT_EMPTY_PATH) && (native.view.getUint16(RESULT + STATX.mode, true) & rights) === rights
  );
}

/**
 * Opens directory `path` in the root of thread `tid`; -1 if it is not there, if not everybody may list it, or if the way
 * leads through a link: an absolute one would leave that root.
 */
export function openDirectoryIn(tid: number, path: string, flags: number): number {
  let directory = open(`/proc/${tid}/root`, O_PATH | O_DIRECTORY | O_CLOEXEC);
  const names = path.split('/').filter((name) => name !== '');
  for (const [i, name] of names.entries()) {
    if (directory < 0) return -1;
    const isLast = i === names.length - 1;
    const allowed = isForAll(directory, OTHERS_SEARCH);
    const next = allowed ? openAt(directory, name, isLast ? flags | O_DIRECTORY : O_PATH | O_DIRECTORY) : -1;
    close(directory);
    directory = next;
  }
  if (directory < 0 || isForAll(directory, OTHERS_READ | OTHERS_SEARCH)) return directory;
  close(directory);
  return -1;
}

/** How links are read and directories found for a program. */
export interface PathView {
  /** Where the link at `path` leads, as it is written; undefined if there is none. */
  readlink(path: string): string | undefined;
  /** Directory `path` without links; undefined if there is none. */
  realDirectory(path: string): string | undefined;
}

const parentOf = (path: string): string => path.slice(0, path.lastIndexOf('/')) || '/';

/** The paths of a thread whose root is another one than ours. */
export class ForeignView implements PathView {
  readonly #tid: number;
  /** How we call its root, without a slash at the end. */
  readonly #name: string;

  constructor(tid: number) {
    this.#tid = tid;
    this.#name = (readlink(`/proc/${tid}/root`) ?? '').replace(/\/$/, '');
  }

  /** What the thread calls a file that is named `path` by a link in our /proc; undefined if it is not in its root. */
  nameOf(path: string): string | undefined {
    if (path === this.#name) return '/';
    return path.startsWith(`${this.#name}/`) ? path.slice(this.#name.length) : undefined;
  }

  readlink(path: string): string | undefined {
    return this.#inDirectory(parentOf(path), (directory) => {
      const name = path.slice(path.lastIndexOf('/') + 1);
      const bytes = rawReadlink(name, directory);
      return bytes && decoder.decode(bytes);
    });
  }

  realDirectory(path: string): string | undefined {
    return this.#inDirectory(path, (directory) => {
      const name = readlink(`/proc/self/fd/${directory}`);
      return name === undefined ? undefined : this.nameOf(name);
    });
  }

  #inDirectory<T>(path: string, use: (directory: number) => T): T | undefined {
    const root = open(`/proc/${this.#tid}/root`, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (root < 0) return undefined;
    const address = putCString(native, 0, path);
    native.bytes.fill(0, HOW, HOW + HOW_SIZE);
    native.view.setUint32(HOW, O_PATH | O_DIRECTORY | O_CLOEXEC, true);
    native.view.setUint32(HOW + 16, RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS, true);
    const nr = ARCH.nr.openat2 as number;
    const directory = syscall(nr, root, address, native.address + HOW, HOW_SIZE, 0, 0);
    close(root);
    if (directory < 0) return undefined;
    const result = use(directory);
    close(directory);
    return result;
  }
}
