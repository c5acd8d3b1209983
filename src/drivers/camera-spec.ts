/**
 * Cameras as people name them on a command line: a driver and its settings, `vivi,size=1280x720,fps=60`.
 * Everything that can be wrong is said here, in one sentence, before any device is made.
 */
import { similar } from '../base/similar.ts';
import type { VideoDevice } from '../v4l2-core/index.ts';
import { CameraSpecError } from './lib/camera-spec-error.ts';
import {
  type CameraIdentity,
  type CameraSurroundings,
  commonSettings,
  type DriverModule,
} from './lib/driver-module.ts';
import type { Readers } from './lib/file-readers.ts';
import type { Setting, Settings, SettingValues } from './lib/settings.ts';
import { joinWords, wordsOf } from './lib/spec-words.ts';
import type { SteeredDevices } from './lib/steering.ts';
import { type DriverFinder, drivers } from './registry.ts';

export { CameraSpecError };

/** A camera that was described and can be made. */
export interface CameraSpec {
  readonly driver: DriverModule;
  /** The settings of the driver, those that nobody named with their defaults. */
  readonly settings: SettingValues<Settings>;
  readonly name: string | undefined;
  /** What programs are told as the name of the driver. */
  readonly driverName: string | undefined;
  readonly bus: string | undefined;
  readonly readers: Readers;
}

type Found = ReadonlyMap<string, string>;

/** Somebody has named what the camera is to show, and nothing else. */
function isSource(word: string): boolean {
  return /^(rtsp|https?):|\.(mp4|mkv|webm|mov|avi|y4m|mjpe?g|png|jpe?g|webp|svg)$/i.test(word);
}

/** Of a word that names no driver. */
export function noDriver(word: string, names: readonly string[]): CameraSpecError {
  const choice = `choose one of ${names.join(', ')}, such as vivi,size=1280x720.`;
  if (word === '') return new CameraSpecError(`A camera needs a driver: ${choice}`);
  const [first = '', rest] = word.split(/[\s:;]+(.*)/s);
  if (rest !== undefined && names.includes(first))
    return new CameraSpecError(`"${word}" is no camera: write a comma after the driver, ${first},${rest}.`);
  if (/^[a-z]+:\/\/|[/.]/i.test(word)) {
    const mend = isSource(word) ? `write webcam,source=${word}.` : choice;
    return new CameraSpecError(`A camera begins with the name of a driver, and "${word}" is none: ${mend}`);
  }
  const meant = similar(word, names);
  return new CameraSpecError(
    `There is no driver "${word}": ${meant === undefined ? choice : `did you mean ${meant}?`}`,
  );
}

/** True if somebody has left out the name of this setting, whose values look like those of no other. */
function isValueOf({ kind, read }: Setting, text: string, key: string, driver: string): boolean {
  if (kind !== 'size' && kind !== 'format') return false;
  try {
    read(text, key, driver);
    return true;
  } catch {
    return false;
  }
}

/** `640x480 fps=30`: a blank where a comma belongs. Text has blanks of its own. */
function checkBlank(settings: Settings, word: string, { kind }: Setting): void {
  const [, before, key = '', after] = /^(.*?)\s+([a-z]+)(=.*)$/s.exec(word.trim()) ?? [];
  if (before === undefined || kind === 'text' || !Object.hasOwn(settings, key)) return;
  throw new CameraSpecError(
    `"${word.trim()}" has a blank where a comma belongs: write ${before},${key}${after}.`,
  );
}

/** `qr:left, right`: what follows the comma belongs to the text before it. */
function isRestOfText(settings: Settings, before: string): boolean {
  const key = before.slice(0, before.indexOf('='));
  return Object.hasOwn(settings, key) && settings[key]?.kind === 'text';
}

