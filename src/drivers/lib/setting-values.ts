/** Values of settings as people write them. What is wrong is said in one sentence, with the way to mend it. */

import type { TimePerFrame } from './frame-schedule.ts';
import { compareIntervals, type FrameSize } from './frame-size.ts';

/** What is wrong with a camera's description, and how to mend it. The message is for whoever typed it. */
export class CameraSpecError extends Error {
  override readonly name = 'CameraSpecError';
}

/** What a driver can do, as far as it matters for what may be asked of it. */
export interface FrameLimits {
  readonly driver: string;
  readonly minWidth: number;
  readonly minHeight: number;
  readonly maxWidth: number;
  readonly maxHeight: number;
  readonly widthStep: number;
  readonly shortest: TimePerFrame;
  readonly longest: TimePerFrame;
  /** What else may stand for a rate, for messages. */
  readonly rateWords?: string;
}

export function parseSize(text: string, limits: FrameLimits): FrameSize {
  const match = /^(\d{1,5})x(\d{1,5})$/i.exec(text);
  if (match === null)
    throw new CameraSpecError(`size=${text} is not a size: write it as WIDTHxHEIGHT, such as size=1280x720.`);
  const width = Number(match[1]);
  const height = Number(match[2]);
  const { driver, minWidth, minHeight, maxWidth, maxHeight, widthStep } = limits;
  if (width < minWidth || width > maxWidth || height < minHeight || height > maxHeight)
    throw new CameraSpecError(
      `size=${text} is out of range: ${driver} makes ${minWidth}x${minHeight} to ${maxWidth}x${maxHeight}.`,
    );
  if (width % widthStep !== 0) {
    const near = Math.round(width / widthStep) * widthStep;
    throw new CameraSpecError(
      `size=${text} is not possible: the width must be a multiple of ${widthStep}, such as size=${near}x${height}.`,
    );
  }
  return { width, height };
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

export function parseFps(
  text: string,
  { driver, shortest, longest, rateWords = '' }: FrameLimits,
): TimePerFrame {
  const match = /^(\d{1,7}(?:\.\d{1,3})?)(?:\/(\d{1,7}))?$/.exec(text);
  const rate = Number(match?.[1] ?? 0);
  if (match === null || (match[2] !== undefined && !Number.isInteger(rate)))
    throw new CameraSpecError(
      `fps=${text} is not a frame rate: write a number such as fps=30, fps=29.97 or fps=30000/1001${rateWords}.`,
    );
  const interval: TimePerFrame =
    match[2] === undefined ? decimalInterval(rate) : { numerator: Number(match[2]), denominator: rate };
  const { numerator, denominator } = interval;
  const possible =
    numerator > 0 &&
    denominator > 0 &&
    compareIntervals(interval, shortest) >= 0 &&
    compareIntervals(interval, longest) <= 0;
  if (!possible)
    throw new CameraSpecError(
      `fps=${text} is out of range: ${driver} makes ${rateName(longest)} to ${rateName(shortest)} frames a second.`,
    );
  return interval;
}

export function parseFormat(text: string, driver: string, formats: Readonly<Record<string, number>>): number {
  const name = text.toUpperCase();
  const fourcc = Object.hasOwn(formats, name) ? formats[name] : undefined;
  if (fourcc === undefined)
    throw new CameraSpecError(
      `format=${text} is not one that ${driver} has: choose one of ${Object.keys(formats).join(', ')}.`,
    );
  return fourcc;
}

/** One word out of several. */
export function parseChoice<T extends string>(key: string, text: string, choices: readonly T[]): T {
  const choice = choices.find((word) => word === text);
  if (choice === undefined)
    throw new CameraSpecError(`${key}=${text} is not possible: choose one of ${choices.join(', ')}.`);
  return choice;
}

/** A whole number of milliseconds, in nanoseconds. */
export function parseMilliseconds(key: string, text: string, most: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (!(value <= most))
    throw new CameraSpecError(`${key}=${text} is not possible: write milliseconds, 0 to ${most}.`);
  return value * 1e6;
}
