import type { DmaArena, DmaRange } from './dma-arena.ts';
import { type DeviceMapper, type DeviceMapping, type DmaMemory, dmaMemOps } from './dma-memory.ts';
import type { DmaSegment, Vb2MemOps } from './mem-ops.ts';
import type { PageAllocator } from './pages.ts';

/** The scatter list of one plane, kept until the memory behind it moves. */
class ScatterList implements DeviceMapping {
  readonly #arena: DmaArena;
  readonly #target: { readonly bytes: Uint8Array };
  readonly #length: number;
  readonly #ranges: readonly DmaRange[];
  #segments: readonly DmaSegment[] = [];
  #madeOf: Uint8Array | undefined = undefined;

  constructor(arena: DmaArena, target: { readonly bytes: Uint8Array }, length: number) {
    this.#arena = arena;
    this.#target = target;
    this.#length = length;
    this.#ranges = arena.mapScattered(target, length);
  }

  cookie(): readonly DmaSegment[] {
    const { bytes } = this.#target;
    if (this.#madeOf !== bytes) {
      this.#madeOf = bytes;
      this.#segments = this.#ranges.map(({ address, length, offset }) => {
        return { address, bytes: bytes.subarray(offset, Math.min(offset + length, this.#length)) };
      });
    }
    return this.#segments;
  }

  release(): void {
    for (const range of this.#ranges) this.#arena.unmap(range);
  }
}

/**
 * Planes in pieces, for devices that walk a list of them. `planeCookie` is that list: the pieces in the order of
 * the frame, the last one only as long as the plane. For the CPU, and for programs, a plane is in one piece.
 *
 * @kernel vb2_dma_sg_memops
 */
export function dmaSgMemOps({
  arena,
  pages,
}: {
  arena: DmaArena;
  pages: PageAllocator;
}): Vb2MemOps<DmaMemory> {
  const map: DeviceMapper['map'] = (target, length) => new ScatterList(arena, target, length);
  return dmaMemOps({ map, mapUserptr: map }, pages);
}
