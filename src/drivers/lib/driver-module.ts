import type { v4l2_capability } from '../../abi/index.ts';
import type { Clock } from '../../base/timers.ts';
import type { PageAllocator } from '../../memory/pages.ts';
import type { ProducerHost } from '../../sources/index.ts';
import type { VideoDevice } from '../../v4l2-core/index.ts';
import { type Readers, readersChoices } from './file-readers.ts';
import { choiceSetting, type Settings, type SettingValues, textSetting } from './settings.ts';
import type { SteeredDevices } from './steering.ts';

/** What a device gets from the world around it. */
export interface CameraSurroundings {
  readonly clock: Clock;
  readonly pages: PageAllocator;
  /** Who makes frames that are not painted here; without it a camera has none but patterns. */
  readonly producers?: ProducerHost;
  /** The text of a file that a setting names; undefined if it cannot be read. */
  readonly readText?: (path: string) => string | undefined;
  /** A number that no other camera of the same driver has. */
  readonly instance: number;
}

/** What a camera calls itself when it is asked with VIDIOC_QUERYCAP. */
export interface CameraIdentity {
  /** `vivi-000`: tells the cameras of one process apart, in messages and in sysfs. */
  readonly label: string;
  readonly driver: string;
  readonly card: string;
  readonly bus: string;
}

/** Beside its own settings what a driver is given to make a camera. */
export interface CameraCommon {
  readonly identity: CameraIdentity;
  /** How many programs may read at once; one of those that the driver says it can do. */
  readonly readers: Readers;
}

/**
 * A driver as it is named in a camera's description, `vivi,size=1280x720`. Ours are such modules, and so is one that
 * somebody writes elsewhere and registers.
 */
export interface DriverModule<S extends Settings = Settings> {
  /** What stands before the first comma: lower-case letters, digits and dashes. */
  readonly name: string;
  /** What it is, in one sentence, for help. */
  readonly help: string;
  /** Its own settings; those of {@link commonSettings} come on top. */
  readonly settings: S;
  /** How many programs it lets read at once, the default first; one if that is left out. */
  readonly readers?: readonly Readers[];
  /** What programs are told as the name of a camera that has none; the name of the driver if that is left out. */
  card?(values: SettingValues<S>, instance: number): string;
  /** The same for the other names, where the driver pretends to be another. May throw CameraSpecError. */
  identity?(
    values: SettingValues<S>,
    instance: number,
    surroundings: CameraSurroundings,
  ): Partial<Pick<CameraIdentity, 'driver' | 'card' | 'bus'>>;
  /**
   * Makes the devices of a camera, to be registered by the caller in their order, and what it can be steered with if there is
   * such. May throw Errno.
   */
  create(
    values: SettingValues<S>,
    common: CameraCommon,
    surroundings: CameraSurroundings,
  ): readonly VideoDevice[] | SteeredDevices;
}

/** Gives a module the types of its own settings. */
export function defineDriver<const S extends Settings>(module: DriverModule<S>): DriverModule<S> {
  return module;
}

/** `card` and `bus_info` of struct v4l2_capability have 32 bytes with the NUL. */
const MAX_TEXT = 31;
/** What bus_info may begin with, as v4l2-compliance has it. */
const BUS = /^(PCI:|PCIe:|ISA:|I2C:|parport|platform:|rmi4:|libata:|usb-|serio:|gadget\.)[!-~]*$/;

/** The settings that every camera has. */
export function commonSettings({ readers = ['one'] }: Pick<DriverModule, 'readers'>) {
  return {
    name: textSetting(
      { example: 'Front door', maxBytes: MAX_TEXT },
      'What programs show as the name of the camera (card).',
    ),
    driver: textSetting(
      { example: 'v4l2 loopback', maxBytes: 15 },
      'What programs are told as the name of its driver: some look for one that they know.',
    ),
    bus: textSetting(
      {
        example: 'platform:front-door',
        maxBytes: MAX_TEXT,
        pattern: BUS,
        must: 'it begins with platform:, usb-, PCI: or another bus that programs know',
      },
      'Where programs are told that the camera is plugged in (bus_info).',
    ),
    readers: choiceSetting(
      readers.length > 0 ? readers : readersChoices,
      'How many programs may read at once: one, as of a camera, or many, which all see all frames.',
    ),
  };
}

/** The answer to VIDIOC_QUERYCAP; the core adds the capabilities. */
export function fillCapability(cap: v4l2_capability, { driver, card, bus }: CameraIdentity): void {
  cap.driver = driver;
  cap.card = card;
  cap.bus_info = bus;
}
