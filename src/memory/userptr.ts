/** Memory of the program itself. */
import { firstBytes } from '../base/bytes.ts';
import { EINVAL, Errno } from '../base/errno.ts';
import type { PinnedMemory, UserAddress, UserMemory } from '../vfs/file.ts';
import type { DmaDirection } from './mem-ops.ts';

/**
 * A plane in a program's memory, from getUserptr to putUserptr. The driver works on bytes of ours; data crosses
 * when the buffer changes hands, and only the way that the queue goes: a capture queue never reads what the
 * program has there, an output queue never writes.
 */
export class UserptrMemory {
  readonly #pinned: PinnedMemory;
  readonly #direction: DmaDirection;
  /** Bytes that the program has ready and that have not been fetched. */
  #due = 0;

  /**
   * Throws EFAULT if any byte of the range cannot be written by the program; what only goes to the device need not be, and may
   * well be constant. @kernel vb2_create_framevec
   */
  constructor(memory: UserMemory, address: UserAddress, length: number, direction: DmaDirection) {
    if (length === 0) throw new Errno(EINVAL, 'a user pointer to 0 bytes');
    this.#pinned = memory.pin(address, length, direction !== 'TO_DEVICE');
    this.#direction = direction;
  }

  get bytes(): Uint8Array {
    if (this.#due > 0) this.#pinned.fetch(this.#due);
    this.#due = 0;
    return this.#pinned.bytes;
  }

  /** Copies the first bytes to where they are wanted: from the program itself if they have not been fetched. */
  copyTo(to: Uint8Array): void {
    if (this.#due < to.length) to.set(firstBytes(this.bytes, to.length));
    else this.#pinned.fetch(to.length, to);
  }

  get numUsers(): number {
    return 1;
  }

  prepare(used: number): void {
    if (this.#direction !== 'FROM_DEVICE' && used > 0) this.#pinned.fetch(used);
  }

  /**
   * The same, but the bytes are fetched when they are first looked at, and it is for whoever asks for this to look before
   * the program may be gone.
   */
  prepareLate(used: number): void {
    if (this.#direction !== 'FROM_DEVICE') this.#due = used;
  }

  finish(written: number): void {
    this.#due = 0;
    // False: the program is gone, and nobody is left who could look at the frame.
    if (this.#direction !== 'TO_DEVICE' && written > 0) this.#pinned.flush(written);
  }

  release(): void {
    this.#pinned.release();
  }
}
