/**
 * The two faces of an open file. A program's descriptor is the poll face; for the length of one mmap() the memory of
 * the buffer takes its place under the same number, and the kernel itself carries the mmap out.
 *
 * The poll face is put back when the mmap is known to be over, never before: by any call of the process, since its
 * threads share their descriptors. Whose memory a descriptor shows is told by its position (an open file of its own is
 * made for each mmap, and mmap() does not look at it), so that memory which got away, by fork() or in a message, is
 * known wherever it turns up.
 */
import { ARCH } from '../../linux/arch.ts';
import { O_CLOEXEC } from '../../linux/constants.ts';
import {
  currentCall,
  type InodeKey,
  inodeOf,
  isCloexec,
  mappingsOf,
  threadsOf,
} from '../../linux/proc-fs.ts';
import { POLLPRI } from '../../vfs/file.ts';
import { LetGo } from '../processes/let-go.ts';
import type { Process, Thread } from '../processes/threads.ts';
import type { Call } from '../wire/call.ts';
import type { Notifications } from '../wire/notifications.ts';
import type { FileIds } from './file-ids.ts';
import type { OpenFile } from './open-file.ts';
import type { PollFace } from './poll-face.ts';

/** An mmap() that the kernel is carrying out. */
interface Mapping {
  readonly thread: Thread;
  readonly fd: number;
  readonly openFile: OpenFile;
  readonly letGo: LetGo;
  readonly inode: InodeKey;
  readonly offset: number;
  /** How often the thread's process had the memory mapped before, unknown if nobody but the thread can ask. */
  readonly before: number | undefined;
  /** The face in whose place the memory is, and what its {@link PollFace.wakes} were then. */
  readonly face: PollFace;
  readonly wakes: number;
}

export class Faces {
  readonly #notifications: Notifications;
  readonly #ids: FileIds;
  #mappings: Mapping[] = [];
  /** Numbers that show memory, or a face that is no more, and must get the poll face. */
  readonly #misplaced = new Map<Process, Map<number, OpenFile>>();

  constructor(notifications: Notifications, ids: FileIds) {
    this.#notifications = notifications;
    this.#ids = ids;
  }

  /** True if {@link putBack} has something to do for some process. */
  get some(): boolean {
    return this.#mappings.length > 0 || this.#misplaced.size > 0;
  }

  /**
   * Shows `memory`, our descriptor, in the place of descriptor `fd` of the calling thread, whose mmap() the kernel then
   * carries out. False if that cannot be now: {@link isMapping}, or the caller is gone.
   */
  showMemory(call: Call, thread: Thread, openFile: OpenFile, fd: number, memory: number): boolean {
    const offset = call.size(5);
    const inode = inodeOf(process.pid, memory) ?? -1;
    const alone = threadsOf(thread.process.tgid).length === 1;
    const mapping = {
      thread,
      fd,
      openFile,
      letGo: new LetGo(call.tid, inCallOf(call)),
      inode,
      offset,
      before: alone ? undefined : mappingsOf(thread.tid, inode, offset),
      face: openFile.face,
      wakes: openFile.face.wakes,
    };
    if (!this.#notifications.replaceFd(call, memory, fd, cloexecOf(thread.tid, fd))) return false;
    this.#mappings.push(mapping);
    return true;
  }

  /** True while another thread of `process` may be in an mmap() of descriptor `fd` (any, if left out): it shows memory. */
  isMapping(process: Process, fd?: number): boolean {
    return this.#mappings.some(
      (mapping) => mapping.thread.process === process && (fd === undefined || mapping.fd === fd),
    );
  }

  /** Descriptor `fd` of `process` shows something else than the poll face of `openFile`, which is to be put there. */
  misplaced(process: Process, fd: number, openFile: OpenFile): void {
    if (this.isMapping(process, fd)) return;
    const ofProcess = this.#misplaced.get(process) ?? new Map<number, OpenFile>();
    ofProcess.set(fd, openFile);
    this.#misplaced.set(process, ofProcess);
  }

