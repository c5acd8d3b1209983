/** Where the devices of cameras get their numbers, and appear and vanish: their video devices, and then what those are part of. */
import type { Clock } from '../base/timers.ts';
import { type MediaDevice, MediaDeviceRegistry } from '../media/index.ts';
import type { VideoDevice } from '../v4l2-core/index.ts';
import { VideoDeviceRegistry } from '../v4l2-core/registry.ts';
import { DeviceTable } from '../vfs/device-table.ts';

/** Numbers of the first nodes of each kind; those below are the host's. */
export interface FirstNodes {
  readonly video: number;
  readonly media: number;
}

/** What the devices of one camera are part of. */
export function mediaOf(devices: readonly VideoDevice[]): readonly MediaDevice[] {
  return [...new Set(devices.flatMap(({ mdev }) => mdev ?? []))];
}

export class CameraNodes {
  /** For whoever brings calls to them. */
  readonly table = new DeviceTable();
  readonly #video: VideoDeviceRegistry;
  readonly #media = new MediaDeviceRegistry();
  readonly #first: FirstNodes;

  constructor(clock: Clock, first: FirstNodes) {
    this.#video = new VideoDeviceRegistry(clock);
    this.#first = first;
  }

  /** All `devices` of a camera appear. Throws ENFILE; those that have appeared by then stay. */
  plug(devices: readonly VideoDevice[]): void {
    for (const device of devices) {
      if (!device.isRegistered) this.#video.register(device, this.#first.video);
      this.table.add(device);
    }
    for (const mdev of mediaOf(devices)) {
      if (!mdev.isRegistered) this.#media.register(mdev, this.#first.media);
      this.table.add(mdev);
    }
  }

  /** Those that are there vanish. */
  unplug(devices: readonly VideoDevice[]): void {
    for (const device of devices) {
      this.table.remove(device);
      this.#video.unregister(device);
    }
    for (const mdev of mediaOf(devices)) {
      this.table.remove(mdev);
      this.#media.unregister(mdev);
    }
  }

  /** The nodes of `devices` vanish, and answer as before until {@link replug} makes others under their numbers. */
  hide(devices: readonly VideoDevice[]): void {
    for (const device of [...devices, ...mediaOf(devices)]) this.table.remove(device);
  }

  /** `devices` appear under the numbers of `before`, which were hidden. There may be fewer than before, or more. */
  replug(before: readonly VideoDevice[], devices: readonly VideoDevice[]): void {
    for (const [i, gone] of before.entries()) {
      const next = devices[i];
      if (next === undefined) this.#video.unregister(gone);
      else this.#video.replace(gone, next);
    }
    const media = mediaOf(devices);
    for (const [i, gone] of mediaOf(before).entries()) {
      const next = media[i];
      if (next === undefined) this.#media.unregister(gone);
      else this.#media.replace(gone, next);
    }
    this.plug(devices);
  }
}
