/**
 * How much of the machine's memory planes may take. Programs choose the size of their buffers, up to 4 GB a plane: what
 * the machine does not have is refused before a page of it is touched.
 */
import { freemem } from 'node:os';
import { ENOMEM, Errno } from '../base/errno.ts';
import { roomInOwnControlGroups } from './control-group.ts';

/** Planes above this size are large: their pages come when they are touched, those of others at once. */
export const LARGE_PLANE = 32 << 20;
/** Usual planes take so much together without a question: to ask costs as much as to fill a few pages. */
const UNASKED = 32 << 20;
/** Left to everybody else. */
const RESERVE = 128 << 20;

export class MemoryRoom {
  readonly #available: () => number;
  /** Bytes of large planes, which the system does not count yet. */
  #promised = 0;
  /** Bytes of usual planes since the last question. */
  #unasked = 0;

  /** `available` tells how many bytes can be had without swapping, and without an end by the kernel. */
  constructor(available: () => number = () => Math.min(freemem(), roomInOwnControlGroups())) {
    this.#available = available;
  }

  /** Throws ENOMEM if there is no room for a plane of `length` bytes; {@link giveBack} is owed otherwise. */
  take(length: number): void {
    const usual = length <= LARGE_PLANE;
    if (!usual || this.#unasked + length > UNASKED) {
      const room = this.#available() - RESERVE - this.#promised;
      if (length > room) throw new Errno(ENOMEM, `a plane of ${length} bytes, but there is room for ${room}`);
      // What usual planes have is in the answer.
      this.#unasked = 0;
    }
    if (usual) this.#unasked += length;
    else this.#promised += length;
  }

  giveBack(length: number): void {
    if (length <= LARGE_PLANE) this.#unasked = Math.max(this.#unasked - length, 0);
    else this.#promised -= length;
  }
}

/** The memory of this machine. */
export const machineRoom = new MemoryRoom();
