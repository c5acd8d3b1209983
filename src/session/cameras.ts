/** From the descriptions of cameras to their devices. */
import { sayThrown } from '../base/bug.ts';
import { Errno } from '../base/errno.ts';
import {
  type CameraSpec,
  CameraSpecError,
  type CameraSurroundings,
  createSteered,
  parseCamera,
  type SteeredDevices,
} from '../drivers/index.ts';
import { VideoDevice } from '../v4l2-core/index.ts';
import { driverWord } from './camera-words.ts';
import type { CameraDrivers } from './driver-files.ts';
import { placeOf } from './driver-surroundings.ts';

/** What the driver in `file` did wrong, for somebody who may mend it. */
function driverTrouble(file: string, what: string, thrown: unknown): CameraSpecError {
  return new CameraSpecError(`${placeOf(thrown) ?? file} throws in ${what}: ${sayThrown(thrown)}`);
}

/** Calls code of a driver: if it comes from a file, what it throws by mistake is for its author, not for us. */
function answering<T>(file: string | undefined, what: string, call: () => T): T {
  try {
    return call();
  } catch (error) {
    if (file === undefined || error instanceof Errno || error instanceof CameraSpecError) throw error;
    throw driverTrouble(file, what, error);
  }
}

function checkDevices(
  file: string | undefined,
  { driver }: CameraSpec,
  devices: unknown,
): asserts devices is VideoDevice[] {
  if (Array.isArray(devices) && devices.length > 0 && devices.every((each) => each instanceof VideoDevice))
    return;
  throw new CameraSpecError(
    `create() of ${file ?? driver.name} makes no device: return an array of one VideoDevice or more.`,
  );
}

/** Makes the devices of the camera that `text` describes, and what steers them. Throws CameraSpecError, or an Errno of the driver. */
export function makeCamera(
  text: string,
  drivers: CameraDrivers,
  surroundings: CameraSurroundings,
): SteeredDevices {
  const named = drivers.find(driverWord(text));
  const file = named === undefined ? undefined : drivers.fileOf(named);
  const spec = answering(file, 'a setting', () => parseCamera(text, drivers));
  const made = answering(file, 'create()', () => createSteered(spec, surroundings));
  const { devices } = made;
  checkDevices(file, spec, devices);
  // Asked for its names in /dev and /sys before any program can ask.
  for (const device of devices) answering(file, 'vidioc_querycap()', () => device.querycap());
  return made;
}
