/** Priorities: what an open file asks of `V4l2PrioState`. */
import type { File } from '../../vfs/file.ts';
import type { V4l2Fh } from '../v4l2-fh.ts';
import type { ScalarView } from './ops/index.ts';

export function v4lGPriority(_file: File, fh: V4l2Fh, priority: ScalarView): void {
  priority.value = fh.vdev.prio.max();
}

export function v4lSPriority(_file: File, fh: V4l2Fh, priority: ScalarView): void {
  fh.prio = fh.vdev.prio.change(fh.prio, priority.value);
}
