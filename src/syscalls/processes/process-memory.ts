/**
 * The memory of the calling program, through process_vm_readv/writev: the copy_from_user/copy_to_user of the
 * door. It goes through one buffer of ours, which also remembers what the current call read and wrote, for the
 * rare case that its answer has to be given again.
 */
import { EFAULT, ENAMETOOLONG, EPERM, Errno } from '../../base/errno.ts';
import { errno, pread, processVmReadv, processVmWritev } from '../../linux/libc.ts';
import { addressOf, allocateNative } from '../../linux/native-memory.ts';
import { inUserSpace, plainAddress } from '../../linux/user-address.ts';
import type { PinnedMemory, UserAddress, UserMemory } from '../../vfs/file.ts';
import type { Call } from '../wire/call.ts';
import { type AddressSpace, pinMemory } from './pinned-memory.ts';

/** No page of any machine is smaller. */
const PAGE = 4096;
const PATH_MAX = 4096;
const PATH_FIRST_READ = 128;
const BUFFER_SIZE = 1 << 20;
/** How much of what a call reads first is kept: the largest struct of an ioctl has 16 KiB. */
const RECORD_SIZE = BUFFER_SIZE / 2;
const IOV_SIZE = 16;

export interface Written {
  readonly address: number;
  readonly bytes: Uint8Array;
}

export class ProcessMemory implements UserMemory {
  readonly #iov = allocateNative(PAGE);
  readonly #local = this.#iov.address;
  readonly #remote = this.#iov.address + IOV_SIZE;
  readonly #buffer = allocateNative(BUFFER_SIZE);
  readonly #callerWaits: (call: Call) => boolean;
  readonly #forbidden: (call: Call) => void;
  #call: Call | undefined;
  readonly #windows: Uint8Array[] = [];
  #tid = 0;
  #memFd = -1;
  #space: AddressSpace | undefined;
  /** What the current call has read first lies in the buffer from 0 to here; the rest is for everything else. */
  #firstEnd = 0;
  /** What the current call has written: parallel lists that are used again and again. */
  readonly #writeAddresses: number[] = [];
  readonly #writeSources: Uint8Array[] = [];
  #writeCount = 0;
  #gone = false;

  /**
   * `callerWaits` tells whether the caller still waits for its answer: only then it may be written to. `forbidden` is
   * told of callers whose memory the system does not let us read.
   */
  constructor(callerWaits: (call: Call) => boolean, forbidden: (call: Call) => void = () => {}) {
    this.#callerWaits = callerWaits;
    this.#forbidden = forbidden;
  }

  /**
   * From now on the memory of the thread that makes `call`. `memFd`, if there is one, is an open /proc/PID/mem of its process:
   * faster to read, but it ignores the protection of pages, so writes never go through it, nor reads but the first: what
   * the struct of an ioctl points to is checked as the kernel does. `space` is what memory that is pinned belongs to, as far
   * as that is known.
   */
  attach(call: Call, memFd = -1, space?: AddressSpace): void {
    this.#space = space;
    this.#call = call;
    this.#tid = call.tid;
    this.#memFd = memFd;
    this.#firstEnd = 0;
    this.#writeCount = 0;
  }

  read(from: UserAddress, destination: Uint8Array): void {
    const address = plainAddress(from);
    const { length } = destination;
    if (length === 0) return;
    if (!inUserSpace(address, length)) throw new Errno(EFAULT);
    const local = length > PAGE ? addressOf(destination) : undefined;
    if (local === undefined) this.#readThroughBuffer(address, destination);
    else this.#readTo(address, length, local);
  }

  /** Into memory with an address: with one copy. A system call moves 2 GiB at most. */
  #readTo(address: number, length: number, local: number): void {
    for (let done = 0; done < length; ) {
      this.#setIov(address + done, length - done, local + done);
      const got = processVmReadv(this.#tid, this.#local, 1, this.#remote, 1, 0);
      if (got <= 0) throw new Errno(EFAULT);
      done += got;
    }
  }

