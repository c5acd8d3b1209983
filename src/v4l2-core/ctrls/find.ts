import type { V4l2Fh } from '../v4l2-fh.ts';
import type { V4l2CtrlHandler } from './handler.ts';

/** The controls of an open file: its own, or those of the device. */
export function ctrlHandlerOf(fh: V4l2Fh): V4l2CtrlHandler | undefined {
  return fh.ctrlHandler ?? fh.vdev.ctrlHandler;
}
