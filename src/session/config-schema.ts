/**
 * What may stand in a configuration: a schema of valibot, made out of what the drivers say of their settings, and what is
 * said of a value that does not fit. The library is given by who has loaded it, as few have a configuration.
 */
import type * as valibot from 'valibot';
import {
  CameraSpecError,
  type DriverFinder,
  type DriverModule,
  noDriver,
  parseCamera,
  type Setting,
  settingsOf,
  unknownSetting,
  writtenSettings,
} from '../drivers/index.ts';
import { driverWord } from './camera-words.ts';

export type SchemaLibrary = typeof valibot;

/** A camera as a configuration describes it. */
export interface DescribedCamera {
  /** Its driver, or the file of that. */
  readonly word: string;
  readonly driver: DriverModule;
  /** Its settings as they are written in a description. */
  readonly settings: readonly (readonly [key: string, text: string])[];
}

type Written = string | number | boolean;
type Issue = valibot.BaseIssue<unknown>;

const EXAMPLE = "cameras: [{ camera: 'vivi', size: '640x480' }]";
const MAX_SHOWN = 60;
/** What valibot says that it has expected where a key is too many. */
const NO_KEY = 'never';

/** What stands there, shortened. */
function shown(value: unknown): string {
  const text = (typeof value === 'function' ? undefined : JSON.stringify(value)) ?? typeof value;
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}

const isEntries = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The words for drivers in a value that may be a configuration: files have to be loaded before it can be looked at. */
export function driverWords(config: unknown): readonly { readonly word: string; readonly index: number }[] {
  if (!isEntries(config) || !Array.isArray(config.cameras)) return [];
  return config.cameras.flatMap((entry: unknown, index) => {
    const word = typeof entry === 'string' ? driverWord(entry) : isEntries(entry) ? entry.camera : undefined;
    return typeof word === 'string' ? [{ word, index }] : [];
  });
}

function isYesOrNo({ values }: Setting): boolean {
  return typeof values !== 'string' && values.includes('yes') && values.includes('no');
}

/** As it would be written in a description. */
function textOf(value: Written, setting: Setting): string {
  if (typeof value !== 'boolean' || !isYesOrNo(setting)) return String(value).trim();
  return value ? 'yes' : 'no';
}

/** What a setting says of a text; what it throws by a mistake of its own is told when the camera is made. */
function fault(text: string, setting: Setting, key: string, driver: string): string | undefined {
  if (text === '') return `"${key}" has no value: write ${key}: '${setting.example}', or leave it out.`;
  try {
    setting.read(text, key, driver);
    return undefined;
  } catch (error) {
    return error instanceof CameraSpecError ? error.message : undefined;
  }
}

function specFault(text: string, drivers: DriverFinder): string | undefined {
  try {
    parseCamera(text, drivers);
    return undefined;
  } catch (error) {
    return error instanceof CameraSpecError ? error.message : undefined;
  }
}

/** Of a camera that does not name its driver. */
function unnamed(entry: unknown, { names }: DriverFinder): string {
  const choice = `camera: '${names[0]}', or another of ${names.slice(1).join(', ')}, or the file of a driver`;
  const meant = isEntries(entry) && names.includes(String(entry.driver)) ? String(entry.driver) : undefined;
  if (meant !== undefined)
    return `It does not say which camera it is: write camera: '${meant}' ("driver" is what programs are told).`;
  return `It does not say which camera it is: write ${choice}.`;
}

type CameraSchema = valibot.GenericSchema<unknown, DescribedCamera>;

/** The schema of a configuration, for drivers that are there. */
class ConfigSchema {
  readonly #v: SchemaLibrary;
  readonly #drivers: DriverFinder;
  /** A camera that is written as after `--camera`. */
  readonly #spec: CameraSchema;

