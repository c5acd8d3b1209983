/**
 * Cameras as people name them on a command line: a driver and its settings, `vivi,size=1280x720,fps=60`.
 * Everything that can be wrong is said here, in one sentence, before any device is made.
 */
import {
  V4L2_PIX_FMT_BGR24,
  V4L2_PIX_FMT_BGR32,
  V4L2_PIX_FMT_GREY,
  V4L2_PIX_FMT_MJPEG,
  V4L2_PIX_FMT_NV12,
  V4L2_PIX_FMT_NV21,
  V4L2_PIX_FMT_RGB24,
  V4L2_PIX_FMT_RGB32,
  V4L2_PIX_FMT_RGB555,
  V4L2_PIX_FMT_RGB555X,
  V4L2_PIX_FMT_RGB565,
  V4L2_PIX_FMT_RGB565X,
  V4L2_PIX_FMT_UYVY,
  V4L2_PIX_FMT_VYUY,
  V4L2_PIX_FMT_YUV420,
  V4L2_PIX_FMT_YUYV,
  V4L2_PIX_FMT_YVYU,
} from '../abi/index.ts';
import type { TimePerFrame } from './lib/frame-schedule.ts';
import * as vivi from './lib/frame-size.ts';
import {
  CameraSpecError,
  type FrameLimits,
  parseChoice,
  parseFormat,
  parseFps,
  parseMilliseconds,
  parseSize,
} from './lib/setting-values.ts';
import * as loopback from './loopback/loopback-format.ts';
import { type DropPolicy, dropPolicies } from './loopback/relay.ts';
import { type M2mOp, m2mOps } from './m2m/transform.ts';
import { mplaneFormats } from './vivi-mplane/vivi-mplane-format.ts';

export { CameraSpecError };

interface FrameSettings {
  readonly size: vivi.FrameSize;
  readonly fourcc: number;
  readonly timeperframe: TimePerFrame;
}

export const memoryBackEnds = ['vmalloc', 'dma-contig', 'dma-sg'] as const;
/** Where the frames of a camera lie. */
export type MemoryBackEnd = (typeof memoryBackEnds)[number];

export interface ViviSpec extends FrameSettings {
  readonly driver: 'vivi';
  /** `fps=max`: a frame as soon as there is a buffer for it. */
  readonly unpaced: boolean;
  /** `read=no`: a camera without read(), as most have none. */
  readonly readwrite: boolean;
  readonly memory: MemoryBackEnd;
}

export interface ViviMplaneSpec extends FrameSettings {
  readonly driver: 'vivi-mplane';
}

export interface LoopbackSpec extends FrameSettings {
  readonly driver: 'loopback';
  readonly readers: 'one' | 'many';
  readonly drop: DropPolicy;
}

export interface M2mSpec {
  readonly driver: 'm2m';
  readonly op: M2mOp;
  /** Nanoseconds. */
  readonly jobTime: number;
}

export interface SkeletonSpec {
  readonly driver: 'skeleton';
}

export type CameraSpec = ViviSpec | ViviMplaneSpec | LoopbackSpec | M2mSpec | SkeletonSpec;

