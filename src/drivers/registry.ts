/** The drivers that a camera can be made with: ours, and any other that is registered. */
import { commonSettings, type DriverModule } from './lib/driver-module.ts';
import type { Settings } from './lib/settings.ts';
import { loopbackDriver } from './loopback/loopback-driver.ts';
import { m2mDriver } from './m2m/m2m-driver.ts';
import { skeletonDriver } from './skeleton/skeleton.ts';
import { viviDriver } from './vivi/vivi-driver.ts';
import { viviMplaneDriver } from './vivi-mplane/vivi-mplane-driver.ts';

const NAME = /^[a-z][a-z0-9-]*$/;

/** Where a description of a camera finds its driver. */
export interface DriverFinder {
  /** The driver that is meant by what stands before the first comma. */
  find(word: string): DriverModule | undefined;
  /** What there is to choose, for messages. */
  readonly names: readonly string[];
}

export class DriverRegistry implements DriverFinder {
  readonly #modules = new Map<string, DriverModule>();

  /**
   * Makes a driver known by its name. Throws a RangeError, whose message is for the author of the driver, if another
   * has the name, or if the description cannot be meant.
   */
  register<S extends Settings>(module: DriverModule<S>): void {
    const { name, settings } = module;
    if (!NAME.test(name))
      throw new RangeError(`"${name}" cannot be the name of a driver: use a-z, 0-9 and dashes.`);
    if (this.#modules.has(name)) throw new RangeError(`There is a driver "${name}" already.`);
    const common = Object.keys(commonSettings(module));
    for (const [key, setting] of Object.entries(settings)) {
      if (common.includes(key))
        throw new RangeError(`The driver ${name} cannot have a setting "${key}": every camera has one.`);
      // A default that is not possible would be an error of whoever types nothing.
      if (setting.default !== undefined) setting.read(setting.default, key, name);
    }
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

/** A registry with the drivers of this package. */
export function builtInDrivers(): DriverRegistry {
  const registry = new DriverRegistry();
  registry.register(viviDriver);
  registry.register(viviMplaneDriver);
  registry.register(loopbackDriver);
  registry.register(m2mDriver);
  registry.register(skeletonDriver);
  return registry;
}

/** The registry that is used when none is named. */
export const drivers = builtInDrivers();

/** Makes a driver known to {@link drivers}. See {@link DriverRegistry.register}. */
export function registerDriver<S extends Settings>(module: DriverModule<S>): void {
  drivers.register(module);
}