  #readThroughBuffer(address: number, destination: Uint8Array): void {
    const { length } = destination;
    let done = 0;
    if (this.#firstEnd === 0) {
      done = Math.min(length, RECORD_SIZE);
      if (this.#readFast(address, done, 0) !== done) throw new Errno(EFAULT);
      destination.set(this.#bufferView(0, done), 0);
      this.#firstEnd = done;
    }
    while (done < length) {
      const piece = Math.min(length - done, BUFFER_SIZE - this.#firstEnd);
      if (this.#readv(address + done, piece, this.#firstEnd) !== piece) throw new Errno(EFAULT);
      destination.set(this.#bufferView(this.#firstEnd, piece), done);
      done += piece;
    }
  }

  write(to: UserAddress, source: Uint8Array): void {
    const address = plainAddress(to);
    // A caller that was signalled uses its memory for other things by now; its answer is kept, not written.
    if (this.#writeCount === 0) this.#gone = this.#call === undefined || !this.#callerWaits(this.#call);
    if (!this.#gone) this.#writeAll(address, source);
    this.#writeAddresses[this.#writeCount] = address;
    this.#writeSources[this.#writeCount++] = source;
  }

  #writeAll(address: number, source: Uint8Array): void {
    const { length } = source;
    if (length === 0) return;
    if (!inUserSpace(address, length)) throw new Errno(EFAULT);
    // A frame goes from the plane to the program with one copy.
    const local = length > PAGE ? addressOf(source) : undefined;
    if (local !== undefined) {
      this.#writeFrom(address, length, local);
      return;
    }
    const piece = BUFFER_SIZE - this.#firstEnd;
    for (let done = 0; done < length; done += piece) {
      this.#writeChunk(address + done, length <= piece ? source : source.subarray(done, done + piece));
    }
  }

  /** What was just read; the windows at the start, one for each size of argument, are kept. */
  #bufferView(at: number, length: number): Uint8Array {
    if (at > 0 || length > PAGE) return this.#buffer.bytes.subarray(at, at + length);
    this.#windows[length] ??= this.#buffer.bytes.subarray(0, length);
    return this.#windows[length];
  }

  pin(address: UserAddress, length: number, written: boolean): PinnedMemory {
    return pinMemory(this.#tid, { address: plainAddress(address), length, written }, this.#space);
  }

  /** What the current call read first: the struct its argument points to, by which it is recognised again. */
  firstInput(): Uint8Array {
    return this.#buffer.bytes.slice(0, this.#firstEnd);
  }

  /** What the current call wrote so far; called before anything else changes the sources of those writes. */
  outputs(): readonly Written[] {
    return this.#writeSources
      .slice(0, this.#writeCount)
      .map((source, i) => ({ address: this.#writeAddresses[i] ?? 0, bytes: source.slice() }));
  }

  /**
   * A NUL-terminated path at `address`: the bytes without the NUL, valid until the next use of this memory.
   * Undefined if the memory is out of reach. Most paths are short, so little is read at first.
   */
  readPath(address: number): Uint8Array | undefined {
    if (!inUserSpace(address, 1)) return undefined;
    let wanted = PATH_FIRST_READ;
    for (;;) {
      const got = this.#readUpTo(address, wanted);
      if (got < 0 && errno() === EPERM && this.#call !== undefined) this.#forbidden(this.#call);
      if (got <= 0) return undefined;
      const end = this.#buffer.bytes.indexOf(0, 0);
      if (end >= 0 && end < got) return this.#buffer.bytes.subarray(0, end);
      if (got < wanted) return undefined;
      if (wanted >= PATH_MAX) throw new Errno(ENAMETOOLONG);
      wanted = PATH_MAX;
    }
  }

  /** Reads up to `length` bytes, fewer if the memory ends; a page boundary is where it may end. */
  #readUpTo(address: number, length: number): number {
    const toPageEnd = PAGE - (address % PAGE);
    const first = this.#readFast(address, Math.min(length, toPageEnd), 0);
    if (first < toPageEnd || length <= toPageEnd || this.#buffer.bytes.subarray(0, first).includes(0))
      return first;
    const rest = this.#readFast(address + toPageEnd, length - toPageEnd, toPageEnd);
    return rest > 0 ? first + rest : first;
  }

  #readv(address: number, length: number, at: number): number {
    this.#setIov(address, length, this.#buffer.address + at);
    return processVmReadv(this.#tid, this.#local, 1, this.#remote, 1, 0);
  }

  /** The same also where the program may not read (PROT_NONE). */
  #readFast(address: number, length: number, at: number): number {
    if (this.#memFd < 0) return this.#readv(address, length, at);
    return pread(this.#memFd, this.#buffer.address + at, length, address);
  }

  #writeChunk(address: number, chunk: Uint8Array): void {
    this.#buffer.bytes.set(chunk, this.#firstEnd);
    this.#writeFrom(address, chunk.length, this.#buffer.address + this.#firstEnd);
  }

  #writeFrom(address: number, length: number, local: number): void {
    for (let done = 0; done < length; ) {
      this.#setIov(address + done, length - done, local + done);
      const put = processVmWritev(this.#tid, this.#local, 1, this.#remote, 1, 0);
      if (put <= 0) throw new Errno(EFAULT);
      done += put;
    }
  }

  #setIov(address: number, length: number, local: number): void {
    const { view } = this.#iov;
    setU64(view, 0, local);
    view.setUint32(8, length, true);
    setU64(view, IOV_SIZE, address);
    view.setUint32(IOV_SIZE + 8, length, true);
  }
}

function setU64(view: DataView, at: number, value: number): void {
  view.setUint32(at, value % 0x1_0000_0000, true);
  view.setUint32(at + 4, Math.floor(value / 0x1_0000_0000), true);
}
