/** openat2(): its flags lie in a struct, and unlike open() it refuses those it does not know. */
import { Errno } from '../base/errno.ts';
import { O_CLOEXEC, O_NOFOLLOW, O_PATH } from '../linux/constants.ts';
import { close, errno, open, syscall } from '../linux/libc.ts';
import { allocateNative, putCString } from '../linux/native-memory.ts';
import { ARCH } from './arch.ts';
import { type Answer, type Call, CONTINUE } from './call.ts';
import type { Context } from './context.ts';
import { lookUpOpened, pathOf } from './look-up.ts';
import { openTarget } from './open-calls.ts';

/** Of `struct open_how`: where its fields are, what it had at least in every version, and at most to be looked at. */
const FLAGS = 0;
const RESOLVE = 16;
const HOW_SIZE = 24;
const HOW_MAX = 4096;
const RESOLVE_NO_SYMLINKS = 4;
const RESOLVE_IN_ROOT = 0x10;
const SLASH = 0x2f;

const native = allocateNative(2 * HOW_MAX);

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
 * Asks the kernel what it says to `how`, of `size` bytes, for a device node: for one of its own, that is found
 * in the same way as the program's.
 */
function tryHow(size: number, absolute: boolean): void {
  const directory = open(absolute ? '/' : '/dev', O_PATH | O_CLOEXEC);
  const path = putCString(native, 0, absolute ? '/dev/null' : 'null');
  const fd = syscall(ARCH.nr.openat2 as number, directory, path, native.address + HOW_MAX, size, 0, 0);
  const failed = fd < 0 ? errno() : 0;
  close(directory);
  if (failed !== 0) throw new Errno(failed);
  close(fd);
}

export function openat2(context: Context, call: Call): Answer {
  const [dirfd, address, how, size] = [call.int(0), call.address(1), call.address(2), call.size(3)];
  if (size < HOW_SIZE || size > HOW_MAX || !readHow(context, call, how, size)) return CONTINUE;
  const flags = native.view.getUint32(HOW_MAX + FLAGS, true);
  const resolve = native.view.getUint32(HOW_MAX + RESOLVE, true);
  const follow = (flags & O_NOFOLLOW) === 0 && (resolve & RESOLVE_NO_SYMLINKS) === 0;
  const target = lookUpOpened(context, call, { dirfd, address }, follow);
  // With another root the path means another file.
  if (target === undefined || resolve & RESOLVE_IN_ROOT) return CONTINUE;
  if (target.kind === 'device') tryHow(size, pathOf(context, call, address)?.[0] === SLASH);
  return openTarget(context, call, target, flags);
}
