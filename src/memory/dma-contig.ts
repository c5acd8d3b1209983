import { EFAULT, EINVAL, Errno } from '../base/errno.ts';
import type { DmaArena } from './dma-arena.ts';
import { type DeviceMapper, type DeviceMapping, type DmaMemory, dmaMemOps } from './dma-memory.ts';
import type { Vb2MemOps } from './mem-ops.ts';
import type { PageAllocator } from './pages.ts';

export interface DmaContigConfig {
  readonly arena: DmaArena;
  readonly pages: PageAllocator;
  /**
   * There is an IOMMU between device and memory, so that pages of a program, which are scattered, can be in one
   * piece for the device. Without it a user pointer must lie within one page.
   */
  readonly iommu?: boolean;
  /** User pointers and lengths must be multiples of this. */
  readonly cacheAlignment?: number;
}

function mapper({ arena, iommu = true, cacheAlignment = 1 }: DmaContigConfig): DeviceMapper {
  function map(target: { readonly bytes: Uint8Array }, length: number): DeviceMapping {
    const range = arena.mapContiguous(target, length);
    return { cookie: () => range.address, release: () => arena.unmap(range) };
  }
  return {
    map,
    mapUserptr(target, length, address) {
      if (address % cacheAlignment !== 0 || length % cacheAlignment !== 0)
        throw new Errno(EINVAL, `the device needs memory aligned to ${cacheAlignment} bytes`);
      if (!iommu && (address % arena.pageSize) + length > arena.pageSize)
        throw new Errno(EFAULT, 'the memory of the program is not in one piece');
      return map(target, length);
    },
  };
}

/**
 * Planes in one piece, for devices that are given a start address and no more. `planeCookie` is that address.
 *
 * @kernel vb2_dma_contig_memops
 */
export function dmaContigMemOps(config: DmaContigConfig): Vb2MemOps<DmaMemory> {
  return dmaMemOps(mapper(config), config.pages);
}
