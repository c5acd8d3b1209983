/**
 * The address space that a device sees: a simulated bus with room for so many bytes. It is handed out first fit,
 * so it fragments as real memory for DMA does, and what does not fit is ENOMEM. A device that was given an
 * address finds the bytes behind it with {@link DmaArena.bytesAt}; an address that nobody mapped is a fault.
 */
import { driverBug } from '../base/bug.ts';
import { NO_BYTES } from '../base/bytes.ts';
import { ENOMEM, Errno } from '../base/errno.ts';
import { PAGE_SIZE, pageAlign } from '../linux/page-size.ts';
import type { PhysicalAddress } from './mem-ops.ts';

const DEFAULT_BASE = 0x8000_0000;

/** Addresses that belong together, and where the bytes behind them are at the moment. */
export interface DmaRange {
  readonly address: PhysicalAddress;
  /** Bytes; whole pages. */
  readonly length: number;
  /** What the range maps: `bytes` from `offset` on. Asked for every access, because memory may move. */
  readonly target: { readonly bytes: Uint8Array };
  readonly offset: number;
}

interface DmaArenaConfig {
  readonly size: number;
  readonly base?: number;
  readonly pageSize?: number;
}

interface Hole {
  address: number;
  length: number;
}

export class DmaArena {
  readonly size: number;
  readonly pageSize: number;
  /** By address; neighbours are merged. */
  readonly #holes: Hole[];
  /** By address. */
  readonly #ranges: DmaRange[] = [];

  /** `size` is rounded down to pages; `base` is the first address. The pages of a bus may have a size of their own. */
  constructor({ size, base = DEFAULT_BASE, pageSize = PAGE_SIZE }: DmaArenaConfig) {
    this.size = Math.floor(size / pageSize) * pageSize;
    this.pageSize = pageSize;
    this.#holes = this.size > 0 ? [{ address: base, length: this.size }] : [];
  }

  /** Bytes that nobody has. */
  get free(): number {
    return this.#holes.reduce((sum, hole) => sum + hole.length, 0);
  }

  /** The longest piece that can still be had in one. */
  get largestHole(): number {
    return this.#holes.reduce((largest, hole) => Math.max(largest, hole.length), 0);
  }

  /** Addresses in one piece for `length` bytes of `target`. Throws ENOMEM. */
  mapContiguous(target: DmaRange['target'], length: number): DmaRange {
    const wanted = pageAlign(length, this.pageSize);
    const hole = this.#holes.find((candidate) => candidate.length >= wanted);
    if (hole === undefined) {
      throw new Errno(
        ENOMEM,
        `no ${wanted} bytes in one piece; ${this.free} are free, ${this.largestHole} in one`,
      );
    }
    return this.#take(hole, wanted, target, 0);
  }

  /** Addresses for `length` bytes of `target` in as many pieces as the holes make of it. Throws ENOMEM. */
  mapScattered(target: DmaRange['target'], length: number): readonly DmaRange[] {
    const wanted = pageAlign(length, this.pageSize);
    if (this.free < wanted) throw new Errno(ENOMEM, `${wanted} bytes are wanted, ${this.free} are free`);
    const ranges: DmaRange[] = [];
    for (let offset = 0; offset < wanted; ) {
      const hole = this.#holes[0] as Hole;
      const piece = this.#take(hole, Math.min(hole.length, wanted - offset), target, offset);
      ranges.push(piece);
      offset += piece.length;
    }
    return ranges;
  }

  unmap(range: DmaRange): void {
    const at = this.#ranges.indexOf(range);
    if (at < 0) {
      driverBug(`DMA range 0x${range.address.toString(16)} is unmapped, but not mapped`);
      return;
    }
    this.#ranges.splice(at, 1);
    this.#giveBack(range.address, range.length);
  }

  /**
   * What a device finds at `address`: `length` bytes, which must all be in one range. An access outside is a
   * bug of the driver that gave the address to the device; it reads nothing.
   */
  bytesAt(address: PhysicalAddress, length: number): Uint8Array {
    const range = this.#ranges.find((r) => r.address <= address && address + length <= r.address + r.length);
    if (range === undefined) {
      driverBug(`DMA fault: nothing is mapped at 0x${address.toString(16)} for ${length} bytes`);
      return NO_BYTES;
    }
    const start = range.offset + (address - range.address);
    return range.target.bytes.subarray(start, start + length);
  }

  #take(hole: Hole, length: number, target: DmaRange['target'], offset: number): DmaRange {
    const range: DmaRange = { address: hole.address as PhysicalAddress, length, target, offset };
    hole.address += length;
    hole.length -= length;
    if (hole.length === 0) this.#holes.splice(this.#holes.indexOf(hole), 1);
    const before = this.#ranges.findIndex((r) => r.address > range.address);
    this.#ranges.splice(before < 0 ? this.#ranges.length : before, 0, range);
    return range;
  }

  #giveBack(address: number, length: number): void {
    const next = this.#holes.findIndex((hole) => hole.address > address);
    const at = next < 0 ? this.#holes.length : next;
    this.#holes.splice(at, 0, { address, length });
    this.#mergeWithNext(at);
    if (at > 0) this.#mergeWithNext(at - 1);
  }

  #mergeWithNext(at: number): void {
    const hole = this.#holes[at];
    const next = this.#holes[at + 1];
    if (hole === undefined || next === undefined || hole.address + hole.length !== next.address) return;
    hole.length += next.length;
    this.#holes.splice(at + 1, 1);
  }
}
