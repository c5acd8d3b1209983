/** What the handlers of the trapped calls share. */
import { EBADF, Errno } from '../base/errno.ts';
import type { Clock } from '../base/timers.ts';
import { type Call, CONTINUE } from './call.ts';
import type { DevEvents } from './dev-events.ts';
import type { Directories } from './directories.ts';
import type { Faces } from './faces.ts';
import type { FdRange } from './filter.ts';
import type { InotifyInstances } from './inotify-instances.ts';
import type { NodeEvents } from './node-events.ts';
import type { Notifications } from './notifications.ts';
import type { OpenFile } from './open-file.ts';
import type { OpenFiles } from './open-files.ts';
import type { Paths } from './paths.ts';
import type { ProcessMemory } from './process-memory.ts';
import type { StandIns } from './stand-ins.ts';
import type { Thread, Threads } from './threads.ts';

export interface Context {
  readonly clock: Clock;
  readonly range: FdRange;
  readonly notifications: Notifications;
  readonly memory: ProcessMemory;
  readonly threads: Threads;
  readonly files: OpenFiles;
  readonly faces: Faces;
  readonly paths: Paths;
  readonly directories: Directories;
  readonly standIns: StandIns;
  readonly events: NodeEvents;
  readonly devEvents: DevEvents;
  readonly instances: InotifyInstances;
}

/** The open file behind descriptor `fd` of the caller and the thread that names it, ready to be served. */
export function fileOf(
  { files, threads }: Context,
  call: Call,
  fd: number,
): { openFile: OpenFile; thread: Thread } | undefined {
  const openFile = files.find(call, fd);
  const thread = openFile && threads.get(call);
  return openFile === undefined || thread === undefined ? undefined : { openFile, thread };
}

/**
 * The answer to a call on a descriptor that is no open file of ours: the kernel knows it, unless it stands for one that
 * only names something. Of such a descriptor nothing can be asked.
 */
export function notOpen({ standIns }: Context, call: Call, fd: number): typeof CONTINUE {
  if (standIns.find(call.tid, fd) !== undefined) throw new Errno(EBADF);
  return CONTINUE;
}
