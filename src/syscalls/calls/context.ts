/** What the handlers of the trapped calls share. */
import { EBADF, Errno } from '../../base/errno.ts';
import type { Clock } from '../../base/timers.ts';
import type { Faces } from '../files/faces.ts';
import type { MappingEnds } from '../files/mapping-ends.ts';
import type { OpenFile } from '../files/open-file.ts';
import type { OpenFiles } from '../files/open-files.ts';
import type { Directories } from '../names/directories.ts';
import type { Paths } from '../names/paths.ts';
import type { StandIns } from '../names/stand-ins.ts';
import type { WrittenAttributes } from '../names/written-attributes.ts';
import type { Current } from '../processes/current.ts';
import type { LoweredLimits } from '../processes/lowered-limits.ts';
import type { ProcessMemory } from '../processes/process-memory.ts';
import type { Process, Thread, Threads } from '../processes/threads.ts';
import type { DevEvents } from '../watches/dev-events.ts';
import type { InotifyInstances } from '../watches/inotify-instances.ts';
import type { NodeEvents } from '../watches/node-events.ts';
import type { UeventSockets } from '../watches/uevent-sockets.ts';
import { type AGAIN, type Call, CONTINUE } from '../wire/call.ts';
import type { FdRange } from '../wire/filter.ts';
import type { Notifications } from '../wire/notifications.ts';

export interface Context {
  readonly clock: Clock;
  readonly range: FdRange;
  readonly notifications: Notifications;
  readonly memory: ProcessMemory;
  readonly threads: Threads;
  readonly current: Current;
  readonly files: OpenFiles;
  readonly faces: Faces;
  readonly lowered: LoweredLimits;
  readonly mappingEnds: MappingEnds;
  readonly paths: Paths;
  readonly directories: Directories;
  readonly standIns: StandIns;
  readonly attributes: WrittenAttributes;
  readonly events: NodeEvents;
  readonly devEvents: DevEvents;
  readonly instances: InotifyInstances;
  readonly uevents: UeventSockets;
  /** True while older calls of `process` than the one that is served now wait to be made again ({@link AGAIN}). */
  readonly isPutOff: (process: Process) => boolean;
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

/** Reads what a call points to; false if it cannot be read, which the kernel says itself. */
export function readArgument({ memory }: Context, call: Call, address: number, bytes: Uint8Array): boolean {
  memory.attach(call);
  try {
    memory.read(address, bytes);
    return true;
  } catch (error) {
    if (error instanceof Errno) return false;
    throw error;
  }
}