/** The names of videodev2.h, V4L2_PIX_FMT_ left out. */
const viviFormats: Readonly<Record<string, number>> = {
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

const loopbackFormats: Readonly<Record<string, number>> = {
  ...viviFormats,
  YUV420: V4L2_PIX_FMT_YUV420,
  NV12: V4L2_PIX_FMT_NV12,
  NV21: V4L2_PIX_FMT_NV21,
  GREY: V4L2_PIX_FMT_GREY,
  MJPEG: V4L2_PIX_FMT_MJPEG,
};

const viviMplaneFormats: Readonly<Record<string, number>> = Object.fromEntries(
  mplaneFormats.map(({ name, fourcc }) => [name, fourcc]),
);

/** The formats of vivi. */
export const formatNames: readonly string[] = Object.keys(viviFormats);
export const loopbackFormatNames: readonly string[] = Object.keys(loopbackFormats);

function viviLimits(driver: string): FrameLimits {
  return {
    driver,
    minWidth: vivi.MIN_WIDTH,
    minHeight: vivi.MIN_HEIGHT,
    maxWidth: vivi.MAX_WIDTH,
    maxHeight: vivi.MAX_HEIGHT,
    widthStep: vivi.WIDTH_STEP,
    shortest: vivi.SHORTEST_INTERVAL,
    longest: vivi.LONGEST_INTERVAL,
  };
}

const loopbackLimits: FrameLimits = {
  driver: 'loopback',
  minWidth: loopback.MIN_SIDE,
  minHeight: loopback.MIN_SIDE,
  maxWidth: loopback.MAX_SIDE,
  maxHeight: loopback.MAX_SIDE,
  widthStep: loopback.WIDTH_STEP,
  shortest: loopback.SHORTEST_INTERVAL,
  longest: loopback.LONGEST_INTERVAL,
};

const LONGEST_JOB_MS = 60_000;

/** Settings of one driver: what each may be, for messages. */
type SettingHelp = Readonly<Record<string, string>>;
type Found = ReadonlyMap<string, string>;

const frameHelp = { size: 'size=1280x720', fps: 'fps=60' } as const;

function frameSettings(
  found: Found,
  limits: FrameLimits,
  formats: Readonly<Record<string, number>>,
  defaultFormat: string,
): FrameSettings {
  return {
    size: parseSize(found.get('size') ?? '640x480', limits),
    timeperframe: parseFps(found.get('fps') ?? '30', limits),
    fourcc: parseFormat(found.get('format') ?? defaultFormat, limits.driver, formats),
  };
}

/** The word for no pace at all. */
const UNPACED = 'max';

const unpacedLimits: FrameLimits = { ...viviLimits('vivi'), rateWords: `, or fps=${UNPACED}` };

function unpaced(found: Found): boolean {
  return found.get('fps') === UNPACED;
}

/** What a camera without a pace says when a program asks for its rate: its highest. */
function withoutPace(found: Found): Found {
  return new Map(found).set('fps', String(vivi.SHORTEST_INTERVAL.denominator));
}

interface DriverSpec {
  readonly settings: SettingHelp;
  read(found: Found): CameraSpec;
}

/** Every driver that can be named, with the way to read its settings. */
const drivers = {
  vivi: {
    settings: { ...frameHelp, format: 'format=UYVY', memory: 'memory=dma-contig', read: 'read=no' },
    read: (found) => ({
      driver: 'vivi',
      ...frameSettings(unpaced(found) ? withoutPace(found) : found, unpacedLimits, viviFormats, 'YUYV'),
      unpaced: unpaced(found),
      readwrite: parseChoice('read', found.get('read') ?? 'yes', ['yes', 'no']) === 'yes',
      memory: parseChoice('memory', found.get('memory') ?? 'vmalloc', memoryBackEnds),
    }),
  },
  'vivi-mplane': {
    settings: { ...frameHelp, format: 'format=NV12M' },
    read: (found) => ({
      driver: 'vivi-mplane',
      ...frameSettings(found, viviLimits('vivi-mplane'), viviMplaneFormats, 'NV12M'),
    }),
  },
  loopback: {
    settings: { ...frameHelp, format: 'format=NV12', readers: 'readers=many', drop: 'drop=now' },
    read: (found) => ({
      driver: 'loopback',
      ...frameSettings(found, loopbackLimits, loopbackFormats, 'YUYV'),
      readers: parseChoice('readers', found.get('readers') ?? 'one', ['one', 'many']),
      drop: parseChoice('drop', found.get('drop') ?? 'late', dropPolicies),
    }),
  },
  m2m: {
    settings: { op: 'op=flip', time: 'time=40' },
    read: (found) => ({
      driver: 'm2m',
      op: parseChoice('op', found.get('op') ?? 'copy', m2mOps),
      jobTime: parseMilliseconds('time', found.get('time') ?? '0', LONGEST_JOB_MS),
    }),
  },
  skeleton: { settings: {}, read: () => ({ driver: 'skeleton' }) },
} as const satisfies Record<CameraSpec['driver'], DriverSpec>;

export const driverNames: readonly CameraSpec['driver'][] = [
  'vivi',
  'vivi-mplane',
  'loopback',
  'm2m',
  'skeleton',
];

function isDriver(name: string): name is CameraSpec['driver'] {
  return driverNames.some((driver) => driver === name);
}

/** The settings after the driver's name, each known to the driver and there once. */
function parseSettings(driver: CameraSpec['driver'], words: readonly string[]): Found {
  const known: SettingHelp = drivers[driver].settings;
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
  const known = Object.keys(drivers[driver].settings);
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
  const description: DriverSpec = drivers[driver];
  return description.read(parseSettings(driver, words));
}
