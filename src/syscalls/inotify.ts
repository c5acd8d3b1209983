/** inotify_add_watch() on a file of ours. */
import { Errno } from '../base/errno.ts';
import { AT_FDCWD } from '../linux/constants.ts';
import { close, errno, syscall } from '../linux/libc.ts';
import { allocateNative, putCString } from '../linux/native-memory.ts';
import { ARCH } from './arch.ts';
import { type Answer, type Call, CONTINUE } from './call.ts';
import type { Context } from './context.ts';
import { lookUp, type Target } from './look-up.ts';

const IN_DONT_FOLLOW = 0x02000000;

const native = allocateNative(4096);

/** A real file to watch in the place of `target`; undefined if the kernel finds the right one itself. */
function watchable({ paths }: Context, target: Target | undefined): string | undefined {
  if (target?.kind === 'device') return paths.tree.nodeOf(target.device);
  return target?.kind === 'shadow' || target?.kind === 'link' ? target.real : undefined;
}

/** The watch is added to a copy of the program's own descriptor: its events go where the program waits for them. */
export function inotifyAddWatch(context: Context, call: Call): Answer {
  const [inotify, address, mask] = [call.int(0), call.address(1), call.uint(2)];
  const follow = (mask & IN_DONT_FOLLOW) === 0;
  const target = lookUp(context, call, { dirfd: AT_FDCWD, address }, { follow });
  const path = watchable(context, target);
  const process = path === undefined ? undefined : context.threads.get(call)?.process;
  const nr = ARCH.nr.pidfd_getfd as number;
  const fd = process === undefined ? -1 : syscall(nr, process.pidfd, inotify, 0, 0, 0, 0);
  if (path === undefined || fd < 0) return CONTINUE;
  if (target?.kind === 'device') context.events.watch(target.device, context.files.of(target.device));
  const watched = putCString(native, 0, path);
  const watch = syscall(ARCH.nr.inotify_add_watch as number, fd, watched, mask, 0, 0, 0);
  const failed = watch < 0 ? errno() : 0;
  close(fd);
  if (failed !== 0) throw new Errno(failed);
  return watch;
}
