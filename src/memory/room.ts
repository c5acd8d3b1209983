/**
 * How much of the machine's memory planes may take. Programs choose the size of their buffers, up to 4 GB a plane: what
 * the machine does not have is refused before a page of it is touched.
 */
import { freemem } from 'node:os';
import { ENOMEM, Errno } from '../base/errno.ts';

/** Planes up to this size are taken without a question: to ask costs as much as to fill a few pages. */
export const LARGE_PLANE = 32 << 20;
/** Left to everybody else. */
const RESERVE = 128 << 20;

export class MemoryRoom {
  readonly #available: () => number;
  /** Bytes of large planes. Their pages come when they are touched, so the system does not count them yet. */
  #promised = 0;

  /** `available` tells how many bytes can be had without swapping: MemAvailable in /proc/meminfo. */
  constructor(available: () => number = freemem) {
    this.#available = available;
  }

  /** Throws ENOMEM if there is no room for a plane of `length` bytes; {@link giveBack} is owed otherwise. */
  take(length: number): void {
    if (length <= LARGE_PLANE) return;
    const room = this.#available() - RESERVE - this.#promised;
    if (length > room) throw new Errno(ENOMEM, `a plane of ${length} bytes, but there is room for ${room}`);
    this.#promised += length;
  }

  giveBack(length: number): void {
    if (length > LARGE_PLANE) this.#promised -= length;
  }
}

/** The memory of this machine. */
export const machineRoom = new MemoryRoom();
