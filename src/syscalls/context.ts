/** What the handlers of the trapped calls share. */
import type { Clock } from '../base/timers.ts';
import type { Directories } from './directories.ts';
import type { Notifications } from './notifications.ts';
import type { OpenFile } from './open-file.ts';
import type { OpenFiles } from './open-files.ts';
import type { Paths } from './paths.ts';
import type { ProcessMemory } from './process-memory.ts';
import type { StandIns } from './stand-ins.ts';
import type { Swaps } from './swaps.ts';
import type { Thread, Threads } from './threads.ts';

export interface Context {
  readonly clock: Clock;
  /** The time at which the current call came in: read once for each call. */
  now: number;
  readonly notifications: Notifications;
  readonly memory: ProcessMemory;
  readonly threads: Threads;
  readonly files: OpenFiles;
  readonly paths: Paths;
  readonly directories: Directories;
  readonly standIns: StandIns;
  readonly swaps: Swaps;
}

/** The open file behind the descriptor in argument `index` and the thread that names it, ready to be served. */
export function fileOfArg(
  context: Context,
  index: number,
): { openFile: OpenFile; thread: Thread } | undefined {
  const { notifications, files, threads, now } = context;
  const openFile = files.find(notifications.tid, notifications.argInt(index), now);
  const thread = openFile && threads.get(notifications.tid, now);
  return openFile === undefined || thread === undefined ? undefined : { openFile, thread };
}
