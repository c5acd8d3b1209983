/** What the three kinds of buffers are to a driver: how a queue of them is made, where its bytes are, how they are freed. */
import { NO_BYTES } from '../../base/bytes.ts';
import type { DmaArena } from '../../memory/index.ts';
import type { FrameTarget } from '../../sources/index.ts';
import {
  type VideobufBuffer,
  type VideobufQueue,
  videobufDmaContigFree,
  videobufDmaFree,
  videobufDmaUnmap,
  videobufQueueDmaContigInit,
  videobufQueueSgInit,
  videobufQueueVmallocInit,
  videobufToDma,
  videobufToDmaContig,
  videobufToVmalloc,
  videobufVmallocFree,
} from '../../videobuf/index.ts';

export const legacyMemories = ['vmalloc', 'dma-sg', 'dma-contig'] as const;
export type LegacyMemory = (typeof legacyMemories)[number];

export const queueInits = {
  vmalloc: videobufQueueVmallocInit,
  'dma-sg': videobufQueueSgInit,
  'dma-contig': videobufQueueDmaContigInit,
} as const;

/** For bufRelease. */
export function freeBuffer<D>(memory: LegacyMemory, q: VideobufQueue<D>, vb: VideobufBuffer): void {
  switch (memory) {
    case 'vmalloc':
      videobufVmallocFree(vb);
      break;
    case 'dma-contig':
      videobufDmaContigFree(q, vb);
      break;
    case 'dma-sg': {
      const dma = videobufToDma(vb);
      videobufDmaUnmap(q, dma);
      videobufDmaFree(dma);
    }
  }
}

/**
 * The engine that puts pictures into buffers. Into scattered ones it paints in one piece and then copies, as a bridge
 * with a line buffer does. A buffer whose memory has gone is painted nowhere.
 */
export class LegacyEngine implements FrameTarget {
  readonly #memory: LegacyMemory;
  readonly #arena: DmaArena;
  #bytes: Uint8Array = NO_BYTES;
  #line: Uint8Array = NO_BYTES;

  constructor(memory: LegacyMemory, arena: DmaArena) {
    this.#memory = memory;
    this.#arena = arena;
  }

  planeVaddr(): Uint8Array {
    return this.#bytes;
  }

  setPlanePayload(): void {}

  /** Has `paint` put a picture into `vb`; false if it has no memory. */
  fill(vb: VideobufBuffer, paint: (target: FrameTarget) => void): boolean {
    const bytes = this.#bytesOf(vb);
    if (bytes === undefined || bytes.length < vb.size) return false;
    this.#bytes = bytes;
    paint(this);
    if (bytes === this.#line) this.#scatter(vb);
    return true;
  }

  #bytesOf(vb: VideobufBuffer): Uint8Array | undefined {
    if (this.#memory === 'vmalloc') return videobufToVmalloc(vb);
    if (this.#memory === 'dma-contig') {
      const address = videobufToDmaContig(vb);
      return address === undefined ? undefined : this.#arena.bytesAt(address, vb.size);
    }
    const { sglist, sglen } = videobufToDma(vb);
    if (sglen <= 1) return sglist[0]?.bytes;
    if (this.#line.length !== vb.size) this.#line = new Uint8Array(vb.size);
    return this.#line;
  }

  #scatter(vb: VideobufBuffer): void {
    let at = 0;
    for (const { bytes } of videobufToDma(vb).sglist) {
      bytes.set(this.#line.subarray(at, at + bytes.length));
      at += bytes.length;
    }
  }
}
