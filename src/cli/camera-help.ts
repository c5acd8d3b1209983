/** What there is to choose, as it is told by `usercam cameras` and in help: out of what the drivers say of themselves. */
import { commonSettings, type DriverModule, drivers, type Setting, settingsOf } from '../drivers/index.ts';

const WIDTH = 100;
const INDENT = 26;

/** Breaks `text` between words; every line but the first begins below the first. */
function wrapped(text: string, indent: number): string {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && indent + line.length + 1 + word.length > WIDTH) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].join(`\n${' '.repeat(indent)}`);
}

function settingHelp(key: string, { values, help, default: usual, kind }: Setting): string {
  const choice =
    typeof values === 'string'
      ? `${values.charAt(0).toUpperCase()}${values.slice(1)}`
      : `One of ${values.join(', ')}`;
  const unless = usual === undefined || (kind === 'choice' && values.length === 1) ? '' : ` [${usual}]`;
  return `    ${`${key}=`.padEnd(INDENT - 4)}${wrapped(`${help} ${choice}.${unless}`, INDENT)}\n`;
}

function driverHelp({ name, help, settings }: DriverModule): string {
  const own = Object.entries(settings).map(([key, setting]) => settingHelp(key, setting));
  return `  ${name.padEnd(INDENT - 2)}${wrapped(help, INDENT)}\n${own.join('')}`;
}

/** The settings that are the same for all; how many may read is each driver's own. */
function everyCamera(): string {
  const { name, driver, bus } = commonSettings({});
  const many = drivers.all.filter(({ readers = ['one'] }) => readers.length > 1).map((each) => each.name);
  const readers = {
    ...commonSettings({ readers: ['one', 'many'] }).readers,
    values: `one, or many (${many.join(', ')})`,
  };
  const settings: Record<string, Setting> = { name, driver, bus, readers };
  return Object.entries(settings)
    .map(([key, setting]) => settingHelp(key, setting))
    .join('');
}

/** Drivers, settings, values and defaults, the same as are understood. */
export function camerasText(): string {
  return `Cameras, as DRIVER[,SETTING=VALUE...]; in brackets what is so if nothing is said:
${drivers.all.map(driverHelp).join('')}  every camera
${everyCamera()}  ./my-camera.ts          A driver of your own (.ts, .js, .mjs), with its own settings.
`;
}

function describe(settings: Readonly<Record<string, Setting>>) {
  return Object.entries(settings).map(([key, { kind, values, help, default: usual }]) => ({
    key,
    kind,
    default: usual ?? null,
    values,
    help,
  }));
}

/** The same for programs. */
export function camerasJson(): string {
  const cameras = drivers.all.map((driver) => ({
    driver: driver.name,
    help: driver.help,
    settings: describe(settingsOf(driver)),
  }));
  return `${JSON.stringify(cameras, undefined, 2)}\n`;
}
