/**
 * What inotify tells of /dev. Nothing is made in the real one for our devices, so who watches it gets a watch on a
 * directory of the shadow tree in its place, in which they have names: what happens to these is seen there, and a
 * watch is one directory only. So what happens in the real /dev is done once more in that directory, to empty files.
 *
 * Of opens and closes there is one event when a file is closed, after which both are told: how it was opened, and so
 * how it will be closed, is not known before.
 */
import {
  chmodSync,
  closeSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { ARCH } from '../../linux/arch.ts';
import { AT_FDCWD } from '../../linux/constants.ts';
import { Inotify, type InotifyEvent } from '../../linux/inotify.ts';
import { syscall } from '../../linux/libc.ts';
import { allocateNative, putCString } from '../../linux/native-memory.ts';

const IN_ACCESS = 1;
const IN_MODIFY = 2;
const IN_ATTRIB = 4;
const IN_CLOSE_WRITE = 8;
const IN_CLOSE_NOWRITE = 0x10;
const IN_OPEN = 0x20;
const IN_MOVED_FROM = 0x40;
const IN_MOVED_TO = 0x80;
const IN_CREATE = 0x100;
const IN_DELETE = 0x200;
const IN_Q_OVERFLOW = 0x4000;
const IN_ISDIR = 0x40000000;
/** By which the names stay the same. */
const NAMES = IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO;
const CLOSES = IN_CLOSE_WRITE | IN_CLOSE_NOWRITE;
const OTHERS = IN_ACCESS | IN_MODIFY | IN_ATTRIB | CLOSES;

/** Rights of everybody: to read a directory and to search it. */
const OTHERS_LIST = 5;
const UTIME_NOW = 0x3fffffff;
const UTIME_OMIT = 0x3ffffffe;
const REAL = '/dev';

/** Sets one of the two times of a file to now, and leaves the other: that is told as a read or as a write. */
function setTime(path: string, which: 0 | 1): void {
  const times = allocateNative(4096);
  for (const i of [0, 1]) times.view.setUint32(16 * i + 8, i === which ? UTIME_NOW : UTIME_OMIT, true);
  const address = putCString(times, 64, path);
  syscall(ARCH.nr.utimensat as number, AT_FDCWD, address, times.address, 0, 0, 0);
  times.unmap();
}

export class DevEvents {
  readonly #await: (inotify: number, look: () => void) => void;
  /** The directory that is watched, and one for what is to be moved there, or away. */
  readonly #directory: string;
  readonly #limbo: string;
  readonly #real: string;
  /** Names of ours: what has one in the real /dev is hidden by it. */
  readonly #isOurs: (name: string) => boolean;
  /** Names that are there because the real /dev has them, and whether they are directories. */
  readonly #names = new Map<string, boolean>();
  #inotify: Inotify | undefined;
  #mask = 0;

  /**
   * `root` is that of the shadow tree, `isOurs` tells which names in /dev are ours at the time. From when `awaitEvents` is called on, `look` is to be called while `inotify` is
   * readable. `real` is for tests.
   */
  constructor(
    root: string,
    isOurs: (name: string) => boolean,
    awaitEvents: (inotify: number, look: () => void) => void,
    real = REAL,
  ) {
    this.#await = awaitEvents;
    this.#directory = `${root}${REAL}`;
    this.#limbo = `${root}/limbo`;
    this.#real = real;
    this.#isOurs = isOurs;
  }

  /**
   * The directory to be watched for `mask` in the place of /dev; undefined if the kernel's own watch must do: there may be
   * no /dev, or no room for names.
   */
  watch(mask: number): string | undefined {
    const wanted = (mask & OTHERS) | (mask & IN_OPEN ? CLOSES : 0);
    if (this.#inotify === undefined && !this.#begin()) return undefined;
    if ((wanted & ~this.#mask) !== 0 && !this.#watchReal(this.#mask | wanted)) return undefined;
    return this.#directory;
  }

  #watchReal(mask: number): boolean {
    this.#mask = mask;
    try {
      this.#inotify?.add(this.#real, mask);
      return true;
    } catch {
      return false;
    }
  }

  #begin(): boolean {
    let inotify: Inotify;
    try {
      inotify = new Inotify();
    } catch {
      return false;
    }
    this.#inotify = inotify;
    if (this.#takeNames()) {
      this.#await(inotify.fd, () => this.#look(inotify));
      return true;
    }
    inotify.close();
    this.#inotify = undefined;
    return false;
  }

  /** Only names are watched while we read the directory ourselves. */
  #takeNames(): boolean {
    try {
      // Who may not list it must not learn names from us.
      if ((statSync(this.#real).mode & OTHERS_LIST) !== OTHERS_LIST || !this.#watchReal(NAMES)) return false;
      mkdirSync(this.#limbo, { recursive: true });
      writeFileSync(join(this.#limbo, 'file'), '');
      this.#synchronize();
      return true;
    } catch {
      return false;
    }
  }

  #look(inotify: Inotify): void {
    const events = inotify.read();
    for (const [i, event] of events.entries()) this.#repeat(event, events[i - 1], events[i + 1]);
  }

  /** Both halves of a move are next to each other, if both are in /dev. */
  #repeat(event: InotifyEvent, before: InotifyEvent | undefined, after: InotifyEvent | undefined): void {
    const { mask, name, cookie } = event;
    if (this.#isOurs(name)) return;
    try {
      if (mask & IN_Q_OVERFLOW) this.#synchronize();
      else if (mask & IN_MOVED_FROM && after?.cookie === cookie && !this.#isOurs(after.name))
        this.#move(name, after.name);
      else if (mask & (IN_DELETE | IN_MOVED_FROM)) this.#remove(name, (mask & IN_MOVED_FROM) !== 0);
      else if (mask & IN_MOVED_TO && before?.cookie === cookie && !this.#isOurs(before.name)) return;
      else if (mask & (IN_CREATE | IN_MOVED_TO))
        this.#add(name, (mask & IN_ISDIR) !== 0, (mask & IN_MOVED_TO) !== 0);
      else this.#touch(name === '' ? this.#directory : join(this.#directory, name), mask);
    } catch {
      // Of what has gone in the meantime there is nothing to tell but that, and that event is on its way.
    }
  }

  #move(from: string, to: string): void {
    renameSync(join(this.#directory, from), join(this.#directory, to));
    this.#names.set(to, this.#names.get(from) ?? false);
    this.#names.delete(from);
  }

  #add(name: string, isDirectory: boolean, isMoved: boolean): void {
    if (this.#names.has(name)) return;
    const path = join(this.#directory, name);
    const made = isMoved ? join(this.#limbo, 'moved') : path;
    if (isDirectory) mkdirSync(made);
    // A new name for a file that is there already: nobody hears of an open or a close.
    else linkSync(join(this.#limbo, 'file'), made);
    if (isMoved) renameSync(made, path);
    this.#names.set(name, isDirectory);
  }

  #remove(name: string, isMoved: boolean): void {
    const isDirectory = this.#names.get(name);
    if (isDirectory === undefined) return;
    this.#names.delete(name);
    const path = join(this.#directory, name);
    const last = isMoved ? join(this.#limbo, 'moved') : path;
    if (isMoved) renameSync(path, last);
    if (isDirectory) rmdirSync(last);
    else unlinkSync(last);
  }

  /** What is done to a file and leaves its name. */
  #touch(path: string, mask: number): void {
    if (mask & IN_ATTRIB) chmodSync(path, mask & IN_ISDIR ? 0o755 : 0o600);
    if (mask & IN_ACCESS) setTime(path, 0);
    if (mask & IN_MODIFY) setTime(path, 1);
    if (mask & CLOSES) closeSync(openSync(path, mask & IN_CLOSE_WRITE ? 'r+' : 'r'));
  }

  /** Makes the names those of the real /dev. */
  #synchronize(): void {
    const entries = readdirSync(this.#real, { withFileTypes: true }).filter(
      ({ name }) => !this.#isOurs(name),
    );
    const real = new Set(entries.map(({ name }) => name));
    for (const name of [...this.#names.keys()]) if (!real.has(name)) this.#remove(name, false);
    for (const entry of entries) this.#add(entry.name, entry.isDirectory(), false);
  }
}
