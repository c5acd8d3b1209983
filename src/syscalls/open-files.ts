/**
 * All open files of the door: which descriptor is which, and when the last one is gone.
 *
 * We hold a descriptor of every poll face ourselves, so the kernel does not tell us of the last close. What we
 * do see (a close of a reserved descriptor, an exec, the end of a process) makes us look at who still has the
 * file; nothing polls, except for descriptors that a program moved out of the reserved range.
 */
import { type Clock, Timer } from '../base/timers.ts';
import type { CharDevice } from '../vfs/file.ts';
import { isReservedFd } from './filter.ts';
import { OpenFile } from './open-file.ts';
import { descendants, deviceOf, fdsOf, hasFdsInFlight, type InodeKey, inodeOf } from './proc-fs.ts';
import type { Process, Threads } from './threads.ts';

/** When to look again after an exec: the descriptors close when it succeeds, at a moment that nobody tells. */
const EXEC_LOOKS_MS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];
const STRAY_LOOK_MS = 50;
/** A close that was let go is carried out within this time. */
const CLOSE_SETTLES_NS = 5e6;

export class OpenFiles {
  readonly #clock: Clock;
  readonly #threads: Threads;
  readonly #byInode = new Map<InodeKey, OpenFile>();
  /** Descriptors whose close is under way: `tgid:fd`, and until when they do not count. */
  readonly #closing = new Map<string, number>();
  readonly #unsettled = new Set<OpenFile>();
  #looksLeft: number[] = [];
  readonly #lookTimer = new Timer(() => this.#lookAgain());
  readonly #strayTimer = new Timer(() => this.#lookAtStrays());
  readonly #dirty: OpenFile[] = [];
  /** The other sockets that the last scan saw. */
  readonly #sockets: { pid: number; fd: number }[] = [];

  constructor(clock: Clock, threads: Threads) {
    this.#clock = clock;
    this.#threads = threads;
  }

