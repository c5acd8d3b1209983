import { NO_BYTES } from '../../base/bytes.ts';
import { FrameTime, type Vb2Buffer } from '../../videobuf2/index.ts';

/** A frame on its way from the producer to the consumers. Made once for each output buffer and used again. */
export class Frame {
  /** The buffer that it lies in; none once the producer has gone and the frame was kept. */
  readonly vb: Vb2Buffer | undefined;
  readonly #copy: Uint8Array;
  /** Counts the frames of all producers: which frame is next for a consumer. */
  serial = 0;
  readonly time = new FrameTime();
  flags = 0;
  timecode: Uint8Array | undefined = undefined;
  length = 0;

  constructor(vb: Vb2Buffer | undefined, copy = NO_BYTES) {
    this.vb = vb;
    this.#copy = copy;
  }

  /** At least `length` bytes. */
  get bytes(): Uint8Array {
    return this.vb === undefined ? this.#copy : this.vb.planeVaddr(0);
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
