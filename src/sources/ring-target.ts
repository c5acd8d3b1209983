import type { FrameRing } from './frame-ring.ts';
import type { FrameTarget } from './frame-source.ts';

/** The next slot of a ring as the place where a frame goes: for whoever has whole frames in memory already. */
export class RingTarget implements FrameTarget {
  readonly #ring: FrameRing;
  readonly #planeSizes: readonly number[];
  #length: number;

  /** The planes of a frame follow each other in a slot. */
  constructor(ring: FrameRing, planeSizes: readonly number[]) {
    this.#ring = ring;
    this.#planeSizes = planeSizes;
    this.#length = ring.shape.frameBytes;
  }

  /** False while nobody has taken what is there: the frame is left out. */
  get hasRoom(): boolean {
    return this.#ring.room !== undefined;
  }

  /** There must be room. The whole slot where it has one plane: nothing is allocated then. */
  planeVaddr(n: number): Uint8Array {
    const slot = this.#ring.room as Uint8Array;
    if (this.#planeSizes.length === 1) return slot;
    let at = 0;
    for (let i = 0; i < n; i++) at += this.#planeSizes[i] as number;
    return slot.subarray(at, at + (this.#planeSizes[n] as number));
  }

  /** Frames that differ in length have one plane. */
  setPlanePayload(_n: number, bytes: number): void {
    if (this.#planeSizes.length === 1) this.#length = bytes;
  }

  planePayload(n: number): number {
    return this.#planeSizes.length === 1 ? this.#length : (this.#planeSizes[n] as number);
  }

  /** The frame is there. */
  publish(): void {
    this.#ring.publish(this.#length);
  }
}
