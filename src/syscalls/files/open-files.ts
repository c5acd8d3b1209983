/**
 * All open files of the door: which descriptor is which, and when the last one is gone.
 *
 * We hold a descriptor of every poll face ourselves, to take back what it shows, so the kernel does not tell us of the
 * last close by itself. What we know of who has a file (opens, closes, copies, the ends of processes) says when nobody
 * seems to have it. Then we let it go too, and the kernel has the last word: the connection ends when there is no
 * descriptor left, and only then the file is released. If it does not end, somebody has the file whom we did not see: the
 * tables of all programs are looked through, and we take a descriptor back from him.
 */
import { Errno } from '../../base/errno.ts';
import { type Clock, Timer } from '../../base/timers.ts';
import { type InodeKey, inodeOf, isCloexec, mayCopyDescriptors } from '../../linux/proc-fs.ts';
import type { CharDevice } from '../../vfs/file.ts';
import { releasePoint } from '../../vfs/trace.ts';
import type { Process, Threads } from '../processes/threads.ts';
import type { Call } from '../wire/call.ts';
import type { FdRange } from '../wire/filter.ts';
import { FaceUpdates } from './face-updates.ts';
import type { Faces } from './faces.ts';
import type { FileIds } from './file-ids.ts';
import { stillOpen } from './last-close.ts';
import { dropLocks } from './node-locks.ts';
import { OpenFile } from './open-file.ts';
import { Scan, type Sighting } from './scan.ts';

/** How often we look at descriptors whose end nobody tells: soon after something has happened, then less and less. */
const FIRST_LOOK_MS = 1;
const LAST_LOOK_MS = 50;

export interface FilesDoor {
  /** Is told of files whose last descriptor is gone. */
  readonly released: (openFile: OpenFile) => void;
  /** When the connection of which we have the end `far` has ended, {@link OpenFiles.noticeEnds} is to be called. */
  readonly awaitEnd: (far: number) => void;
}

export class OpenFiles {
  readonly #clock: Clock;
  readonly #threads: Threads;
  readonly #ids: FileIds;
  readonly #faces: Faces;
  readonly #range: FdRange;
  readonly #files = new Set<OpenFile>();
  /** Files that we have let go and whose end has not come. */
  readonly #ending = new Set<OpenFile>();
  /** Those among them that may be on their way between programs, whoever gets them tells nobody. */
  readonly #inFlight = new Set<OpenFile>();
  /** Files that have ended but for threads that sleep in a call on them. */
  readonly #unreferenced = new Set<OpenFile>();
  /** Files with a descriptor whose end nobody tells. */
  readonly #watched = new Set<OpenFile>();
  readonly #timer = new Timer(() => this.#lookAgain());
  #interval = FIRST_LOOK_MS;
  readonly #door: FilesDoor;
  readonly #scan: Scan;
  /** What is let go and not gone could not be taken back: first all programs are looked through. */
  readonly #mustSeekFirst = !mayCopyDescriptors();
  readonly updates: FaceUpdates;

