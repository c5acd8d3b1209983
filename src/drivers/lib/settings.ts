/**
 * Settings of cameras, described by data: from a description comes how a value is read, what is said when it is wrong,
 * and what the command's help says of it.
 */
import type { FormatInfo } from '../../pixel/index.ts';
import { CameraSpecError } from './camera-spec-error.ts';
import { compareIntervals, type IntervalLimits, type TimePerFrame } from './frame-interval.ts';
import type { FrameSize, SizeLimits } from './frame-size.ts';

export interface Setting<T = unknown> {
  readonly kind: 'size' | 'rate' | 'format' | 'choice' | 'number' | 'bytes' | 'text';
  /** What it is if nobody says anything, as it would be written; undefined: the driver has something of its own. */
  readonly default: string | undefined;
  /** A value to show in messages. */
  readonly example: string;
  /** The values that there are, or in words what may be written. */
  readonly values: readonly string[] | string;
  /** One sentence, for help. */
  readonly help: string;
  /** Understands what somebody has written for setting `key` of `driver`. Throws CameraSpecError, which names the mend. */
  read(text: string, key: string, driver: string): T;
  /**
   * Where a file can be named: what is to be written for `text`, which read() understands, by somebody who is not in
   * `directory`, and means the file that is there.
   */
  relocate?(text: string, directory: string): string;
}

export type Settings = Readonly<Record<string, Setting>>;

/** What the settings of a description are when they have been read. */
export type SettingValues<S extends Settings> = {
  readonly [K in keyof S]: S[K] extends Setting<infer T> ? T : never;
};

/** The same where the driver has something of its own if nobody says anything. */
export function optionalSetting<T>(setting: Setting<T>): Setting<T | undefined> {
  return { ...setting, default: undefined };
}

export function sizeSetting(limits: SizeLimits, defaultSize = '640x480'): Setting<FrameSize> {
  const { minWidth, minHeight, maxWidth, maxHeight } = limits;
  return {
    kind: 'size',
    default: defaultSize,
    example: '1280x720',
    values: `WIDTHxHEIGHT, ${minWidth}x${minHeight} to ${maxWidth}x${maxHeight}`,
    help: 'The size of frames that a program finds before it sets another.',
    read: (text, key, driver) => readSize(text, key, driver, limits),
  };
}

function readSize(text: string, key: string, driver: string, limits: SizeLimits): FrameSize {
  const match = /^(\d{1,5})x(\d{1,5})$/i.exec(text);
  if (match === null)
    throw new CameraSpecError(
      `${key}=${text} is not a size: write it as WIDTHxHEIGHT, such as ${key}=1280x720.`,
    );
  const width = Number(match[1]);
  const height = Number(match[2]);
  const { minWidth, minHeight, maxWidth, maxHeight, widthStep } = limits;
  if (width < minWidth || width > maxWidth || height < minHeight || height > maxHeight)
    throw new CameraSpecError(
      `${key}=${text} is out of range: ${driver} makes ${minWidth}x${minHeight} to ${maxWidth}x${maxHeight}.`,
    );
  if (width % widthStep !== 0) {
    const near = Math.round(width / widthStep) * widthStep;
    throw new CameraSpecError(
      `${key}=${text} is not possible: the width must be a multiple of ${widthStep}, such as ${key}=${near}x${height}.`,
    );
  }
  return { width, height };
}

export interface Rate {
  readonly timeperframe: TimePerFrame;
  /** No pace at all: a frame as soon as there is a buffer for it. */
  readonly unpaced: boolean;
}

/** The word for no pace at all. */
const UNPACED = 'max';

/** Frames a second. With `unpaced` they may also be as many as there are. */
export function rateSetting(limits: IntervalLimits, { unpaced = false } = {}): Setting<Rate> {
  const range = `${rateName(limits.longest)} to ${rateName(limits.shortest)}`;
  return {
    kind: 'rate',
    default: '30',
    example: '60',
    values: `frames a second, ${range}${unpaced ? `, or ${UNPACED}` : ''}`,
    help: 'The frame rate that a program finds before it sets another.',
    read: (text, key, driver) =>
      unpaced && text === UNPACED
        ? { timeperframe: limits.shortest, unpaced: true }
        : { timeperframe: readRate(text, key, driver, limits, unpaced), unpaced: false },
  };
}

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

/** `1` of 1/1 s a frame, `1/60` of 60/1. */
function rateName({ numerator, denominator }: TimePerFrame): string {
  return numerator === 1 ? String(denominator) : `${denominator}/${numerator}`;
}

