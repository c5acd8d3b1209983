/**
 * Cameras as people name them on a command line: a driver and its settings, `vivi,size=1280x720,fps=60`.
 * Everything that can be wrong is said here, in one sentence, before any device is made.
 */
import type { VideoDevice } from '../v4l2-core/index.ts';
import { CameraSpecError } from './lib/camera-spec-error.ts';
import {
  type CameraIdentity,
  type CameraSurroundings,
  commonSettings,
  type DriverModule,
} from './lib/driver-module.ts';
import type { Readers } from './lib/file-readers.ts';
import type { Settings, SettingValues } from './lib/settings.ts';
import { type DriverFinder, drivers } from './registry.ts';

export { CameraSpecError };

/** A camera that was described and can be made. */
export interface CameraSpec {
  readonly driver: DriverModule;
  /** The settings of the driver, those that nobody named with their defaults. */
  readonly settings: SettingValues<Settings>;
  readonly name: string | undefined;
  readonly bus: string | undefined;
  readonly readers: Readers;
}

type Found = ReadonlyMap<string, string>;

/** The number of single letters to add, take away or change that make one word another. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}

const FURTHEST = 2;

/** The word that was probably meant. */
function similar(word: string, words: readonly string[]): string | undefined {
  const lower = word.toLowerCase();
  const [best] = words
    .map((candidate) => ({ candidate, away: distance(lower, candidate) }))
    .filter(({ candidate, away }) => away <= Math.min(FURTHEST, candidate.length - 2))
    .sort((a, b) => a.away - b.away);
  return best?.candidate;
}

function noDriver(word: string, names: readonly string[]): CameraSpecError {
  const choice = `choose one of ${names.join(', ')}, such as vivi,size=1280x720.`;
  if (word === '') return new CameraSpecError(`A camera needs a driver: ${choice}`);
  const [first = '', rest] = word.split(/[\s:;]+(.*)/s);
  if (rest !== undefined && names.includes(first))
    return new CameraSpecError(`"${word}" is no camera: write a comma after the driver, ${first},${rest}.`);
  if (/^[a-z]+:\/\/|[/.]/i.test(word))
    return new CameraSpecError(`A camera begins with the name of a driver, and "${word}" is none: ${choice}`);
  const meant = similar(word, names);
  return new CameraSpecError(
    `There is no driver "${word}": ${meant === undefined ? choice : `did you mean ${meant}?`}`,
  );
}

function unknownSetting(driver: string, settings: Settings, key: string, before?: string): CameraSpecError {
  const keys = Object.keys(settings);
  if (before !== undefined && /^\d+$/.test(key) && /^\w+=\d+$/.test(before))
    return new CameraSpecError(`"${before},${key}" has a comma in its number: write ${before}.${key}.`);
  const [name = '', value] = key.split(/[\s:]+(.*)/s);
  if (value !== undefined && keys.includes(name))
    return new CameraSpecError(`"${key}" is no setting: write ${name}=${value}.`);
  const meant = key === '' ? undefined : similar(key, keys);
  const mend = meant === undefined ? `its settings are ${keys.join(', ')}.` : `did you mean ${meant}?`;
  return new CameraSpecError(`The driver ${driver} does not know "${key}": ${mend}`);
}

/** The settings after the driver's name, each known to the driver and there once. */
function findSettings(driver: string, settings: Settings, words: readonly string[]): Found {
  const found = new Map<string, string>();
  for (const [i, word] of words.entries()) {
    if (word.trim() === '' && i === words.length - 1)
      throw new CameraSpecError('Nothing follows the last comma: leave it out.');
    const equals = word.indexOf('=');
    const key = (equals < 0 ? word : word.slice(0, equals)).trim();
    const setting = Object.hasOwn(settings, key) ? settings[key] : undefined;
    if (setting === undefined) throw unknownSetting(driver, settings, key, words[i - 1]?.trim());
    if (equals < 0 || word.slice(equals + 1).trim() === '')
      throw new CameraSpecError(`"${key}" has no value: write it as ${key}=${setting.example}.`);
    if (found.has(key)) throw new CameraSpecError(`"${key}" is given twice: leave one of them out.`);
    found.set(key, word.slice(equals + 1).trim());
  }
  return found;
}

function readSettings<S extends Settings>(driver: string, settings: S, found: Found): SettingValues<S> {
  const values = Object.entries(settings).map(([key, setting]) => {
    const text = found.get(key) ?? setting.default;
    return [key, text === undefined ? undefined : setting.read(text, key, driver)] as const;
  });
  return Object.fromEntries(values) as SettingValues<S>;
}

/** Reads the description of a camera. Throws {@link CameraSpecError}. */
export function parseCamera(text: string, registry: DriverFinder = drivers): CameraSpec {
  const [word = '', ...words] = text.split(',');
  const driver = registry.find(word.trim());
  if (driver === undefined) throw noDriver(word.trim(), registry.names);
  const common = commonSettings(driver);
  const found = findSettings(driver.name, { ...driver.settings, ...common }, words);
  return {
    driver,
    settings: readSettings(driver.name, driver.settings, found),
    ...readSettings(driver.name, common, found),
  };
}

function identityOf({ driver, settings, name, bus }: CameraSpec, instance: number): CameraIdentity {
  const label = `${driver.name}-${String(instance).padStart(3, '0')}`;
  return {
    label,
    driver: driver.name,
    card: name ?? driver.card?.(settings, instance) ?? driver.name,
    bus: bus ?? `platform:${label}`,
  };
}

/** Makes the devices that `spec` describes, to be registered by the caller in their order. */
export function createCameras(spec: CameraSpec, surroundings: CameraSurroundings): readonly VideoDevice[] {
  const identity = identityOf(spec, surroundings.instance);
  return spec.driver.create(spec.settings, { identity, readers: spec.readers }, surroundings);
}

/** Makes the device that `spec` describes; of several the first. */
export function createCamera(spec: CameraSpec, surroundings: CameraSurroundings): VideoDevice {
  return createCameras(spec, surroundings)[0] as VideoDevice;
}
