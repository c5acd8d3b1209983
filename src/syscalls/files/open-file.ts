/** An open file description as the door sees it: the file, the face it shows to poll(), and who has it open. */
import {
  __O_SYNC,
  O_ACCMODE,
  O_APPEND,
  O_ASYNC,
  O_DSYNC,
  O_LARGEFILE,
  O_NOATIME,
  O_NOFOLLOW,
  O_NONBLOCK,
  O_RDONLY,
  O_RDWR,
  O_WRONLY,
} from '../../linux/constants.ts';
import { close } from '../../linux/libc.ts';
import { copyDescriptor, type InodeKey, inodeOf, statusFlags } from '../../linux/proc-fs.ts';
import {
  type Access,
  type CharDevice,
  File,
  POLLERR,
  POLLHUP,
  POLLIN,
  POLLOUT,
  POLLPRI,
} from '../../vfs/file.ts';
import { pollPoint } from '../../vfs/trace.ts';
import type { Process } from '../processes/threads.ts';
import { stillOpen } from './last-close.ts';
import { PollFace } from './poll-face.ts';
import { Seeking } from './seeking.ts';

function accessOf(flags: number): Access {
  const mode = flags & O_ACCMODE;
  return { read: mode === O_RDONLY || mode === O_RDWR, write: mode === O_WRONLY || mode === O_RDWR };
}

/** Of the flags of open(2) those that a file keeps as they are, and those that F_SETFL changes: they are kept by the face. */
const LASTING = O_ACCMODE | O_DSYNC | __O_SYNC | O_NOFOLLOW | O_ASYNC;
const CHANGEABLE = O_APPEND | O_NOATIME | O_NONBLOCK;

/** What programs ask poll() for, and what it says unasked. */
const ASKED = POLLIN | POLLOUT | POLLPRI;
const UNASKED = POLLERR | POLLHUP;

let serials = 0;

export class OpenFile {
  readonly file: File;
  /** By which memory that is shown in its place is told from that of other files. */
  readonly serial = ++serials;
  /** Descriptors of it, by process, as far as they have been seen. */
  readonly holders = new Map<Process, Set<number>>();
  /** Threads asleep in a call on it: like the kernel's, such a call keeps the file open. */
  sleepers = 0;
  /** True once the driver's release was called. */
  released = false;
  /** True while it waits for its face to be brought up to date. */
  dirty = false;
  /** And something has come since its face was brought up to date: who waits is to be woken. */
  hasNews = false;
  /** True if somebody waits for it edge-triggered: each new event is a wake-up then. */
  edges = false;
  readonly seeking = new Seeking();
  #face: PollFace;
  /** Faces that it had before and that may still be somewhere. */
  #formerFaces: PollFace[] = [];
  #letGo = false;
  readonly #lasting: number;
  /** The flags of the face, when it was let go. */
  #lastFlags = 0;
  /** What poll() was last seen to say. */
  #told: number | undefined;

  /** Opens `device` with the `flags` of open(2); throws what the driver throws, and then nothing is left open. */
  constructor(device: CharDevice, flags: number) {
    this.#face = new PollFace();
    this.file = new File(device, () => this.#nonblock(), accessOf(flags));
    this.#lasting = flags & LASTING;
    this.#face.setFlags(flags & CHANGEABLE);
    try {
      device.fops.open(this.file);
    } catch (error) {
      this.#face.close();
      throw error;
    }
  }

  /** What programs have: {@link inode} tells which descriptors are it. */
  get face(): PollFace {
    return this.#face;
  }

  get inode(): InodeKey {
    return this.#face.inode;
  }

  /**
   * Gives up our own descriptor of the face: nobody has another one, as far as we know, and the kernel says whether
   * that is so ({@link ended}).
   */
  letGo(): void {
    this.#lastFlags = this.#faceFlags();
    this.#letGo = true;
    this.seeking.reset();
    this.#face.letGo();
  }

  #faceFlags(): number {
    return this.#letGo ? this.#lastFlags : this.#face.flags();
  }

