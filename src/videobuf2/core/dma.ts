/** Where a device finds a plane, for drivers of the two DMA back ends. */
import { driverBug } from '../../base/bug.ts';
import type { DmaSegment, PhysicalAddress } from '../../memory/mem-ops.ts';
import type { Vb2Buffer } from './buffer.ts';

/** The address of plane `n`, which is in one piece. @kernel vb2_dma_contig_plane_dma_addr */
export function vb2DmaContigPlaneDmaAddr<D>(vb: Vb2Buffer<D>, n: number): PhysicalAddress | undefined {
  const cookie = vb.planeCookie(n);
  if (typeof cookie === 'number') return cookie;
  driverBug(`${vb.label}: plane ${n} is not in memory of dma-contig`);
  return undefined;
}

/** The pieces of plane `n`, in the order of the frame. @kernel vb2_dma_sg_plane_desc */
export function vb2DmaSgPlane<D>(vb: Vb2Buffer<D>, n: number): readonly DmaSegment[] {
  const cookie = vb.planeCookie(n);
  if (Array.isArray(cookie)) return cookie;
  driverBug(`${vb.label}: plane ${n} is not in memory of dma-sg`);
  return [];
}
