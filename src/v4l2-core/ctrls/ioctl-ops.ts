/** Ops that a driver with controls takes over as they are. */
import { prInfo } from '../../base/log.ts';
import type { File } from '../../vfs/file.ts';
import { v4l2EventUnsubscribe } from '../events/index.ts';
import type { V4l2IoctlOps } from '../ioctl/ops/index.ts';
import type { V4l2Fh } from '../v4l2-fh.ts';
import { v4l2CtrlSubscribeEvent } from './events.ts';
import { ctrlHandlerOf } from './find.ts';

/** `vidioc_log_status`: what all controls are. @kernel v4l2_ctrl_log_status */
export function v4l2CtrlLogStatus(_file: File, fh: V4l2Fh): void {
  ctrlHandlerOf(fh)?.logStatus(fh.vdev.label, prInfo);
}

/** Events of controls and no others: to be spread into the ioctl ops. */
export const ctrlEventOps = {
  vidioc_subscribe_event: (_file, fh, sub) => v4l2CtrlSubscribeEvent(fh, sub),
  vidioc_unsubscribe_event: (_file, fh, sub) => v4l2EventUnsubscribe(fh, sub),
} satisfies V4l2IoctlOps;
