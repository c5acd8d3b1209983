/** The V4L2 core: what drivers and the programs around it use of it. */

export {
  type Cluster,
  type CtrlNumber,
  type CtrlPayload,
  ctrlEventOps,
  type StdCtrl,
  stdCtrl,
  stdCtrls,
  type V4l2Ctrl,
  type V4l2CtrlConfig,
  V4l2CtrlHandler,
  type V4l2CtrlOps,
  type V4l2CtrlTypeOps,
  v4l2CtrlActivate,
  v4l2CtrlAutoCluster,
  v4l2CtrlCluster,
  v4l2CtrlGCtrl,
  v4l2CtrlGCtrlInt64,
  v4l2CtrlGrab,
  v4l2CtrlLogStatus,
  v4l2CtrlModifyDimensions,
  v4l2CtrlModifyRange,
  v4l2CtrlSCtrl,
  v4l2CtrlSCtrlCompound,
  v4l2CtrlSCtrlInt64,
  v4l2CtrlSCtrlString,
  v4l2CtrlSubscribeEvent,
  v4l2CtrlTypeOps,
} from './ctrls/index.ts';
export {
  type V4l2FhEvents,
  type V4l2SubscribedEvent,
  type V4l2SubscribedEventOps,
  v4l2EventQueue,
  v4l2EventQueueFh,
  v4l2EventSubscribe,
  v4l2EventUnsubscribe,
  v4l2SrcChangeEventSubscribe,
} from './events/index.ts';
export { fhQueueFops, fhQueueIoctlOps, type QueueOfFh } from './fh-queue.ts';
export type { FrameQueue } from './frame-queue.ts';
export type {
  ArrayIoctlOp,
  BlockingIoctlOp,
  DefaultIoctl,
  DefaultIoctlOp,
  IoctlOp,
  ScalarView,
  V4l2IoctlOps,
} from './ioctl/ops/index.ts';
export type { IoctlInfo, IoctlName } from './ioctl/row.ts';
export { ioctlInfo, ioctlTable } from './ioctl/table.ts';
export {
  devDebugPoint,
  type IoctlArgument,
  type IoctlEvent,
  type IoctlResult,
  ioctlEnter,
  ioctlExit,
  ioctlSleep,
} from './ioctl/trace.ts';
export { captureMemOps, m2mCtxOf, V4l2M2mCtx, type V4l2M2mCtxConfig } from './mem2mem/context.ts';
export { V4l2M2mDev, type V4l2M2mOps } from './mem2mem/device.ts';
export { m2mBufCopyMetadata, m2mGetVq, v4l2M2mFops, v4l2M2mIoctlOps } from './mem2mem/ioctl.ts';
export { V4l2PrioState } from './priority.ts';
export { VideoDeviceRegistry } from './registry.ts';
export { type UsbPort, usbBusInfo, usbDevice, usbRevision } from './usb-port.ts';
export { V4l2Fh } from './v4l2-fh.ts';
export type { V4l2FileOperations } from './v4l2-fops.ts';
export { vb2Fops, vb2IoctlOps, vb2QueueOf } from './vb2-ioctl-ops.ts';
export { VIDEO_MAJOR, VideoDevice, type VideoDeviceConfig } from './video-device.ts';
