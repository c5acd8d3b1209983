/**
 * Cameras as people name them on a command line: a driver and its settings, `vivi,size=1280x720,fps=60`.
 * Everything that can be wrong is said here, in one sentence, before any device is made.
 */
import {
  V4L2_PIX_FMT_BGR24,
  V4L2_PIX_FMT_BGR32,
  V4L2_PIX_FMT_RGB24,
  V4L2_PIX_FMT_RGB32,
  V4L2_PIX_FMT_RGB555,
  V4L2_PIX_FMT_RGB555X,
  V4L2_PIX_FMT_RGB565,
  V4L2_PIX_FMT_RGB565X,
  V4L2_PIX_FMT_UYVY,
  V4L2_PIX_FMT_VYUY,
  V4L2_PIX_FMT_YUYV,
  V4L2_PIX_FMT_YVYU,
} from '../abi/index.ts';
import type { TimePerFrame } from './frame-schedule.ts';
import {
  compareIntervals,
  type FrameSize,
  LONGEST_INTERVAL,
  MAX_HEIGHT,
  MAX_WIDTH,
  MIN_HEIGHT,
  MIN_WIDTH,
  SHORTEST_INTERVAL,
  WIDTH_STEP,
} from './vivi/vivi-format.ts';

export interface ViviSpec {
  readonly driver: 'vivi';
  readonly size: FrameSize;
  readonly fourcc: number;
  readonly timeperframe: TimePerFrame;
  /** `fps=max`: a frame as soon as there is a buffer for it. */
  readonly unpaced: boolean;
}

export interface SkeletonSpec {
  readonly driver: 'skeleton';
}

export type CameraSpec = ViviSpec | SkeletonSpec;

/** What is wrong with a camera's description, and how to mend it. The message is for whoever typed it. */
export class CameraSpecError extends Error {
  override readonly name = 'CameraSpecError';
}

/** The names of videodev2.h, V4L2_PIX_FMT_ left out. */
const formats: Readonly<Record<string, number>> = {
  YUYV: V4L2_PIX_FMT_YUYV,
  UYVY: V4L2_PIX_FMT_UYVY,
  YVYU: V4L2_PIX_FMT_YVYU,
  VYUY: V4L2_PIX_FMT_VYUY,
  RGB565: V4L2_PIX_FMT_RGB565,
  RGB565X: V4L2_PIX_FMT_RGB565X,
  RGB555: V4L2_PIX_FMT_RGB555,
  RGB555X: V4L2_PIX_FMT_RGB555X,
  RGB24: V4L2_PIX_FMT_RGB24,
  BGR24: V4L2_PIX_FMT_BGR24,
  RGB32: V4L2_PIX_FMT_RGB32,
  BGR32: V4L2_PIX_FMT_BGR32,
};

export const formatNames: readonly string[] = Object.keys(formats);

/** Settings of one driver: what each may be, for messages. */
type SettingHelp = Readonly<Record<string, string>>;

const settings = {
  vivi: { size: 'size=1280x720', fps: 'fps=60', format: 'format=UYVY' },
  skeleton: {},
} as const satisfies Record<CameraSpec['driver'], SettingHelp>;

export const driverNames: readonly CameraSpec['driver'][] = ['vivi', 'skeleton'];

function isDriver(name: string): name is CameraSpec['driver'] {
  return driverNames.some((driver) => driver === name);
}

function parseSize(text: string): FrameSize {
  const match = /^(\d{1,5})x(\d{1,5})$/i.exec(text);
  if (match === null)
    throw new CameraSpecError(`size=${text} is not a size: write it as WIDTHxHEIGHT, such as size=1280x720.`);
  const width = Number(match[1]);
  const height = Number(match[2]);
  if (width < MIN_WIDTH || width > MAX_WIDTH || height < MIN_HEIGHT || height > MAX_HEIGHT)
    throw new CameraSpecError(
      `size=${text} is out of range: vivi makes ${MIN_WIDTH}x${MIN_HEIGHT} to ${MAX_WIDTH}x${MAX_HEIGHT}.`,
    );
  if (width % WIDTH_STEP !== 0) {
    const near = Math.round(width / WIDTH_STEP) * WIDTH_STEP;
    throw new CameraSpecError(
      `size=${text} is not possible: the width must be a multiple of ${WIDTH_STEP}, such as size=${near}x${height}.`,
    );
  }
  return { width, height };
}

