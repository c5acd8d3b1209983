/** The calls of inotify: a file of ours is watched by a real one in its place. */
import { Errno } from '../../base/errno.ts';
import { ARCH } from '../../linux/arch.ts';
import { AT_FDCWD } from '../../linux/constants.ts';
import { errno, syscall } from '../../linux/libc.ts';
import { allocateNative, putCString } from '../../linux/native-memory.ts';
import { sharesRoot } from '../names/program-root.ts';
import { type Answer, type Call, CONTINUE } from '../wire/call.ts';
import type { Context } from './context.ts';
import { lookUp, type Target } from './look-up.ts';

const IN_DONT_FOLLOW = 0x02000000;

const native = allocateNative(4096);

export function inotifyInit({ instances }: Context, call: Call, flags: number): Answer {
  return instances.make(call, flags);
}

/** From now on the open files of all devices do what is seen by who watches /dev. */
function watchDev({ paths, events, files, devEvents }: Context, mask: number): string | undefined {
  for (const device of paths.devices) events.watch(device, files.of(device));
  return devEvents.watch(mask);
}

/** A real file to watch in the place of `target`; undefined if the kernel finds the right one itself. */
function watchable(context: Context, call: Call, target: Target | undefined): string | undefined {
  const { paths, events, files } = context;
  if (target?.kind === 'device') {
    events.watch(target.device, files.of(target.device));
    return paths.tree.nodeOf(target.device);
  }
  // With another root /dev is another directory.
  if (target?.kind === 'directory' && target.path === '/dev' && sharesRoot(call.tid))
    return watchDev(context, call.uint(2));
  return target?.kind === 'shadow' || target?.kind === 'link' ? target.real : undefined;
}

/** The watch is added to the program's own instance: its events go where the program waits for them. */
export function inotifyAddWatch(context: Context, call: Call): Answer {
  const [fd, address, mask] = [call.int(0), call.address(1), call.uint(2)];
  const follow = (mask & IN_DONT_FOLLOW) === 0;
  const target = lookUp(context, call, { dirfd: AT_FDCWD, address }, { follow });
  const owner = target && context.threads.get(call)?.process;
  if (owner === undefined) return CONTINUE;
  const watch = context.instances.withCopy(owner, call.tid, fd, (instance) => {
    const path = watchable(context, call, target);
    if (path === undefined) return undefined;
    const nr = ARCH.nr.inotify_add_watch as number;
    const added = syscall(nr, instance, putCString(native, 0, path), mask, 0, 0, 0);
    if (added < 0) throw new Errno(errno());
    return added;
  });
  return watch ?? CONTINUE;
}
