/** The devices that there are at the moment: they come and go while programs run. The kernel's cdev map and devtmpfs. */
import { EEXIST, Errno } from '../base/errno.ts';
import type { CharDevice } from './file.ts';

export interface DeviceListener {
  /** `device` can be opened from now on. */
  added(device: CharDevice): void;
  /** The node of `device` is gone; open files of it go on, and answer what it answers. */
  removed(device: CharDevice): void;
  /** What `device` says of itself is another than before, or is to be looked at once more. */
  changed?(device: CharDevice): void;
}

export class DeviceTable {
  readonly #byName = new Map<string, CharDevice>();
  readonly #listeners: DeviceListener[] = [];

  constructor(devices: readonly CharDevice[] = []) {
    for (const device of devices) this.add(device);
  }

  /** The devices in the order in which they came. */
  get devices(): readonly CharDevice[] {
    return [...this.#byName.values()];
  }

  /** The device with this name in /dev; undefined if there is none. */
  find(name: string): CharDevice | undefined {
    return this.#byName.get(name);
  }

  /** `listener` is told of all changes from now on, in the order in which listeners came. */
  listen(listener: DeviceListener): void {
    this.#listeners.push(listener);
  }

  /** Throws EEXIST if there is a device of this name. */
  add(device: CharDevice): void {
    if (this.#byName.has(device.name)) throw new Errno(EEXIST, `there is a /dev/${device.name} already`);
    this.#byName.set(device.name, device);
    for (const listener of this.#listeners) listener.added(device);
  }

  /** Tells that `device` has changed. */
  change(device: CharDevice): void {
    for (const listener of this.#listeners) listener.changed?.(device);
  }

  /** Nothing happens if `device` is not there. */
  remove(device: CharDevice): void {
    if (this.#byName.get(device.name) !== device) return;
    this.#byName.delete(device.name);
    for (const listener of this.#listeners) listener.removed(device);
  }
}
