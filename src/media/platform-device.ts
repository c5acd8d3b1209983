/** A device that is no part of a bus which could be plugged, in sysfs: a media device always has one above it. */
import type { BusDevice } from '../vfs/file.ts';

/** The one whose bus_info is `platform:NAME`; any other word stands for itself. */
export function platformDevice(busInfo: string, driver: string): BusDevice {
  const name = busInfo.replace(/^platform:/, '').replaceAll('/', '!');
  const path = `/sys/devices/platform/${name}`;
  return {
    path,
    files: { [`${path}/uevent`]: `DRIVER=${driver}\nMODALIAS=platform:${name}` },
    links: { [`${path}/subsystem`]: '/sys/bus/platform' },
  };
}
