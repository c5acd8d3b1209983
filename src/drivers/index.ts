/** The drivers, and how to get devices from the description of a camera. */
export {
  type CameraSpec,
  CameraSpecError,
  createCamera,
  createCameras,
  createSteered,
  noDriver,
  parseCamera,
  settingsOf,
  specOf,
  unknownSetting,
  writtenSettings,
} from './camera-spec.ts';
export {
  type CameraCommon,
  type CameraIdentity,
  type CameraSurroundings,
  commonSettings,
  type DriverModule,
  defineDriver,
  fillCapability,
} from './lib/driver-module.ts';
export { type Readers, readersChoices } from './lib/file-readers.ts';
export { FrameClock } from './lib/frame-clock.ts';
export {
  type FrameFormat,
  fillPix,
  fillPixMplane,
  frameFormat,
  prepareFrame,
  setupFrames,
} from './lib/frame-format.ts';
export type { TimePerFrame } from './lib/frame-interval.ts';
export { FrameSchedule } from './lib/frame-schedule.ts';
export { type MemoryBackEnd, memOpsOf, memoryBackEnds } from './lib/memory-back-ends.ts';
export {
  bytesSetting,
  choiceSetting,
  formatSetting,
  numberSetting,
  optionalSetting,
  type Rate,
  rateSetting,
  type Setting,
  type Settings,
  type SettingValues,
  sizeSetting,
  textSetting,
} from './lib/settings.ts';
export type { CameraSteering, SteeredDevices, VideoMode } from './lib/steering.ts';
export {
  type BuiltInDrivers,
  builtInDrivers,
  type DriverFinder,
  DriverRegistry,
  drivers,
  registerDriver,
} from './registry.ts';
export type { ProfileControl, ProfileFormat, ProfileSize, WebcamProfile } from './webcam/profile.ts';
export { isWebcamFormat } from './webcam/webcam-modes.ts';
