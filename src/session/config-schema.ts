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
type Entries = Readonly<Record<string, Written | undefined>>;
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
    const word = isEntries(entry) ? entry.camera : entry;
    return typeof word === 'string' ? [{ word: driverWord(word), index }] : [];
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

/** Of a camera that does not name its driver. */
function unnamed(entry: unknown, { names }: DriverFinder): string {
  const choice = `camera: '${names[0]}', or another of ${names.slice(1).join(', ')}, or the file of a driver`;
  const meant = isEntries(entry) && names.includes(String(entry.driver)) ? String(entry.driver) : undefined;
  if (meant !== undefined)
    return `It does not say which camera it is: write camera: '${meant}' ("driver" is what programs are told).`;
  return `It does not say which camera it is: write ${choice}.`;
}

/** The schema of a configuration whose drivers are in `drivers`. */
export function configSchema(v: SchemaLibrary, drivers: DriverFinder) {
  const setting = (key: string, described: Setting, driver: string) => {
    const wrong = ({ input }: Issue) =>
      `"${key}" cannot be ${shown(input)}: write ${key}: '${described.example}'.`;
    return v.optional(
      v.pipe(
        v.union([v.string(), v.number(), v.boolean()], wrong),
        v.transform((value) => textOf(value, described)),
        v.rawCheck(({ dataset, addIssue }) => {
          const message = dataset.typed ? fault(dataset.value, described, key, driver) : undefined;
          if (message !== undefined) addIssue({ message });
        }),
      ),
    );
  };

  const camera = (word: string, driver: DriverModule) => {
    const settings = settingsOf(driver);
    const unknown = (issue: Issue) => unknownSetting(driver.name, settings, String(lastKey(issue))).message;
    const entries = Object.entries(settings).map(
      ([key, described]) => [key, setting(key, described, driver.name)] as const,
    );
    return v.pipe(
      v.strictObject({ camera: v.string(), ...Object.fromEntries(entries) }, unknown),
      v.transform((values): DescribedCamera => {
        const { camera: _, ...written } = values as Entries;
        const given = Object.entries(written).filter(([, text]) => text !== undefined);
        return { word, driver, settings: given as unknown as DescribedCamera['settings'] };
      }),
    );
  };

  /** A camera that is written as after `--camera`. */
  const spec = v.pipe(
    v.string(),
    v.rawCheck(({ dataset, addIssue }) => {
      try {
        parseCamera(String(dataset.value), drivers);
      } catch (error) {
        if (!(error instanceof CameraSpecError)) return;
        addIssue({ message: error.message });
      }
    }),
    v.transform((text): DescribedCamera => {
      const word = driverWord(text);
      return { word, driver: drivers.find(word) as DriverModule, settings: writtenSettings(text) };
    }),
  );

  const anyCamera = v.lazy((entry): valibot.GenericSchema<unknown, DescribedCamera> => {
    if (typeof entry === 'string') return spec as valibot.GenericSchema<unknown, DescribedCamera>;
    if (!isEntries(entry))
      return refused(`It is ${shown(entry)} and no camera: write { camera: 'vivi', size: '640x480' }.`);
    const { camera: word } = entry;
    if (typeof word !== 'string') return refused(unnamed(entry, drivers));
    const driver = drivers.find(word);
    return driver === undefined ? refused(noDriver(word, drivers.names).message) : camera(word, driver);
  });

  const refused = (message: string) =>
    v.pipe(
      v.unknown(),
      v.check(() => false, message),
    ) as valibot.GenericSchema<unknown, DescribedCamera>;

  const any = v.custom<{ cameras: unknown[] }>(
    isEntries,
    ({ input }) => `It is ${shown(input)} and no configuration: write { ${EXAMPLE} }.`,
  );
  const keys = (issue: Issue) =>
    issue.expected === NO_KEY
      ? `A configuration does not know "${lastKey(issue)}": it has ${EXAMPLE}.`
      : `It is missing: write ${EXAMPLE}.`;
  const list = v.array(anyCamera, ({ input }) => `It is ${shown(input)} and no list: write ${EXAMPLE}.`);
  const cameras = v.pipe(list, v.minLength(1, `It is empty: write ${EXAMPLE}.`));
  return v.pipe(any, v.strictObject({ cameras }, keys));
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
  const result = v.safeParse(configSchema(v, drivers), config, { abortEarly: true });
  if (result.success) return result.output.cameras;
  const [issue] = result.issues;
  throw new CameraSpecError([file, keyPath(issue), issue.message].filter((word) => word !== '').join(': '));
}