  #nonblock(): boolean {
    return (this.#faceFlags() & O_NONBLOCK) !== 0;
  }

  get isLetGo(): boolean {
    return this.#letGo;
  }

  /** True when the last descriptor of every face is closed. */
  ended(open = stillOpen()): boolean {
    this.#formerFaces = this.#formerFaces.filter((face) => {
      if (!face.ended(open)) return true;
      face.close();
      return false;
    });
    return this.#letGo && this.#formerFaces.length === 0 && this.#face.ended(open);
  }

  /**
   * Thread `tid` has it after all, as `fd`: we take a descriptor of it back from there, so that all who have copies go on with one
   * and the same. False if that is not allowed or too late: {@link renewFace}.
   */
  regainFace(tid: number, fd: number): boolean {
    const ours = inodeOf(tid, fd) === this.inode ? copyDescriptor(tid, fd) : -1;
    if (ours < 0) return false;
    if (inodeOf(process.pid, ours) !== this.inode || !this.#face.regain(ours)) {
      close(ours);
      return false;
    }
    this.#letGo = false;
    this.refreshFace();
    return true;
  }

  /**
   * Thread `tid` has it after all, as `fd`: a new face, to be put in the place of the one that was let go. That face has kept
   * its flags as they are set now; one from before it has not heard of them.
   */
  renewFace(tid: number, fd: number): void {
    const now = inodeOf(tid, fd) === this.inode ? statusFlags(tid, fd) : undefined;
    const face = new PollFace();
    this.#formerFaces.push(this.#face);
    this.#face = face;
    this.#letGo = false;
    face.setFlags((now ?? this.#lastFlags) & CHANGEABLE);
    this.refreshFace();
  }

  /** The flags that fcntl(F_GETFL) tells: the face's own, which F_SETFL changes, and how the device was opened. */
  flags(): number {
    return (this.#face.flags() & CHANGEABLE) | this.#lasting | O_LARGEFILE;
  }

  /** Makes the poll face show what poll() says now; when there is news who waits for edges is woken in any case. */
  refreshFace(hasNews = false): void {
    const face = this.#face;
    const before = face.shown;
    const said = this.#poll(ASKED);
    const bits = this.#forEveryone(said);
    const seen = face.show(bits);
    this.#tellOfChange(said & (ASKED | UNASKED));
    for (const former of this.#formerFaces) former.show(bits);
    if (!hasNews || (before & bits) === 0) return;
    if (this.edges) face.edge(before & bits);
    else face.confirm(before & bits & ~seen);
  }

  /**
   * Of what poll() says to who asks for everything, the bits that fit all who may look. The kernel's device says ERR only
   * to those who wait for frames, but what a descriptor shows is ERR to everybody, and who waits for events would never
   * sleep. So where somebody may, those who wait for frames are told that there is one: their next call has the error.
   */
  #forEveryone(bits: number): number {
    if ((bits & POLLERR) === 0 || !this.file.awaitsEvents) return bits;
    const forEvents = this.#poll(POLLPRI);
    if (forEvents & POLLERR) return bits;
    return forEvents | this.#pollWithoutErr(POLLIN) | this.#pollWithoutErr(POLLOUT);
  }

  #pollWithoutErr(asked: number): number {
    const told = this.#poll(asked);
    return told & POLLERR ? asked : told;
  }

  #poll(requested: number): number {
    return this.file.device.fops.poll(this.file, requested);
  }

  /** What poll() says at first is no change. */
  #tellOfChange(to: number): void {
    const from = this.#told;
    this.#told = to;
    if (pollPoint.enabled && from !== undefined && from !== to) pollPoint.tell({ file: this.file, from, to });
  }

  release(): void {
    this.released = true;
    this.file.put();
    for (const face of [this.#face, ...this.#formerFaces]) face.close();
  }
}
