/**
 * openat2(): its flags lie in a struct, and unlike open() it refuses those it does not know. A program may also say which
 * ways must not be gone; then the kernel itself goes the way of the program to the directory of a device.
 */
import { ENOENT, Errno } from '../../base/errno.ts';
import { ARCH } from '../../linux/arch.ts';
import { AT_FDCWD, O_CLOEXEC, O_DIRECTORY, O_NOFOLLOW, O_PATH } from '../../linux/constants.ts';
import { close, errno, open, syscall } from '../../linux/libc.ts';
import { allocateNative, putCString } from '../../linux/native-memory.ts';
import { rawReadlink, readlink } from '../../linux/proc-fs.ts';
import { asSeenFrom, directoryOf, MAX_LINKS } from '../names/paths.ts';
import { ForeignView, sharesRoot } from '../names/program-root.ts';
import { type Answer, type Call, CONTINUE } from '../wire/call.ts';
import type { Context } from './context.ts';
import { lookUpLink, lookUpOpened, pathOf, type Target } from './look-up.ts';
import { openTarget } from './open-calls.ts';

/** Of `struct open_how`: where its fields are, what it had at least in every version, and at most to be looked at. */
const FLAGS = 0;
const RESOLVE = 16;
const HOW_SIZE = 24;
const HOW_MAX = 4096;
const RESOLVE_NO_XDEV = 1;
const RESOLVE_NO_SYMLINKS = 4;
const RESOLVE_BENEATH = 8;
const RESOLVE_IN_ROOT = 0x10;
const RESOLVE_CACHED = 0x20;
const SLASH = 0x2f;

const native = allocateNative(3 * HOW_MAX);
/** For a struct of our own. */
const OURS = 2 * HOW_MAX;
const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** Reads `how` of `size` bytes at `address`; false if it is not there, which the kernel says best. */
function readHow({ memory }: Context, call: Call, address: number, size: number): boolean {
  memory.attach(call);
  try {
    memory.read(address, native.bytes.subarray(HOW_MAX, HOW_MAX + size));
    return true;
  } catch {
    return false;
  }
}

/**
 * Asks the kernel what it says to the struct that was read, of `size` bytes, for a device node: for one of its own. The
 * way to it has been gone, and that one may be another mount.
 */
function tryHow(size: number): void {
  const directory = open('/dev', O_PATH | O_CLOEXEC);
  const path = putCString(native, 0, 'null');
  const { view } = native;
  view.setUint32(HOW_MAX + RESOLVE, view.getUint32(HOW_MAX + RESOLVE, true) & ~RESOLVE_NO_XDEV, true);
  const fd = syscall(ARCH.nr.openat2 as number, directory, path, native.address + HOW_MAX, size, 0, 0);
  const failed = fd < 0 ? errno() : 0;
  close(directory);
  if (failed !== 0) throw new Errno(failed);
  close(fd);
}

/** Opens directory `path` from `directory` on, by ways that `resolve` allows; negative with errno set. */
function openParent(directory: number, path: string, resolve: number): number {
  native.bytes.fill(0, OURS, OURS + HOW_SIZE);
  native.view.setUint32(OURS + FLAGS, O_PATH | O_DIRECTORY | O_CLOEXEC, true);
  native.view.setUint32(OURS + RESOLVE, resolve & ~RESOLVE_CACHED, true);
  const nr = ARCH.nr.openat2 as number;
  return syscall(nr, directory, putCString(native, 0, path), native.address + OURS, HOW_SIZE, 0, 0);
}

/** How a program opens a path. */
interface Way {
  readonly dirfd: number;
  readonly resolve: number;
  /** A link at the end is followed. */
  readonly follow: boolean;
}

/** Goes along `path` from `directory` on; the name of the file it leads to, in our root, or why it leads nowhere. */
function goAlong(tid: number, directory: number, path: string, { resolve, follow }: Way): string | Errno {
  let rest = path;
  for (let links = 0; links <= MAX_LINKS; links++) {
    const end = rest.lastIndexOf('/') + 1;
    const name = rest.slice(end);
    const parent = openParent(directory, asSeenFrom(tid, rest.slice(0, end) || '.'), resolve);
    if (parent < 0) return new Errno(errno());
    const where = readlink(`/proc/self/fd/${parent}`) ?? '';
    const link = follow ? rawReadlink(name, parent) : undefined;
    const target = link && decoder.decode(link);
    close(parent);
    if (target === undefined) return `${where}/${name}`;
    rest = target.startsWith('/') ? target : rest.slice(0, end) + target;
  }
  return new Errno(ENOENT);
}

/**
 * The device that a path leads to by ways that are allowed. Undefined if the kernel is to answer: it finds no device there,
 * and knows best why a way is not allowed.
 */
function resolveDevice(context: Context, call: Call, bytes: Uint8Array, way: Way): Target | undefined {
  const path = decoder.decode(bytes);
  const { tid } = call;
  const isScoped = (way.resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT)) !== 0;
  const link = lookUpLink(context, call, way.dirfd, bytes);
  if (link !== undefined && 'leadsTo' in link) return undefined;
  const isShared = sharesRoot(tid);
  // Without a scope an absolute path begins in a root that is not ours.
  if (!isScoped && !isShared) return lookUpOpened(context, call, argument(call), way.follow);
  const start =
    path.startsWith('/') && !isScoped ? AT_FDCWD : open(directoryOf(tid, way.dirfd), O_PATH | O_CLOEXEC);
  const found = goAlong(tid, start, path, way);
  if (start >= 0) close(start);
  if (found instanceof Errno)
    return found.code === ENOENT && !isScoped
      ? lookUpOpened(context, call, argument(call), way.follow)
      : undefined;
  const name = isShared ? found : new ForeignView(tid).nameOf(found);
  const target = name && context.paths.find(tid, AT_FDCWD, encoder.encode(name), false);
  return target && target.kind === 'device' ? target : undefined;
}

const argument = (call: Call) => ({ dirfd: call.int(0), address: call.address(1) });

export function openat2(context: Context, call: Call): Answer {
  const [how, size] = [call.address(2), call.size(3)];
  if (size < HOW_SIZE || size > HOW_MAX || !readHow(context, call, how, size)) return CONTINUE;
  const flags = native.view.getUint32(HOW_MAX + FLAGS, true);
  const resolve = native.view.getUint32(HOW_MAX + RESOLVE, true);
  const follow = (flags & O_NOFOLLOW) === 0 && (resolve & RESOLVE_NO_SYMLINKS) === 0;
  const bytes = resolve === 0 ? undefined : pathOf(context, call, call.address(1))?.slice();
  const isPlain = bytes === undefined || bytes.at(-1) === SLASH;
  const target = isPlain
    ? lookUpOpened(context, call, argument(call), follow)
    : resolveDevice(context, call, bytes, { dirfd: call.int(0), resolve, follow });
  if (target?.kind === 'device') tryHow(size);
  return openTarget(context, call, target, flags);
}