  constructor(clock: Clock, threads: Threads, ids: FileIds, faces: Faces, range: FdRange, door: FilesDoor) {
    this.#door = door;
    this.#clock = clock;
    this.updates = new FaceUpdates(clock, (openFile) => this.#lookAt([openFile]));
    this.#threads = threads;
    this.#scan = new Scan(clock, threads, ids);
    this.#ids = ids;
    this.#faces = faces;
    this.#range = range;
  }

  get size(): number {
    return this.#files.size;
  }

  /** All open files of `device`. */
  of(device: CharDevice): OpenFile[] {
    return [...this.#files].filter(({ file }) => file.device === device);
  }

  /** Opens `device` with the `flags` of open(2); the file belongs to nobody until {@link hold} or {@link discard}. */
  open(device: CharDevice, flags: number): OpenFile {
    this.settle();
    const openFile = new OpenFile(device, flags);
    this.updates.follow(openFile);
    this.#files.add(openFile);
    this.#ids.addFace(openFile);
    return openFile;
  }

  /** `process` has `openFile` as descriptor `fd` from now on. */
  hold(openFile: OpenFile, process: Process, fd: number): void {
    const fds = openFile.holders.get(process) ?? new Set<number>();
    openFile.holders.set(process, fds.add(fd));
    openFile.seeking.reset();
    // How it is waited for under an ordinary number, or when it is closed, nobody tells.
    if (!this.#range.has(fd)) openFile.edges = true;
    else if (process.remember(fd, openFile)) return;
    this.watch(openFile);
  }

  /** What descriptor `fd` of the caller is, with its poll face in place; undefined if it is none of ours. */
  find(call: Call, fd: number): OpenFile | undefined {
    const known = this.#threads.find(call)?.process.known(fd);
    if (known !== undefined || this.#files.size === 0) return known;
    const inode = inodeOf(call.tid, fd);
    const openFile = inode === undefined ? undefined : this.#ids.identify(inode, call.tid, fd);
    const process = openFile && this.#threads.get(call)?.process;
    if (openFile === undefined || process === undefined) return undefined;
    if (openFile.isLetGo) this.#takeBack(openFile, call.tid, fd);
    this.hold(openFile, process, fd);
    if (inode !== openFile.inode) {
      this.#faces.misplaced(process, fd, openFile);
      this.#faces.putBack(call, process);
    }
    return openFile;
  }

  /** What descriptor `fd` of thread `tid` is, for those who only ask; undefined if it is none of ours. */
  identify(tid: number, fd: number): OpenFile | undefined {
    return this.#ids.find(tid, fd);
  }

  /** Our descriptor `fd` is memory that will be seen in the place of `openFile`. */
  addMemory(fd: number, openFile: OpenFile): void {
    const inode = inodeOf(process.pid, fd);
    if (inode !== undefined) this.#ids.addMemory(inode, openFile);
  }

  /** Memory with `inode`, of which there was one mapping in the place of `openFile`, is nowhere any more. */
  memoryEnded(inode: InodeKey, openFile: OpenFile): void {
    this.#ids.removeMemory(inode, openFile);
    this.#lookAt([openFile]);
    this.noticeEnds();
  }

  /** The kernel is about to close `fds` of the caller: files that nobody else has come to their end. */
  closing(call: Call, process: Process, fds: readonly number[]): void {
    const files = new Set<OpenFile>();
    const { tid } = call;
    for (const fd of fds) {
      const openFile = process.known(fd) ?? this.#ids.find(tid, fd);
      process.changes(fd, call, () => this.#ids.find(tid, fd) === openFile);
      if (openFile === undefined) continue;
      this.#drop(openFile, process, fd);
      files.add(openFile);
    }
    const table = process.isSplit ? tid : process.tgid;
    const leftOut = (sighting: Sighting) => sighting.tid === table && fds.includes(sighting.fd);
    for (const openFile of files) {
      this.#endIfLast(openFile, leftOut);
      // Who has the same table seems to have it until the call has been carried out.
      if (process.isSplit && !openFile.isLetGo) this.watch(openFile);
    }
  }

  /** A thread of `process` is about to have a table of descriptors of its own: when that goes nobody tells. */
  splitting(process: Process): void {
    process.split();
    for (const [openFile] of this.#heldBy(process)) this.watch(openFile);
  }

  /** `process` executes another program: its descriptors may close, when that has succeeded. */
  executing(process: Process): void {
    for (const [openFile, fds] of this.#heldBy(process))
      if ([...fds].some((fd) => isCloexec(process.tgid, fd))) this.watch(openFile);
  }

  /** `process` has executed another program, or failed to. */
  executed(process: Process): void {
    for (const [openFile, fds] of this.#heldBy(process)) {
      this.#lookAt([openFile]);
      if (openFile.isLetGo) continue;
      // What it has kept is what it had.
      for (const fd of fds) if (!this.#hasAs(openFile, process, fd)) this.#drop(openFile, process, fd);
    }
    this.noticeEnds();
  }

  /** `process` has ended. */
  ended(process: Process): void {
    const files = this.#heldBy(process).map(([openFile]) => openFile);
    for (const openFile of files) {
      openFile.holders.delete(process);
      dropLocks(openFile.file.device, process);
    }
    for (const openFile of files) this.#endIfLast(openFile);
    this.noticeEnds();
  }

  /**
   * Looks now at files whose state is in doubt, before somebody depends on it; with `device` at all that it has open, for a
   * filter does not see every close (not those through io_uring, by clone3() or by the 32-bit door of the kernel).
   */
  settle(device?: CharDevice): void {
    const doubtful = [...this.#watched, ...(device ? this.of(device) : [])];
    // Whether one that was let go has ended the kernel says; who has it all the same makes no difference here.
    this.#lookAt(doubtful.filter(({ isLetGo }) => !isLetGo));
    this.noticeEnds();
  }

  /** Releases the files whose last descriptor is gone. */
  noticeEnds(): void {
    if (this.#ending.size === 0) return;
    const open = stillOpen();
    for (const openFile of this.#ending) {
      if (!openFile.ended(open)) continue;
      this.#ending.delete(openFile);
      if (openFile.sleepers > 0) this.#unreferenced.add(openFile);
      else this.discard(openFile);
    }
  }

  /** From now on we look at the descriptors of `openFile` now and then: the end of one of them is told by nobody. */
  watch(openFile: OpenFile): void {
    this.#watched.add(openFile);
    this.#lookSoon();
  }

  /** A thread that slept in a call on `openFile` is out of it. */
  awake(openFile: OpenFile): void {
    openFile.sleepers--;
    if (openFile.sleepers === 0 && this.#unreferenced.has(openFile)) this.discard(openFile);
  }

  /** Releases `openFile`, which no program has. */
  discard(openFile: OpenFile): void {
    this.#unreferenced.delete(openFile);
    this.#files.delete(openFile);
    this.#watched.delete(openFile);
    this.#inFlight.delete(openFile);
    this.#ids.remove(openFile);
    this.#faces.discard(openFile);
    for (const process of openFile.holders.keys()) process.forget(openFile);
    dropLocks(openFile.file.device, openFile);
    if (releasePoint.enabled) releasePoint.tell(openFile.file);
    openFile.release();
    this.#door.released(openFile);
  }

  #heldBy(process: Process): [OpenFile, ReadonlySet<number>][] {
    const held: [OpenFile, ReadonlySet<number>][] = [];
    for (const openFile of this.#files) {
      const fds = openFile.holders.get(process);
      if (fds !== undefined) held.push([openFile, fds]);
    }
    return held;
  }

  #drop(openFile: OpenFile, process: Process, fd: number): void {
    const fds = openFile.holders.get(process);
    fds?.delete(fd);
    if (fds?.size === 0) openFile.holders.delete(process);
    // Whichever descriptor of a node a process closes, it has no lock on it any more.
    dropLocks(openFile.file.device, process);
  }

  /** True if descriptor `fd` of `process`, in any table that it has, is `openFile`. */
  #hasAs(openFile: OpenFile, process: Process, fd: number): boolean {
    const has = (tid: number) => this.#ids.find(tid, fd) === openFile;
    // Nearly always the first thread has it: the others need not be listed.
    return has(process.tgid) || process.tables().some((tid) => tid !== process.tgid && has(tid));
  }

  /** True if somebody whom we know to have had `openFile` has it still; forgets the others. */
  #isHeld(openFile: OpenFile): boolean {
    for (const [process, fds] of [...openFile.holders]) {
      for (const fd of [...fds]) {
        // A call that makes it so is under way, or just over.
        if (process.isChanging(fd)) return true;
        if (this.#hasAs(openFile, process, fd)) return true;
        process.unknown(fd);
        this.#drop(openFile, process, fd);
      }
    }
    return false;
  }

  /** Lets `openFile` go if nobody has it any more; without a descriptor to look with that is for the next look. */
  #endIfLast(openFile: OpenFile, leftOut: (sighting: Sighting) => boolean = () => false): void {
    try {
      this.#letGoIfLast(openFile, leftOut);
    } catch (error) {
      if (!(error instanceof Errno)) throw error;
      this.watch(openFile);
    }
  }

  #letGoIfLast(openFile: OpenFile, leftOut: (sighting: Sighting) => boolean): void {
    if (openFile.isLetGo || openFile.released || this.#isHeld(openFile)) return;
    const hasMemory = this.#ids.hasMemory(openFile);
    const seeks = hasMemory ? openFile.seeking.isDue(this.#clock.now()) : this.#mustSeekFirst;
    if (seeks && this.#isSeen(openFile, leftOut)) return;
    if (hasMemory) {
      // Mapped, as in the kernel, or on its way in the place of the face: of its end nobody tells.
      this.watch(openFile);
      return;
    }
    // Who has it all the same is looked for if its end does not come: nearly always that spares a look at everybody.
    openFile.letGo();
    this.#ending.add(openFile);
    this.#door.awaitEnd(openFile.face.far);
    this.watch(openFile);
  }

  #isSeen(openFile: OpenFile, leftOut: (sighting: Sighting) => boolean): boolean {
    const others = this.#scan.whoHas(openFile, leftOut);
    if (others === 'in flight' || others.length === 0) return false;
    this.#seenAt(openFile, others);
    return true;
  }

  #seenAt(openFile: OpenFile, sightings: readonly Sighting[]): void {
    for (const { pid, tid, fd } of sightings) {
      const process = this.#processOf(pid);
      // Who cannot be known yet is looked for again.
      if (process === undefined) continue;
      this.hold(openFile, process, fd);
      if (inodeOf(tid, fd) !== openFile.inode) this.#faces.misplaced(process, fd, openFile);
    }
    // Nobody has told us how they came to it, and nobody may tell of their end.
    this.watch(openFile);
  }

  /** Undefined if it is gone, or if there is no descriptor by which its end would be told. */
  #processOf(pid: number): Process | undefined {
    try {
      return this.#threads.process(pid);
    } catch (error) {
      if (error instanceof Errno) return undefined;
      throw error;
    }
  }

  /** Somebody has a file that we had let go: thread `tid`, as `fd`. */
  #takeBack(openFile: OpenFile, tid: number, fd: number): void {
    if (!openFile.regainFace(tid, fd)) openFile.renewFace(tid, fd);
    this.#ending.delete(openFile);
    this.#ids.addFace(openFile);
  }

  #lookSoon(): void {
    this.#interval = FIRST_LOOK_MS;
    this.#arm();
  }

  #arm(): void {
    this.#clock.timers.armBy(this.#timer, this.#clock.now() + this.#interval * 1e6);
  }

  #lookAgain(): void {
    this.#lookAt([...this.#watched]);
    this.noticeEnds();
    for (const openFile of this.#watched) if (!this.#isDoubtful(openFile)) this.#watched.delete(openFile);
    if (this.#watched.size === 0) return;
    this.#interval = Math.min(2 * this.#interval, LAST_LOOK_MS);
    this.#arm();
  }

  /** True if the end of `openFile` may come without anybody telling. */
  #isDoubtful(openFile: OpenFile): boolean {
    // Whom some looks have not found the end of the connection tells of, or he himself.
    if (openFile.isLetGo) return !openFile.seeking.isEnough || this.#inFlight.has(openFile);
    if (openFile.holders.size === 0) return true;
    return [...openFile.holders].some(
      ([process, fds]) =>
        process.isExecuting ||
        process.isSplit ||
        !process.isHeard ||
        [...fds].some((fd) => !this.#range.has(fd) || process.isChanging(fd)),
    );
  }

  #lookAt(files: readonly OpenFile[]): void {
    for (const openFile of files) {
      try {
        if (openFile.isLetGo) this.#lookForHolders(openFile);
        else this.#endIfLast(openFile);
      } catch (error) {
        // Out of descriptors: nothing was seen, and the next look may see more.
        if (!(error instanceof Errno)) throw error;
      }
    }
  }

  /** The kernel says that somebody has `openFile`: from whom we can find we take it back. */
  #lookForHolders(openFile: OpenFile): void {
    if (openFile.ended() || !openFile.seeking.isDue(this.#clock.now())) return;
    this.#inFlight.delete(openFile);
    const others = this.#scan.whoHas(openFile);
    if (others === 'in flight') this.#inFlight.add(openFile);
    if (others === 'in flight' || others[0] === undefined) return;
    this.#takeBack(openFile, others[0].tid, others[0].fd);
    this.#seenAt(openFile, others);
  }
}
