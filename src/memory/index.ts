/** Memory for video buffers: the back ends, and what one's own is written against. */
export { DmaArena, type DmaRange } from './dma-arena.ts';
export { type DmaContigConfig, dmaContigMemOps } from './dma-contig.ts';
export { dmaSgMemOps } from './dma-sg.ts';
export type { DmabufMapper, DmabufMapping } from './dmabuf.ts';
export { HeapDmabufs } from './heap-dmabuf.ts';
export type {
  DmabufInfo,
  DmaDirection,
  DmaSegment,
  MappedPlane,
  PhysicalAddress,
  PlaneCookie,
  Vb2MemOps,
} from './mem-ops.ts';
export { heapPages, type PageAllocator, type Pages } from './pages.ts';
export { type VmallocMemory, vmallocMemOps } from './vmalloc.ts';