  /** `process` makes `call`: what can be put back is put back. */
  putBack(call: Call, process: Process): void {
    const over = this.#mappings.filter(
      (mapping) => mapping.thread.process === process && isOver(mapping, call),
    );
    if (over.length > 0) this.#mappings = this.#mappings.filter((mapping) => !over.includes(mapping));
    for (const { fd, openFile, face, wakes } of over) {
      this.#place(call, process, fd, openFile);
      if (openFile.face !== face || face.wakes !== wakes) wakePollers(call, openFile);
    }
    const ofProcess = this.#misplaced.get(process);
    if (ofProcess === undefined) return;
    this.#misplaced.delete(process);
    for (const [fd, openFile] of ofProcess) this.#place(call, process, fd, openFile);
  }

  /** A call that the kernel carries out is about to change descriptor `fd` of `process` (all, if left out). */
  drop(process: Process, fd?: number): void {
    this.#mappings = this.#mappings.filter(
      (mapping) => mapping.thread.process !== process || (fd !== undefined && mapping.fd !== fd),
    );
    if (fd === undefined) this.#misplaced.delete(process);
    else this.#misplaced.get(process)?.delete(fd);
  }

  /** Nobody has `openFile` any more. */
  discard(openFile: OpenFile): void {
    this.#mappings = this.#mappings.filter((mapping) => mapping.openFile !== openFile);
    for (const ofProcess of this.#misplaced.values())
      for (const [fd, file] of ofProcess) if (file === openFile) ofProcess.delete(fd);
  }

  #place(call: Call, process: Process, fd: number, openFile: OpenFile): void {
    if (openFile.released || openFile.isLetGo) return;
    if (process.isChanging(fd)) {
      // What it will be is not known yet.
      this.misplaced(process, fd, openFile);
      return;
    }
    if (this.#ids.find(call.tid, fd) !== openFile) return;
    this.#notifications.replaceFd(call, openFile.face.fd, fd, cloexecOf(call.tid, fd));
  }
}

/**
 * Who slept in a poll() and was woken while there was memory has asked that, which never has PRI, and sleeps on. A poll() asks its
 * number again when it wakes. Nobody else is to be woken: for who waits for edges it would be one too many.
 */
function wakePollers(call: Call, { face }: OpenFile): void {
  if ((face.shown & POLLPRI) === 0) return;
  const others = threadsOf(call.tid).filter((tid) => tid !== call.tid);
  if (others.some(mayPoll)) face.edge(POLLPRI);
}

const POLLS = [ARCH.nr.poll, ARCH.nr.ppoll, ARCH.nr.select, ARCH.nr.pselect6];

/** One that has been woken and had no processor yet is in no call. */
function mayPoll(tid: number): boolean {
  const now = currentCall(tid);
  return now === 'running' || POLLS.includes(Number.parseInt(now ?? '', 10));
}

const cloexecOf = (tid: number, fd: number): number => (isCloexec(tid, fd) ? O_CLOEXEC : 0);

/** The number and arguments of `call` as /proc/TID/syscall shows them. */
function inCallOf(call: Call): string {
  const words = [0, 1, 2, 3, 4, 5].map((i) => {
    const at = 8 + 2 * i;
    const high = BigInt(call.words[at + 1] as number) << 32n;
    return `0x${(high | BigInt(call.words[at] as number)).toString(16)}`;
  });
  return `${call.nr} ${words.join(' ')}`;
}

/** True if the mmap is over: the thread makes another call, or is known to be out of this one, or has its mapping. */
function isOver({ thread, letGo, inode, offset, before }: Mapping, call: Call): boolean {
  if (call.tid === thread.tid || letGo.isOver()) return true;
  return before !== undefined && mappingsOf(thread.tid, inode, offset) > before;
}