function readRate(
  text: string,
  key: string,
  driver: string,
  { shortest, longest }: IntervalLimits,
  unpaced: boolean,
): TimePerFrame {
  const match = /^(\d{1,7}(?:\.\d{1,3})?)(?:\/(\d{1,7}))?$/.exec(text);
  const rate = Number(match?.[1] ?? 0);
  if (match === null || (match[2] !== undefined && !Number.isInteger(rate))) {
    const words = unpaced ? `, or ${key}=${UNPACED}` : '';
    throw new CameraSpecError(
      `${key}=${text} is not a frame rate: write a number such as ${key}=30, ${key}=29.97 or ${key}=30000/1001${words}.`,
    );
  }
  const interval =
    match[2] === undefined ? decimalInterval(rate) : { numerator: Number(match[2]), denominator: rate };
  const isReal = interval.numerator > 0 && interval.denominator > 0;
  if (!isReal || compareIntervals(interval, shortest) < 0 || compareIntervals(interval, longest) > 0)
    throw new CameraSpecError(
      `${key}=${text} is out of range: ${driver} makes ${rateName(longest)} to ${rateName(shortest)} frames a second.`,
    );
  return interval;
}

/** One of the formats that a driver has; the first is the default. */
export function formatSetting(formats: readonly FormatInfo[]): Setting<FormatInfo> {
  const names = formats.map(({ name }) => name);
  return {
    kind: 'format',
    default: names[0],
    example: names[1] ?? names[0] ?? '',
    values: names,
    help: 'The pixel format that a program finds before it sets another, as videodev2.h names it.',
    read(text, key, driver) {
      const info = formats.find(({ name }) => name === text.toUpperCase());
      if (info !== undefined) return info;
      throw new CameraSpecError(
        `${key}=${text} is not one that ${driver} has: choose one of ${names.join(', ')}.`,
      );
    },
  };
}

/** One word out of several, the first of them if nothing is said. */
export function choiceSetting<const T extends string>(choices: readonly T[], help: string): Setting<T> {
  return {
    kind: 'choice',
    default: choices[0],
    example: choices[1] ?? choices[0] ?? '',
    values: choices,
    help,
    read(text, key) {
      const choice = choices.find((word) => word === text);
      if (choice !== undefined) return choice;
      const mend = choices.length > 1 ? `choose one of ${choices.join(', ')}` : `it is always ${choices[0]}`;
      throw new CameraSpecError(`${key}=${text} is not possible: ${mend}.`);
    },
  };
}

interface NumberRange {
  readonly default: number;
  readonly min: number;
  readonly max: number;
  /** What the number counts, for messages: `milliseconds`. */
  readonly unit: string;
  readonly example: number;
}

/** A whole number. */
export function numberSetting({ min, max, unit, ...rest }: NumberRange, help: string): Setting<number> {
  return {
    kind: 'number',
    default: String(rest.default),
    example: String(rest.example),
    values: `${unit}, ${min} to ${max}`,
    help,
    read(text, key) {
      const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
      if (value >= min && value <= max) return value;
      throw new CameraSpecError(`${key}=${text} is not possible: write ${unit}, ${min} to ${max}.`);
    },
  };
}

const UNITS: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30 };

/** An amount of memory, or undefined if nobody says one. */
export function bytesSetting(help: string, example = '16M'): Setting<number | undefined> {
  return {
    kind: 'bytes',
    default: undefined,
    example,
    values: 'bytes, or with K, M or G behind the number',
    help,
    read(text, key) {
      const [, digits, unit = ''] = /^(\d{1,12})([KMG]?)$/i.exec(text) ?? [];
      const bytes = Number(digits) * (UNITS[unit.toUpperCase()] ?? Number.NaN);
      if (bytes > 0) return bytes;
      throw new CameraSpecError(
        `${key}=${text} is not an amount of memory: write bytes, or a number with K, M or G, such as ${key}=${example}.`,
      );
    },
  };
}

interface TextRule {
  readonly example: string;
  /** Bytes, as the struct of videodev2.h has room for them. */
  readonly maxBytes: number;
  /** What it has to look like, and the sentence that says so. */
  readonly pattern?: RegExp;
  readonly must?: string;
}

/** Words of somebody's own, or undefined if there are none. */
export function textSetting(rule: TextRule, help: string): Setting<string | undefined> {
  const { example, maxBytes, pattern = /^[ -~]+$/, must = 'write printable ASCII' } = rule;
  return {
    kind: 'text',
    default: undefined,
    example,
    values: `text of up to ${maxBytes} bytes`,
    help,
    read(text, key) {
      if (text.length > maxBytes)
        throw new CameraSpecError(
          `${key}=${text} is too long: a program can be told ${maxBytes} bytes, these are ${text.length}.`,
        );
      if (!pattern.test(text))
        throw new CameraSpecError(`${key}=${text} is not possible: ${must}, such as ${key}=${example}.`);
      return text;
    },
  };
}
