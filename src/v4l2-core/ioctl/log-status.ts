import { prInfo } from '../../base/log.ts';
import type { Caller, File } from '../../vfs/file.ts';
import type { V4l2Fh } from '../v4l2-fh.ts';

/** What the driver has to say, between two lines that show whose it is. @kernel v4l_log_status */
export function v4lLogStatus(file: File, fh: V4l2Fh, _argument: undefined, caller: Caller): void {
  const { label, ioctlOps } = fh.vdev;
  prInfo(`${label}: =================  START STATUS  =================`);
  ioctlOps.vidioc_log_status?.(file, fh, undefined, caller);
  prInfo(`${label}: ==================  END STATUS  ==================`);
}