/** The word for no pace at all. */
const UNPACED = 'max';
/** Rates that are meant when somebody writes 29.97. */
const NTSC = 1001;
const MILLI = 1000;

function decimalInterval(fps: number): TimePerFrame {
  const nominal = Math.round(fps);
  if (nominal !== fps && Math.abs((nominal * MILLI) / NTSC - fps) < 0.006)
    return { numerator: NTSC, denominator: nominal * MILLI };
  return Number.isInteger(fps)
    ? { numerator: 1, denominator: fps }
    : { numerator: MILLI, denominator: Math.round(fps * MILLI) };
}

function parseFps(text: string): TimePerFrame {
  const match = /^(\d{1,7}(?:\.\d{1,3})?)(?:\/(\d{1,7}))?$/.exec(text);
  const rate = Number(match?.[1] ?? 0);
  if (match === null || (match[2] !== undefined && !Number.isInteger(rate)))
    throw new CameraSpecError(
      `fps=${text} is not a frame rate: write a number such as fps=30, fps=29.97 or fps=30000/1001, or fps=max.`,
    );
  const interval: TimePerFrame =
    match[2] === undefined ? decimalInterval(rate) : { numerator: Number(match[2]), denominator: rate };
  const { numerator, denominator } = interval;
  const possible =
    numerator > 0 &&
    denominator > 0 &&
    compareIntervals(interval, SHORTEST_INTERVAL) >= 0 &&
    compareIntervals(interval, LONGEST_INTERVAL) <= 0;
  if (!possible)
    throw new CameraSpecError(
      `fps=${text} is out of range: vivi makes 1 to ${SHORTEST_INTERVAL.denominator} frames a second.`,
    );
  return interval;
}

function parseFormat(text: string): number {
  const fourcc = formats[text.toUpperCase()];
  if (fourcc === undefined)
    throw new CameraSpecError(
      `format=${text} is not one that vivi has: choose one of ${formatNames.join(', ')}.`,
    );
  return fourcc;
}

/** The settings after the driver's name, each known to the driver and there once. */
function parseSettings(driver: CameraSpec['driver'], words: readonly string[]): ReadonlyMap<string, string> {
  const known: SettingHelp = settings[driver];
  const found = new Map<string, string>();
  for (const word of words) {
    const equals = word.indexOf('=');
    const key = (equals < 0 ? word : word.slice(0, equals)).trim();
    const help = Object.hasOwn(known, key) ? known[key] : undefined;
    if (help === undefined) throw unknownSetting(driver, key);
    if (equals < 0 || equals === word.length - 1)
      throw new CameraSpecError(`"${key}" has no value: write it as ${help}.`);
    if (found.has(key)) throw new CameraSpecError(`"${key}" is given twice: leave one of them out.`);
    found.set(key, word.slice(equals + 1).trim());
  }
  return found;
}

function unknownSetting(driver: CameraSpec['driver'], key: string): CameraSpecError {
  const known = Object.keys(settings[driver]);
  const mend =
    known.length === 0 ? 'it has no settings, write just its name' : `its settings are ${known.join(', ')}`;
  return new CameraSpecError(`The driver ${driver} does not know "${key}": ${mend}.`);
}

/** Reads the description of a camera. Throws {@link CameraSpecError}. */
export function parseCameraSpec(text: string): CameraSpec {
  const [name = '', ...words] = text.split(',');
  const driver = name.trim();
  if (!isDriver(driver)) {
    const what = driver === '' ? 'A camera needs a driver' : `There is no driver "${driver}"`;
    throw new CameraSpecError(
      `${what}: choose one of ${driverNames.join(', ')}, such as vivi,size=1280x720.`,
    );
  }
  const found = parseSettings(driver, words);
  if (driver === 'skeleton') return { driver };
  const fps = found.get('fps') ?? '30';
  const unpaced = fps === UNPACED;
  return {
    driver,
    size: parseSize(found.get('size') ?? '640x480'),
    timeperframe: unpaced ? SHORTEST_INTERVAL : parseFps(fps),
    unpaced,
    fourcc: parseFormat(found.get('format') ?? 'YUYV'),
  };
}
