import { EBUSY, Errno } from '../base/errno.ts';
import { DeviceNumbers } from '../vfs/device-numbers.ts';
import type { MediaDevice } from './media-device.ts';

/** The registered media devices, as `VideoDeviceRegistry` has the video devices: numbers of their own, from 0. */
export class MediaDeviceRegistry {
  readonly #numbers = new DeviceNumbers<MediaDevice>();

  /** The registered devices in the order of their numbers. */
  get devices(): readonly MediaDevice[] {
    return this.#numbers.devices;
  }

  /**
   * Makes `mdev` a node that programs can open: `mediaN` with the first free N from `wanted` on, or the first free one of all
   * if those are taken.
   *
   * @kernel media_devnode_register
   */
  register(mdev: MediaDevice, wanted = 0): void {
    if (mdev.isRegistered) throw new Errno(EBUSY, `${mdev.label} is registered already, as ${mdev.name}`);
    const minor = this.#numbers.take(mdev, wanted);
    mdev.appear(`media${minor}`, minor);
  }

  /** The device goes. Its number is given again after the last close. @kernel media_devnode_unregister */
  unregister(mdev: MediaDevice): void {
    if (this.#numbers.device(mdev.minor) === mdev) mdev.vanish();
  }

  /** `gone` goes, if it has not before, and `mdev` gets its number, which open files of `gone` no longer hold. */
  replace(gone: MediaDevice, mdev: MediaDevice): void {
    const { minor } = gone;
    this.unregister(gone);
    this.#numbers.free(gone, minor);
    this.register(mdev, minor);
  }
}
