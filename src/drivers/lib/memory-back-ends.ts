/** Where the frames of a camera can lie. */
import { DmaArena, dmaContigMemOps, dmaSgMemOps, vmallocMemOps } from '../../memory/index.ts';
import type { Vb2MemOps } from '../../memory/mem-ops.ts';
import type { PageAllocator } from '../../memory/pages.ts';

export const memoryBackEnds = ['vmalloc', 'dma-contig', 'dma-sg'] as const;
export type MemoryBackEnd = (typeof memoryBackEnds)[number];

/** Addresses that the DMA engine of a camera has: as many frames as a program may ask for, at 4K. */
const DMA_BYTES = 2 ** 31;

export function memOpsOf(memory: MemoryBackEnd, pages: PageAllocator): Vb2MemOps {
  switch (memory) {
    case 'vmalloc':
      return vmallocMemOps(pages) as Vb2MemOps;
    case 'dma-contig':
      return dmaContigMemOps({ arena: new DmaArena({ size: DMA_BYTES }), pages }) as Vb2MemOps;
    case 'dma-sg':
      return dmaSgMemOps({ arena: new DmaArena({ size: DMA_BYTES }), pages }) as Vb2MemOps;
  }
}
