/** The drivers, and how to get a device from the description of a camera. */
import type { Clock } from '../base/timers.ts';
import type { PageAllocator } from '../memory/pages.ts';
import type { VideoDevice } from '../v4l2-core/index.ts';
import type { CameraSpec } from './camera-spec.ts';
import { createSkeleton } from './skeleton/skeleton.ts';
import { createVivi } from './vivi/vivi.ts';

export {
  type CameraSpec,
  CameraSpecError,
  driverNames,
  formatNames,
  parseCameraSpec,
  type SkeletonSpec,
  type ViviSpec,
} from './camera-spec.ts';
export { FrameSchedule, type TimePerFrame } from './frame-schedule.ts';
export { createSkeleton } from './skeleton/skeleton.ts';
export { createVivi, Vivi, type ViviConfig } from './vivi/vivi.ts';

/** What a device gets from the world around it. */
export interface CameraSurroundings {
  readonly clock: Clock;
  readonly pages: PageAllocator;
  /** A number that no other camera of the same driver has. */
  readonly instance: number;
}

/** Makes the device that `spec` describes, to be registered by the caller. */
export function createCamera(spec: CameraSpec, surroundings: CameraSurroundings): VideoDevice {
  switch (spec.driver) {
    case 'vivi':
      return createVivi({ ...surroundings, ...spec }) as VideoDevice;
    case 'skeleton':
      return createSkeleton(surroundings) as VideoDevice;
  }
}