  get size(): number {
    return new Set(this.#byInode.values()).size;
  }

  /** Opens `device` with the `flags` of open(2); the file belongs to nobody until {@link hold} or {@link discard}. */
  open(device: CharDevice, flags: number): OpenFile {
    this.settle();
    const openFile = new OpenFile(device, flags);
    openFile.file.pollWait.add(() => this.#markDirty(openFile));
    openFile.refreshFace();
    this.#byInode.set(openFile.inode, openFile);
    return openFile;
  }

  /** `process` has `openFile` as descriptor `fd` from now on. */
  hold(openFile: OpenFile, process: Process, fd: number): void {
    openFile.holders.add(process);
    // The number was free, so the close that freed it is over.
    this.#closing.delete(`${process.tgid}:${fd}`);
    if (isReservedFd(fd)) process.remember(fd, openFile, this.#clock.now());
    else this.markStray(openFile);
  }

  /** The mmap face of `openFile` may be found behind its descriptors too. */
  addFace(openFile: OpenFile, fd: number): void {
    const inode = inodeOf(process.pid, fd);
    if (inode !== undefined) this.#byInode.set(inode, openFile);
  }

  /** What descriptor `fd` of thread `tid` is; undefined if it is none of ours. */
  find(tid: number, fd: number, now: number): OpenFile | undefined {
    const known = this.#threads.find(tid, now)?.process.known(fd);
    if (known !== undefined || this.#byInode.size === 0) return known;
    const inode = inodeOf(tid, fd);
    const openFile = inode === undefined ? undefined : this.#byInode.get(inode);
    const thread = openFile && this.#threads.get(tid, now);
    if (openFile === undefined || thread === undefined) return undefined;
    openFile.holders.add(thread.process);
    if (isReservedFd(fd)) thread.process.remember(fd, openFile, now);
    else this.markStray(openFile);
    return openFile;
  }

  /** The kernel is about to close `fds` of `process`: files that have no other descriptor are released now. */
  closing(process: Process, fds: readonly number[]): void {
    const now = this.#clock.now();
    const files = new Set<OpenFile>();
    for (const fd of fds) {
      const openFile = this.find(process.tgid, fd, now);
      if (openFile === undefined) continue;
      files.add(openFile);
      this.#closing.set(`${process.tgid}:${fd}`, now + CLOSE_SETTLES_NS);
    }
    this.look(files);
  }

  /** `process` executes another program: descriptors may close, when that has succeeded. */
  executing(process: Process): void {
    for (const openFile of this.#filesOf(process)) this.#unsettled.add(openFile);
    if (this.#unsettled.size === 0) return;
    this.#looksLeft = [...EXEC_LOOKS_MS];
    this.#lookAgainIn(this.#looksLeft.shift());
  }

  /** `process` has ended. */
  ended(process: Process): void {
    this.look(this.#filesOf(process));
  }

  /** Looks now at files whose state is in doubt, before somebody depends on it. True if one of them was released. */
  settle(): boolean {
    const doubtful = new Set([...this.#unsettled, ...this.#strays()]);
    this.look(doubtful);
    return [...doubtful].some(({ released }) => released);
  }

  #strays(): OpenFile[] {
    return [...this.#byInode.values()].filter(({ stray }) => stray);
  }

  /** Sees who has `files` open, and releases those that nobody has. */
  look(files: Iterable<OpenFile>): void {
    const wanted = [...files];
    if (wanted.length === 0) return;
    // A poll face is a socket.
    const found = this.#scan(deviceOf((wanted[0] as OpenFile).inode));
    for (const openFile of wanted) {
      const holders = found.get(openFile);
      if (holders === undefined && this.#isInFlight()) this.markStray(openFile);
      else if (holders === undefined) this.#unreferenced(openFile);
      else this.#setHolders(openFile, holders);
    }
  }

  markStray(openFile: OpenFile): void {
    openFile.stray = true;
    this.#clock.timers.arm(this.#strayTimer, this.#clock.now() + STRAY_LOOK_MS * 1e6);
  }

  /** A thread that slept in a call on `openFile` is out of it. */
  awake(openFile: OpenFile): void {
    openFile.sleepers--;
    if (openFile.unreferenced && openFile.sleepers === 0) this.discard(openFile);
  }

  /** Releases `openFile`, which no program has. */
  discard(openFile: OpenFile): void {
    for (const [inode, known] of this.#byInode) if (known === openFile) this.#byInode.delete(inode);
    for (const process of this.#threads.processes.values()) process.drop(openFile);
    this.#unsettled.delete(openFile);
    openFile.release();
  }

  /** Brings the faces up to date, before any program can look at them. */
  refreshFaces(): void {
    for (let openFile = this.#dirty.pop(); openFile !== undefined; openFile = this.#dirty.pop()) {
      openFile.dirty = false;
      if (!openFile.released) openFile.refreshFace();
    }
  }

  #markDirty(openFile: OpenFile): void {
    if (openFile.dirty) return;
    openFile.dirty = true;
    this.#dirty.push(openFile);
  }

  #filesOf(process: Process): OpenFile[] {
    return [...new Set(this.#byInode.values())].filter((openFile) => openFile.holders.has(process));
  }

  /** True if some descriptor is on its way between programs: it is in no table, and may be the last of a file. */
  #isInFlight(): boolean {
    return this.#sockets.some(({ pid, fd }) => hasFdsInFlight(pid, fd));
  }

  #unreferenced(openFile: OpenFile): void {
    if (openFile.released) return;
    openFile.holders.clear();
    openFile.unreferenced = true;
    if (openFile.sleepers === 0) this.discard(openFile);
  }

  #setHolders(openFile: OpenFile, holders: readonly { pid: number; fd: number }[]): void {
    openFile.unreferenced = false;
    openFile.holders.clear();
    for (const { pid } of holders) {
      const process = this.#threads.process(pid);
      if (process !== undefined) openFile.holders.add(process);
    }
    if (holders.some(({ fd }) => !isReservedFd(fd))) this.markStray(openFile);
    else openFile.stray = false;
  }

  /** Every descriptor of an open file in every process that is served. */
  #scan(socketDevice: number): Map<OpenFile, { pid: number; fd: number }[]> {
    const now = this.#clock.now();
    for (const [key, until] of this.#closing) if (until < now) this.#closing.delete(key);
    const found = new Map<OpenFile, { pid: number; fd: number }[]>();
    this.#sockets.length = 0;
    for (const pid of descendants(process.pid)) {
      for (const fd of fdsOf(pid)) {
        const inode = inodeOf(pid, fd);
        if (inode === undefined || this.#closing.has(`${pid}:${fd}`)) continue;
        const openFile = this.#byInode.get(inode);
        if (openFile === undefined) {
          if (deviceOf(inode) === socketDevice) this.#sockets.push({ pid, fd });
          continue;
        }
        const list = found.get(openFile);
        if (list === undefined) found.set(openFile, [{ pid, fd }]);
        else list.push({ pid, fd });
      }
    }
    return found;
  }

  #lookAgainIn(milliseconds: number | undefined): void {
    if (milliseconds === undefined) this.#unsettled.clear();
    else this.#clock.timers.arm(this.#lookTimer, this.#clock.now() + milliseconds * 1e6);
  }

  #lookAgain(): void {
    this.settle();
    if (this.#unsettled.size > 0) this.#lookAgainIn(this.#looksLeft.shift());
  }

  #lookAtStrays(): void {
    const strays = new Set(this.#strays());
    this.look(strays);
    if ([...strays].some((openFile) => openFile.stray && !openFile.released)) {
      this.#clock.timers.arm(this.#strayTimer, this.#clock.now() + STRAY_LOOK_MS * 1e6);
    }
  }
}
