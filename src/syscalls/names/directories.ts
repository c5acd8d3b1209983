/**
 * Listings of real directories with names of ours added. The program gets a descriptor of the real directory under a
 * reserved number, so that its getdents64() comes to us, and we keep one that shares its position: that is the number
 * of the entry which comes next, wherever the program sets it.
 *
 * Which listing a descriptor is, is told by its directory and by its position, which moves when ours does. Whoever has
 * one that we do not know any more (a child, after its parent has closed its own) gets a new one in its place.
 */
import { EINVAL, Errno } from '../../base/errno.ts';
import { ARCH } from '../../linux/arch.ts';
import { O_CLOEXEC, O_DIRECTORY, O_RDONLY, SEEK_SET } from '../../linux/constants.ts';
import { close, lseek, open, syscall } from '../../linux/libc.ts';
import { allocateNative } from '../../linux/native-memory.ts';
import { type InodeKey, inodeOf, positionOf } from '../../linux/proc-fs.ts';
import type { Process } from '../processes/threads.ts';
import type { Addition } from './shadow-tree.ts';

const BUFFER_SIZE = 32768;
const native = allocateNative(BUFFER_SIZE);
const page = new Uint8Array(BUFFER_SIZE);
/** `struct linux_dirent64`. */
const ENTRY = { next: 8, length: 16, type: 18, name: 19 } as const;
const SEEK_CUR = 1;

/** The names that a directory gets, as they are at the time: devices come and go. */
export type NamesOfOurs = () => readonly Addition[];

export class Listing {
  /** Ours, which shares its position with those of programs. */
  readonly fd: number;
  readonly names: NamesOfOurs;
  readonly holders = new Map<Process, Set<number>>();
  /** What it lists, as it was when it was last read from its start. */
  #entries: readonly Uint8Array[] = [];

  constructor(fd: number, names: NamesOfOurs) {
    this.fd = fd;
    this.names = names;
  }

  get position(): number {
    return lseek(this.fd, 0, SEEK_CUR);
  }

  set position(position: number) {
    lseek(this.fd, position, SEEK_SET);
  }

  /** The entries from the position on that fit in `count` bytes, until the next call; the position stays. */
  read(count: number): { bytes: Uint8Array; next: number } {
    const { position } = this;
    if (position === 0 || this.#entries.length === 0) this.#readAll(position);
    let length = 0;
    let next = position;
    for (let entry = this.#entries[next]; entry !== undefined; entry = this.#entries[next]) {
      if (length + entry.length > Math.min(count, BUFFER_SIZE)) break;
      page.set(entry, length);
      length += entry.length;
      next++;
    }
    if (length === 0 && next < this.#entries.length) throw new Errno(EINVAL, 'no room for the next name');
    return { bytes: page.subarray(0, length), next };
  }

  /** What the host has, without names of ours, and then those. */
  #readAll(position: number): void {
    const additions = this.names();
    const ours = new Set(additions.map(({ name }) => name));
    const entries: Uint8Array[] = [];
    this.position = 0;
    for (;;) {
      const nr = ARCH.nr.getdents64 as number;
      const got = syscall(nr, this.fd, native.address, BUFFER_SIZE, 0, 0, 0);
      if (got <= 0) break;
      for (const entry of split(native.bytes.subarray(0, got)))
        if (!ours.has(nameOf(entry))) entries.push(entry);
    }
    for (const addition of additions) entries.push(entryFor(addition));
    for (const [i, entry] of entries.entries()) setNext(entry, i + 1);
    this.#entries = entries;
    this.position = position;
  }
}

function* split(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; ) {
    const length = (bytes[at + ENTRY.length] as number) | ((bytes[at + ENTRY.length + 1] as number) << 8);
    yield bytes.slice(at, at + length);
    at += length;
  }
}

const decoder = new TextDecoder();

const nameOf = (entry: Uint8Array): string =>
  decoder.decode(entry.subarray(ENTRY.name, entry.indexOf(0, ENTRY.name)));

