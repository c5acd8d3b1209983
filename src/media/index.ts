/** The media controller: what drivers and the programs around it use of it. */
export {
  type DeviceNumber,
  MediaEntity,
  type MediaEntityConfig,
  type MediaEntityOps,
  MediaInterface,
  MediaLink,
  MediaPad,
} from './graph.ts';
export { mediaIoctlTable } from './ioctl.ts';
export { MEDIA_MAJOR, MediaDevice, type MediaDeviceConfig } from './media-device.ts';
export { MediaDeviceRegistry } from './registry.ts';
export { type MediaIoctlEvent, type MediaIoctlResult, mediaIoctlEnter, mediaIoctlExit } from './trace.ts';
