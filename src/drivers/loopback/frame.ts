import { firstBytes, NO_BYTES } from '../../base/bytes.ts';
import { FrameTime, type Vb2Buffer } from '../../videobuf2/index.ts';

/** A frame on its way from the producer to the consumers. Made once for each output buffer and used again. */
export class Frame {
  /** The buffer of the producer that it lies in; none if it lies somewhere else. */
  readonly vb: Vb2Buffer | undefined;
  #bytes: Uint8Array;
  /** Counts the frames of all producers: which frame is next for a consumer. */
  serial = 0;
  readonly time = new FrameTime();
  flags = 0;
  timecode: Uint8Array | undefined = undefined;
  length = 0;

  constructor(vb: Vb2Buffer | undefined, bytes = NO_BYTES) {
    this.vb = vb;
    this.#bytes = bytes;
  }

  /** At least `length` bytes. */
  get bytes(): Uint8Array {
    return this.vb === undefined ? this.#bytes : this.vb.planeVaddr(0);
  }

  /** From now on it is here, whatever becomes of the program that has it in its own memory. */
  fetch(): void {
    this.vb?.planeVaddr(0);
  }

  /** Copies its first bytes, as many as `to` has. */
  copyTo(to: Uint8Array): void {
    if (this.vb === undefined) to.set(firstBytes(this.#bytes, to.length));
    else this.vb.copyPlane(0, to);
  }

  /** Says where a frame lies that is in no buffer of the producer. */
  set bytes(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** The same frame in memory of its own. */
  keep(): Frame {
    const kept = new Frame(undefined, this.bytes.slice(0, this.length));
    kept.serial = this.serial;
    kept.time.copy(this.time);
    kept.flags = this.flags;
    kept.timecode = this.timecode?.slice();
    kept.length = this.length;
    return kept;
  }
}
