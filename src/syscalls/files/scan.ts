/** Looks through the descriptors of everything that is served. */

import type { Clock } from '../../base/timers.ts';
import { descendants, deviceOf, fdsOf, hasFdsInFlight, inodeOf } from '../../linux/proc-fs.ts';
import type { Threads } from '../processes/threads.ts';
import type { FileIds } from './file-ids.ts';
import type { OpenFile } from './open-file.ts';

/** Descriptor `fd` of process `pid`, in the table of its thread `tid`. */
export interface Sighting {
  readonly pid: number;
  readonly tid: number;
  readonly fd: number;
}

export class Scan {
  readonly #clock: Clock;
  readonly #threads: Threads;
  readonly #ids: FileIds;

  constructor(clock: Clock, threads: Threads, ids: FileIds) {
    this.#clock = clock;
    this.#threads = threads;
    this.#ids = ids;
  }

  /**
   * Who has `wanted`, apart from descriptors that are `leftOut` because they are about to close. `in flight` if nobody has it
   * but some descriptor is on its way between programs, in no table: it may be that one. What the scan cannot see (a
   * process that may not be looked at, one that is born meanwhile) the kernel itself tells of when we let the file go.
   */
  whoHas(
    wanted: OpenFile,
    leftOut: (sighting: Sighting) => boolean = () => false,
  ): readonly Sighting[] | 'in flight' {
    const began = this.#clock.now();
    const found: Sighting[] = [];
    const sockets: Sighting[] = [];
    // A poll face is a socket.
    const socketDevice = deviceOf(wanted.inode);
    for (const sighting of this.#sightings()) {
      // Asked first: a call that is under way may be over when we have looked.
      if (this.#isClosing(sighting) || leftOut(sighting)) continue;
      const { tid, fd } = sighting;
      const inode = inodeOf(tid, fd);
      if (inode === undefined) continue;
      const openFile = this.#ids.identify(inode, tid, fd);
      if (openFile === wanted) found.push(sighting);
      else if (openFile === undefined && deviceOf(inode) === socketDevice) sockets.push(sighting);
    }
    wanted.seeking.looked(began, this.#clock.now());
    if (found.length > 0) return found;
    return sockets.some(({ tid, fd }) => hasFdsInFlight(tid, fd)) ? 'in flight' : found;
  }

  *#sightings(): Generator<Sighting> {
    for (const pid of descendants(process.pid))
      for (const tid of this.#threads.tablesOf(pid)) for (const fd of fdsOf(tid)) yield { pid, tid, fd };
  }

  /** In one of several tables it may stay. */
  #isClosing({ pid, fd }: Sighting): boolean {
    const process = this.#threads.processes.get(pid);
    return process?.isSplit === false && process.isChanging(fd);
  }
}
