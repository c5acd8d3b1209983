/** The minor numbers of one kind of devices: the first free one is given, and again after the last close. */
import { ENFILE, Errno } from '../base/errno.ts';

/** Minor numbers of one major. */
const MINORS = 256;

export interface Numbered {
  readonly isRegistered: boolean;
  /** A program has it open: its number is not given to another one, although it may have gone. */
  readonly isOpen: boolean;
}

export class DeviceNumbers<D extends Numbered> {
  /** Devices that have gone keep their numbers while a program has them open. */
  readonly #byMinor: (D | undefined)[] = [];

  /** The registered devices in the order of their numbers. */
  get devices(): readonly D[] {
    return this.#byMinor.filter((device) => device?.isRegistered === true) as D[];
  }

  /** The registered device with this number. */
  device(minor: number): D | undefined {
    const device = this.#byMinor[minor];
    return device?.isRegistered ? device : undefined;
  }

  /** Gives `device` the first free number from `wanted` on, or the first free one of all if those are taken. ENFILE. */
  take(device: D, wanted: number): number {
    const minor = this.#firstFree(wanted) ?? this.#firstFree(0);
    if (minor === undefined) throw new Errno(ENFILE, `all ${MINORS} numbers of such devices are taken`);
    this.#byMinor[minor] = device;
    return minor;
  }

  /** `device` does without its number, although it may be open. */
  free(device: D, minor: number): void {
    if (this.#byMinor[minor] === device) this.#byMinor[minor] = undefined;
  }

  #firstFree(from: number): number | undefined {
    for (let minor = Math.max(0, from); minor < MINORS; minor++) {
      const device = this.#byMinor[minor];
      if (device === undefined || !(device.isRegistered || device.isOpen)) return minor;
    }
    return undefined;
  }
}
