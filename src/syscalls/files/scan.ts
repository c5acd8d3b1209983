/** Looks through the descriptors of everything that is served. */

import { descendants, deviceOf, fdsOf, hasFdsInFlight, inodeOf } from '../../linux/proc-fs.ts';
import type { FileIds } from './file-ids.ts';
import type { OpenFile } from './open-file.ts';

/** Descriptor `fd` of process `pid`, in the table of its thread `tid`. */
export interface Sighting {
  readonly pid: number;
  readonly tid: number;
  readonly fd: number;
}

/**
 * Who has `wanted`, apart from descriptors that are `leftOut` because they are about to close; `tablesOf` are the threads of a
 * process that have all of its tables of descriptors. `in flight` if nobody has
 * it but some descriptor is on its way between programs, in no table: it may be that one. What the scan cannot see (a
 * process that may not be looked at, one that is born meanwhile) the kernel itself tells of when we let the file go.
 */
export function whoHas(
  wanted: OpenFile,
  ids: FileIds,
  tablesOf: (pid: number) => readonly number[],
  leftOut: (sighting: Sighting) => boolean,
): readonly Sighting[] | 'in flight' {
  const found: Sighting[] = [];
  const sockets: Sighting[] = [];
  // A poll face is a socket.
  const socketDevice = deviceOf(wanted.inode);
  for (const sighting of sightings(tablesOf)) {
    // Asked first: a call that is under way may be over when we have looked.
    if (leftOut(sighting)) continue;
    const { tid, fd } = sighting;
    const inode = inodeOf(tid, fd);
    if (inode === undefined) continue;
    const openFile = ids.identify(inode, tid, fd);
    if (openFile === wanted) found.push(sighting);
    else if (openFile === undefined && deviceOf(inode) === socketDevice) sockets.push(sighting);
  }
  if (found.length > 0) return found;
  return sockets.some(({ tid, fd }) => hasFdsInFlight(tid, fd)) ? 'in flight' : found;
}

function* sightings(tablesOf: (pid: number) => readonly number[]): Generator<Sighting> {
  for (const pid of descendants(process.pid))
    for (const tid of tablesOf(pid)) for (const fd of fdsOf(tid)) yield { pid, tid, fd };
}
