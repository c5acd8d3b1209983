/**
 * Listings of real directories with names of ours added. The program gets a descriptor of the real directory
 * under a reserved number, so that only its getdents64() comes to us; we read through a descriptor that shares
 * its position and append our names where the real ones end.
 */
import { close, syscall } from '../linux/libc.ts';
import { allocateNative } from '../linux/native-memory.ts';
import { ARCH } from './arch.ts';
import type { Process } from './threads.ts';

const BUFFER_SIZE = 32768;
const native = allocateNative(BUFFER_SIZE);
const ENTRY_HEADER = 19;
const DT_UNKNOWN = 0;
const END_OFFSET = 0x7fffffff;

interface Listing {
  readonly fd: number;
  readonly extra: readonly string[];
  /** True when the additions were given; reading real names again means that the program has rewound. */
  ended: boolean;
}

export class Directories {
  readonly #listings = new Map<Process, Map<number, Listing>>();

  /** Descriptor `target` of `process` now lists what our descriptor `fd` lists, and `extra`. Takes `fd` over. */
  add(process: Process, target: number, fd: number, extra: readonly string[]): void {
    this.drop(process, target);
    const ofProcess = this.#listings.get(process) ?? new Map<number, Listing>();
    ofProcess.set(target, { fd, extra, ended: false });
    this.#listings.set(process, ofProcess);
  }

  /** Descriptor `target` is about to be closed (all descriptors of the process, if left out). */
  drop(process: Process, target?: number): void {
    const ofProcess = this.#listings.get(process);
    if (ofProcess === undefined) return;
    for (const [fd, listing] of ofProcess) {
      if (target !== undefined && fd !== target) continue;
      close(listing.fd);
      ofProcess.delete(fd);
    }
    if (ofProcess.size === 0) this.#listings.delete(process);
  }

  /** getdents64() of at most `count` bytes; undefined if `target` is no listing of ours or fails. */
  read(process: Process, target: number, count: number): Uint8Array | undefined {
    const listing = this.#listings.get(process)?.get(target);
    if (listing === undefined) return undefined;
    const size = Math.min(count, BUFFER_SIZE);
    const got = syscall(ARCH.nr.getdents64 as number, listing.fd, native.address, size, 0, 0, 0);
    if (got < 0) return undefined;
    if (got > 0) {
      listing.ended = false;
      return native.bytes.subarray(0, got);
    }
    if (listing.ended) return native.bytes.subarray(0, 0);
    listing.ended = true;
    return this.#append(listing.extra, size);
  }

  #append(names: readonly string[], size: number): Uint8Array {
    let at = 0;
    for (const name of names) {
      const length = Math.ceil((ENTRY_HEADER + name.length + 1) / 8) * 8;
      if (at + length > size) break;
      native.bytes.fill(0, at, at + length);
      native.view.setUint32(at, 1, true);
      native.view.setUint32(at + 8, END_OFFSET, true);
      native.view.setUint16(at + 16, length, true);
      native.view.setUint8(at + 18, DT_UNKNOWN);
      for (let i = 0; i < name.length; i++) native.bytes[at + ENTRY_HEADER + i] = name.charCodeAt(i);
      at += length;
    }
    return native.bytes.subarray(0, at);
  }
}
