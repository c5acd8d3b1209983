import { EBUSY, Errno } from '../base/errno.ts';
import type { Clock } from '../base/timers.ts';
import { DeviceNumbers } from '../vfs/device-numbers.ts';
import type { VideoDevice } from './video-device.ts';

/** The registered video devices. An object, so that there can be several worlds: one for each run or test. */
export class VideoDeviceRegistry {
  readonly #numbers = new DeviceNumbers<VideoDevice>();
  readonly #clock: Pick<Clock, 'now'>;

  /** `clock` says when events are raised. */
  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** The registered devices in the order of their numbers. */
  get devices(): readonly VideoDevice[] {
    return this.#numbers.devices;
  }

  /** The device with this minor number. */
  device(minor: number): VideoDevice | undefined {
    return this.#numbers.device(minor);
  }

  /**
   * Makes `vdev` a node that programs can open: `videoN` with the first free N from `wanted` on, or the first
   * free one of all if those are taken.
   *
   * @kernel video_register_device
   */
  register<D>(vdev: VideoDevice<D>, wanted = 0): void {
    if (vdev.isRegistered) throw new Errno(EBUSY, `${vdev.label} is registered already, as ${vdev.name}`);
    const minor = this.#numbers.take(vdev as VideoDevice, wanted);
    vdev.appear(`video${minor}`, minor, this.#clock);
  }

  /**
   * The device goes: unplugged, or no longer wanted. Its number is given again after the last close.
   *
   * @kernel video_unregister_device
   */
  unregister<D>(vdev: VideoDevice<D>): void {
    if (this.device(vdev.minor) !== vdev) return;
    vdev.vanish();
  }

  /**
   * `gone` is unplugged, if it has not been before, and `vdev` plugged in where it was: under its number, which open files of
   * `gone` no longer hold, or the next one if another device has that by now.
   */
  replace<D, E>(gone: VideoDevice<D>, vdev: VideoDevice<E>): void {
    const { minor } = gone;
    this.unregister(gone);
    this.#numbers.free(gone as VideoDevice, minor);
    this.register(vdev, minor);
  }
}
