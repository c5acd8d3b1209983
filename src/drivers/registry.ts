/** The drivers that a camera can be made with: ours, and any other that is registered. */
import { commonSettings, type DriverModule } from './lib/driver-module.ts';
import type { Setting, Settings } from './lib/settings.ts';
import { loopbackDriver } from './loopback/loopback-driver.ts';
import { m2mDriver } from './m2m/m2m-driver.ts';
import { skeletonDriver } from './skeleton/skeleton.ts';
import { viviDriver } from './vivi/vivi-driver.ts';
import { viviLegacyDriver } from './vivi-legacy/vivi-legacy-driver.ts';
import { viviMplaneDriver } from './vivi-mplane/vivi-mplane-driver.ts';
import { webcamDriver } from './webcam/webcam-driver.ts';

const NAME = /^[a-z][a-z0-9-]*$/;

/** Where a description of a camera finds its driver. */
export interface DriverFinder {
  /** The driver that is meant by what stands before the first comma. */
  find(word: string): DriverModule | undefined;
  /** What there is to choose, for messages. */
  readonly names: readonly string[];
}

type Words = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Words => typeof value === 'object' && value !== null;

/** Made by choiceSetting() and its like, or as they do. */
function isSetting(value: unknown): value is Setting {
  return isObject(value) && typeof value.read === 'function' && typeof value.help === 'string';
}

function checkSetting(name: string, key: string, setting: unknown): void {
  if (!isSetting(setting))
    throw new RangeError(`its setting "${key}" is none: use sizeSetting, choiceSetting or another of them.`);
  // A default that is not possible would be an error of whoever types nothing.
  if (setting.default !== undefined) setting.read(setting.default, key, name);
}

/**
 * That a value is a description of a driver, as far as that can be seen without making a camera: it may come from where no
 * compiler has looked. Throws a RangeError, whose message is for the author of the driver, or CameraSpecError.
 */
export function checkDriver(value: unknown): DriverModule {
  if (!isObject(value)) throw new RangeError(`it is ${value === null ? 'null' : `a ${typeof value}`}.`);
  const { name, help, settings, create } = value;
  if (typeof name !== 'string' || !NAME.test(name))
    throw new RangeError(`"${name}" cannot be the name of a driver: use a-z, 0-9 and dashes.`);
  if (typeof help !== 'string') throw new RangeError('it has no "help", a sentence that says what it is.');
  if (!isObject(settings)) throw new RangeError('it has no "settings"; without any write settings: {}.');
  if (typeof create !== 'function') throw new RangeError('it has no create(), which makes the devices.');
  const module = value as unknown as DriverModule;
  // In a configuration "camera" stands for the driver.
  const common = [...Object.keys(commonSettings(module)), 'camera'];
  for (const [key, setting] of Object.entries(settings)) {
    if (common.includes(key))
      throw new RangeError(`The driver ${name} cannot have a setting "${key}": every camera has one.`);
    checkSetting(name, key, setting);
  }
  return module;
}

export class DriverRegistry implements DriverFinder {
  readonly #modules = new Map<string, DriverModule>();

  /**
   * Makes a driver known by its name. Throws a RangeError, whose message is for the author of the driver, if another
   * has the name, or if the description cannot be meant.
   */
  register<S extends Settings>(module: DriverModule<S>): void {
    const { name } = checkDriver(module);
    if (this.#modules.has(name)) throw new RangeError(`There is a driver "${name}" already.`);
    this.#modules.set(name, module as unknown as DriverModule);
  }

  find(name: string): DriverModule | undefined {
    return this.#modules.get(name);
  }

  /** In the order in which they were registered. */
  get all(): readonly DriverModule[] {
    return [...this.#modules.values()];
  }

  get names(): readonly string[] {
    return [...this.#modules.keys()];
  }
}

/** The drivers of this package by their names. */
const builtIn = {
  vivi: viviDriver,
  'vivi-mplane': viviMplaneDriver,
  'vivi-legacy': viviLegacyDriver,
  webcam: webcamDriver,
  loopback: loopbackDriver,
  m2m: m2mDriver,
  skeleton: skeletonDriver,
} as const;

export type BuiltInDrivers = typeof builtIn;

/** A registry with the drivers of this package. */
export function builtInDrivers(): DriverRegistry {
  const registry = new DriverRegistry();
  for (const module of Object.values(builtIn)) registry.register(module as unknown as DriverModule);
  return registry;
}

/** The registry that is used when none is named. */
export const drivers = builtInDrivers();

/** Makes a driver known to {@link drivers}. See {@link DriverRegistry.register}. */
export function registerDriver<S extends Settings>(module: DriverModule<S>): void {
  drivers.register(module);
}
