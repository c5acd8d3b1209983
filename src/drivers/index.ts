/** The drivers, and how to get devices from the description of a camera. */
import type { Clock } from '../base/timers.ts';
import { DmaArena, dmaContigMemOps, dmaSgMemOps, vmallocMemOps } from '../memory/index.ts';
import type { Vb2MemOps } from '../memory/mem-ops.ts';
import type { PageAllocator } from '../memory/pages.ts';
import type { VideoDevice } from '../v4l2-core/index.ts';
import type { CameraSpec, MemoryBackEnd } from './camera-spec.ts';
import { createLoopback } from './loopback/loopback.ts';
import { createM2m } from './m2m/m2m.ts';
import { createSkeleton } from './skeleton/skeleton.ts';
import { createVivi } from './vivi/vivi.ts';
import { createViviMplane } from './vivi-mplane/vivi-mplane.ts';

export {
  type CameraSpec,
  CameraSpecError,
  driverNames,
  formatNames,
  type LoopbackSpec,
  loopbackFormatNames,
  type M2mSpec,
  type MemoryBackEnd,
  memoryBackEnds,
  parseCameraSpec,
  type SkeletonSpec,
  type ViviMplaneSpec,
  type ViviSpec,
} from './camera-spec.ts';
export { FrameSchedule, type TimePerFrame } from './lib/frame-schedule.ts';
export { createLoopback, Loopback, type LoopbackConfig } from './loopback/loopback.ts';
export { createM2m, M2m, type M2mConfig } from './m2m/m2m.ts';
export { createSkeleton } from './skeleton/skeleton.ts';
export { createVivi, Vivi, type ViviConfig } from './vivi/vivi.ts';
export { createViviMplane, ViviMplane, type ViviMplaneConfig } from './vivi-mplane/vivi-mplane.ts';

/** What a device gets from the world around it. */
export interface CameraSurroundings {
  readonly clock: Clock;
  readonly pages: PageAllocator;
  /** A number that no other camera of the same driver has. */
  readonly instance: number;
}

/** Addresses that the DMA engine of a camera has: as many frames as a program may ask for, at 4K. */
const DMA_BYTES = 2 ** 31;

function memOpsOf(memory: MemoryBackEnd, pages: PageAllocator): Vb2MemOps {
  switch (memory) {
    case 'vmalloc':
      return vmallocMemOps(pages) as Vb2MemOps;
    case 'dma-contig':
      return dmaContigMemOps({ arena: new DmaArena({ size: DMA_BYTES }), pages }) as Vb2MemOps;
    case 'dma-sg':
      return dmaSgMemOps({ arena: new DmaArena({ size: DMA_BYTES }), pages }) as Vb2MemOps;
  }
}

/** Makes the devices that `spec` describes, to be registered by the caller in their order. */
export function createCameras(spec: CameraSpec, surroundings: CameraSurroundings): readonly VideoDevice[] {
  switch (spec.driver) {
    case 'vivi': {
      const memOps = memOpsOf(spec.memory, surroundings.pages);
      return [createVivi({ ...surroundings, ...spec, memOps }) as VideoDevice];
    }
    case 'vivi-mplane':
      return [createViviMplane({ ...surroundings, ...spec }) as VideoDevice];
    case 'loopback':
      return createLoopback({ ...surroundings, ...spec }) as readonly VideoDevice[];
    case 'm2m':
      return [createM2m({ ...surroundings, ...spec }) as VideoDevice];
    case 'skeleton':
      return [createSkeleton(surroundings) as VideoDevice];
  }
}

/** Makes the device that `spec` describes; of several the first. */
export function createCamera(spec: CameraSpec, surroundings: CameraSurroundings): VideoDevice {
  return createCameras(spec, surroundings)[0] as VideoDevice;
}