const viewOf = ({ buffer, byteOffset, length }: Uint8Array): DataView =>
  new DataView(buffer, byteOffset, length);

function setNext(entry: Uint8Array, position: number): void {
  viewOf(entry).setBigUint64(ENTRY.next, BigInt(position), true);
}

function entryFor({ name, type, inode }: Addition): Uint8Array {
  const text = new TextEncoder().encode(name);
  const entry = new Uint8Array(Math.ceil((ENTRY.name + text.length + 1) / 8) * 8);
  const view = viewOf(entry);
  view.setBigUint64(0, BigInt(inode), true);
  view.setUint16(ENTRY.length, entry.length, true);
  view.setUint8(ENTRY.type, type);
  entry.set(text, ENTRY.name);
  return entry;
}

/** True if descriptor `fd` of thread `tid` shares its position with `listing`. */
function sharesPosition(listing: Listing, tid: number, fd: number): boolean {
  const { position } = listing;
  if (positionOf(tid, fd) !== position) return false;
  listing.position = position + 1;
  const moved = positionOf(tid, fd) === position + 1;
  listing.position = position;
  return moved;
}

export class Directories {
  readonly #listings = new Map<InodeKey, Set<Listing>>();
  /** Directories that were ever listed, and the names that they get. */
  readonly #known = new Map<InodeKey, NamesOfOurs>();

  /** True if programs may have descriptors that list names of ours. */
  get some(): boolean {
    return this.#known.size > 0;
  }

  /** Descriptor `target` of `process` now lists what our descriptor `fd` lists, and `names`. Takes `fd` over. */
  add(owner: Process, target: number, fd: number, names: NamesOfOurs): Listing {
    const listing = new Listing(fd, names);
    const inode = inodeOf(process.pid, fd) ?? -1;
    const ofDirectory = this.#listings.get(inode) ?? new Set();
    this.#listings.set(inode, ofDirectory.add(listing));
    this.#known.set(inode, names);
    this.hold(listing, owner, target);
    return listing;
  }

  /** `process` has `listing` as descriptor `fd` too. */
  hold(listing: Listing, process: Process, fd: number): void {
    const fds = listing.holders.get(process) ?? new Set();
    listing.holders.set(process, fds.add(fd));
  }

  /** What descriptor `fd` of thread `tid` of `process` lists; undefined if it is none of ours. */
  find(process: Process, tid: number, fd: number): Listing | undefined {
    const inode = inodeOf(tid, fd);
    const listings = inode === undefined ? undefined : this.#listings.get(inode);
    if (listings === undefined) return undefined;
    for (const listing of listings) if (listing.holders.get(process)?.has(fd)) return listing;
    for (const listing of listings) {
      if (!sharesPosition(listing, tid, fd)) continue;
      this.hold(listing, process, fd);
      return listing;
    }
    return undefined;
  }

  /**
   * A listing in the place of descriptor `fd` of thread `tid`, which shows a directory that is listed with our names:
   * `replace` puts it there. Undefined if it shows something else.
   */
  adopt(owner: Process, tid: number, fd: number, replace: (ours: number) => boolean): Listing | undefined {
    const names = this.#known.get(inodeOf(tid, fd) ?? -1);
    if (names === undefined) return undefined;
    const ours = open(`/proc/${tid}/fd/${fd}`, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (ours < 0) return undefined;
    lseek(ours, positionOf(tid, fd), SEEK_SET);
    if (replace(ours)) return this.add(owner, fd, ours, names);
    close(ours);
    return undefined;
  }

  /** Descriptor `target` is about to be closed (all descriptors of the process, if left out). */
  drop(process: Process, target?: number): void {
    for (const [inode, listings] of this.#listings)
      for (const listing of listings) {
        const fds = listing.holders.get(process);
        if (fds === undefined || (target !== undefined && !fds.delete(target))) continue;
        if (target === undefined || fds.size === 0) listing.holders.delete(process);
        if (listing.holders.size > 0) continue;
        close(listing.fd);
        listings.delete(listing);
        if (listings.size === 0) this.#listings.delete(inode);
      }
  }
}
