/** The V4L2 core: what drivers and the programs around it use of it. */

export { LINUX_VERSION_CODE } from './ioctl-functions.ts';
export type { IoctlInfo, IoctlName } from './ioctl-info.ts';
export { ioctlInfo, ioctlTable } from './ioctl-table.ts';
export { VideoDeviceRegistry } from './registry.ts';
export { V4l2Fh } from './v4l2-fh.ts';
export type { V4l2FileOperations } from './v4l2-fops.ts';
export type { ArrayIoctlOp, BlockingIoctlOp, IoctlOp, ScalarView, V4l2IoctlOps } from './v4l2-ioctl-ops.ts';
export { vb2Fops, vb2IoctlOps } from './vb2-ioctl-ops.ts';
export { VIDEO_MAJOR, VideoDevice, type VideoDeviceConfig } from './video-device.ts';