/** Of a key that is no setting of the driver, and in a `word` behind another one. */
export function unknownSetting(
  driver: string,
  settings: Settings,
  key: string,
  { before, word = key }: { before?: string | undefined; word?: string } = {},
): CameraSpecError {
  const keys = Object.keys(settings);
  if (before !== undefined && /^\d+$/.test(key) && /^\w+=\d+$/.test(before))
    return new CameraSpecError(`"${before},${key}" has a comma in its number: write ${before}.${key}.`);
  const [name = '', value] = key.split(/[\s:]+(.*)/s);
  if (value !== undefined && keys.includes(name))
    return new CameraSpecError(`"${key}" is no setting: write ${name}=${value}.`);
  const wanted = keys.find((each) => isValueOf(settings[each] as Setting, key, each, driver));
  if (wanted !== undefined)
    return new CameraSpecError(`"${key}" is a value without its setting: write ${wanted}=${key}.`);
  const meant = key === '' ? undefined : similar(key, keys);
  if (before !== undefined && meant === undefined && isRestOfText(settings, before))
    return new CameraSpecError(
      `"${before},${word}" has a comma in its text: write '${joinWords([`${before},${word}`])}'.`,
    );
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
    if (setting === undefined)
      throw unknownSetting(driver, settings, key, { before: words[i - 1]?.trim(), word });
    if (equals < 0 || word.slice(equals + 1).trim() === '')
      throw new CameraSpecError(`"${key}" has no value: write it as ${key}=${setting.example}.`);
    checkBlank(settings, word, setting);
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

/** The settings of a description that {@link parseCamera} understands, as they are written. */
export function writtenSettings(text: string): readonly (readonly [key: string, text: string])[] {
  const [, ...words] = wordsOf(text);
  return words.map((word) => {
    const equals = word.indexOf('=');
    return [word.slice(0, equals).trim(), word.slice(equals + 1).trim()];
  });
}

/** The description of a camera out of what it says: the driver, and settings as they are written. */
export function specOf(driver: string, settings: readonly (readonly [key: string, text: string])[]): string {
  return joinWords([driver, ...settings.map(([key, text]) => `${key}=${text}`)]);
}

/** All that can be set at a camera of this driver. */
export function settingsOf(driver: DriverModule): Settings {
  return { ...driver.settings, ...commonSettings(driver) };
}

/** Reads the description of a camera. Throws {@link CameraSpecError}. */
export function parseCamera(text: string, registry: DriverFinder = drivers): CameraSpec {
  const [word = '', ...words] = wordsOf(text);
  const driver = registry.find(word.trim());
  if (driver === undefined) throw noDriver(word.trim(), registry.names);
  const common = commonSettings(driver);
  const found = findSettings(driver.name, settingsOf(driver), words);
  const settings = readSettings(driver.name, driver.settings, found);
  const { driver: driverName, ...rest } = readSettings(driver.name, common, found);
  return { driver, settings, driverName, ...rest };
}

function identityOf(
  { driver, settings, driverName, name, bus }: CameraSpec,
  surroundings: CameraSurroundings,
): CameraIdentity {
  const { instance } = surroundings;
  const own = driver.identity?.(settings, instance, surroundings);
  const label = `${driver.name}-${String(instance).padStart(3, '0')}`;
  return {
    label,
    driver: driverName ?? own?.driver ?? driver.name,
    card: name ?? own?.card ?? driver.card?.(settings, instance) ?? driver.name,
    bus: bus ?? own?.bus ?? `platform:${label}`,
  };
}

/** Makes the devices that `spec` describes, to be registered by the caller in their order, and what steers them. */
export function createSteered(spec: CameraSpec, surroundings: CameraSurroundings): SteeredDevices {
  const identity = identityOf(spec, surroundings);
  const made = spec.driver.create(spec.settings, { identity, readers: spec.readers }, surroundings);
  // Drivers come from where no compiler has looked, too.
  const isSteered = typeof made === 'object' && made !== null && 'steering' in made;
  return isSteered ? made : { devices: made, steering: {} };
}

/** The same, where nobody steers. */
export function createCameras(spec: CameraSpec, surroundings: CameraSurroundings): readonly VideoDevice[] {
  return createSteered(spec, surroundings).devices;
}

/** Makes the device that `spec` describes; of several the first. */
export function createCamera(spec: CameraSpec, surroundings: CameraSurroundings): VideoDevice {
  return createCameras(spec, surroundings)[0] as VideoDevice;
}
