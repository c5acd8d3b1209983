/** Looks through the descriptors of everything that is served. */

import { descendants, deviceOf, fdsOf, hasFdsInFlight, inodeOf } from '../../linux/proc-fs.ts';
import type { FileIds } from './file-ids.ts';
import type { OpenFile } from './open-file.ts';

/** Descriptor `fd` of process `pid`. */
export interface Sighting {
  readonly pid: number;
  readonly fd: number;
}

/**
 * Who has `wanted`, apart from descriptors that are `leftOut` because they are about to close; `in flight` if nobody has
 * it but some descriptor is on its way between programs, in no table: it may be that one. What the scan cannot see (a
 * process that may not be looked at, one that is born meanwhile) the kernel itself tells of when we let the file go.
 */
export function whoHas(
  wanted: OpenFile,
  ids: FileIds,
  leftOut: (pid: number, fd: number) => boolean,
): readonly Sighting[] | 'in flight' {
  const found: Sighting[] = [];
  const sockets: Sighting[] = [];
  // A poll face is a socket.
  const socketDevice = deviceOf(wanted.inode);
  for (const pid of descendants(process.pid)) {
    for (const fd of fdsOf(pid)) {
      // Asked first: a call that is under way may be over when we have looked.
      if (leftOut(pid, fd)) continue;
      const inode = inodeOf(pid, fd);
      if (inode === undefined) continue;
      const openFile = ids.identify(inode, pid, fd);
      if (openFile === wanted) found.push({ pid, fd });
      else if (openFile === undefined && deviceOf(inode) === socketDevice) sockets.push({ pid, fd });
    }
  }
  if (found.length > 0) return found;
  return sockets.some(({ pid, fd }) => hasFdsInFlight(pid, fd)) ? 'in flight' : found;
}