  constructor(v: SchemaLibrary, drivers: DriverFinder) {
    this.#v = v;
    this.#drivers = drivers;
    this.#spec = v.pipe(
      v.string(),
      v.rawCheck(({ dataset, addIssue }) => {
        const message = dataset.typed ? specFault(dataset.value, drivers) : undefined;
        if (message !== undefined) addIssue({ message });
      }),
      v.transform((text): DescribedCamera => {
        const word = driverWord(text);
        return { word, driver: drivers.find(word) as DriverModule, settings: writtenSettings(text) };
      }),
    ) as CameraSchema;
  }

  whole() {
    const v = this.#v;
    const config = v.custom<{ cameras: unknown[] }>(
      isEntries,
      ({ input }) => `It is ${shown(input)} and no configuration: write { ${EXAMPLE} }.`,
    );
    const keys = (issue: Issue) =>
      issue.expected === NO_KEY
        ? `A configuration does not know "${lastKey(issue)}": it has ${EXAMPLE}.`
        : `It is missing: write ${EXAMPLE}.`;
    const camera = v.lazy((entry) => this.#cameraFor(entry));
    const list = v.array(camera, ({ input }) => `It is ${shown(input)} and no list: write ${EXAMPLE}.`);
    const cameras = v.pipe(list, v.minLength(1, `It is empty: write ${EXAMPLE}.`));
    return v.pipe(config, v.strictObject({ cameras }, keys));
  }

  /** What is asked of an entry depends on the driver that it names. */
  #cameraFor(entry: unknown): CameraSchema {
    if (typeof entry === 'string') return this.#spec;
    if (!isEntries(entry))
      return this.#refused(`It is ${shown(entry)} and no camera: write { camera: 'vivi', size: '640x480' }.`);
    const { camera: word } = entry;
    if (typeof word !== 'string') return this.#refused(unnamed(entry, this.#drivers));
    const driver = this.#drivers.find(word);
    return driver === undefined
      ? this.#refused(noDriver(word, this.#drivers.names).message)
      : this.#camera(word, driver);
  }

  #refused(message: string): CameraSchema {
    const v = this.#v;
    return v.pipe(
      v.unknown(),
      v.check(() => false, message),
    ) as CameraSchema;
  }

  #camera(word: string, driver: DriverModule): CameraSchema {
    const v = this.#v;
    const settings = settingsOf(driver);
    const unknown = (issue: Issue) => unknownSetting(driver.name, settings, String(lastKey(issue))).message;
    const entries = Object.entries(settings).map(
      ([key, setting]) => [key, this.#setting(key, setting, driver.name)] as const,
    );
    return v.pipe(
      v.strictObject({ camera: v.string(), ...Object.fromEntries(entries) }, unknown),
      v.transform(({ camera: _, ...written }): DescribedCamera => {
        const texts = Object.entries(written as Readonly<Record<string, string | undefined>>);
        return {
          word,
          driver,
          settings: texts.flatMap(([key, text]) => (text === undefined ? [] : [[key, text]])),
        };
      }),
    ) as CameraSchema;
  }

  /** Becomes the text that stands in a description. */
  #setting(key: string, setting: Setting, driver: string) {
    const v = this.#v;
    const written = v.union(
      [v.string(), v.number(), v.boolean()],
      ({ input }) => `"${key}" cannot be ${shown(input)}: write ${key}: '${setting.example}'.`,
    );
    return v.optional(
      v.pipe(
        written,
        v.transform((value) => textOf(value, setting)),
        v.rawCheck(({ dataset, addIssue }) => {
          const message = dataset.typed ? fault(dataset.value, setting, key, driver) : undefined;
          if (message !== undefined) addIssue({ message });
        }),
      ),
    );
  }
}

function lastKey({ path }: Issue): unknown {
  return path?.at(-1)?.key;
}

/** `cameras[1].size` */
function keyPath({ path = undefined }: Issue): string {
  return (path ?? []).reduce(
    (text, { key }) => (typeof key === 'number' ? `${text}[${key}]` : `${text}${text && '.'}${String(key)}`),
    '',
  );
}

/** The cameras of `config`; throws a CameraSpecError that names the key that is wrong. `file` stands before that. */
export function checkConfig(
  v: SchemaLibrary,
  config: unknown,
  drivers: DriverFinder,
  file: string,
): readonly DescribedCamera[] {
  const result = v.safeParse(new ConfigSchema(v, drivers).whole(), config, { abortEarly: true });
  if (result.success) return result.output.cameras;
  const [issue] = result.issues;
  throw new CameraSpecError([file, keyPath(issue), issue.message].filter((word) => word !== '').join(': '));
}
