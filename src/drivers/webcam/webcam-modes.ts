/** The formats, sizes and rates of a webcam, and what a program gets that asks for others. */
import {
  type FormatInfo,
  type FrameSize,
  isCompressed,
  isPredicted,
  pixelFormats,
} from '../../pixel/index.ts';
import { canPack } from '../../tpg/index.ts';
import { CameraSpecError } from '../lib/camera-spec-error.ts';
import { compareIntervals, type TimePerFrame } from '../lib/frame-interval.ts';
import type { ReceivedMode } from '../lib/steering.ts';
import type { ProfileFormat } from './profile.ts';

export interface SizeMode extends FrameSize {
  /** From short to long. */
  readonly intervals: readonly TimePerFrame[];
}

export interface FormatMode {
  readonly info: FormatInfo;
  readonly sizes: readonly SizeMode[];
}

/** What a program finds before it sets anything: what was asked for, or the profile's first. */
export interface Wanted {
  readonly format: string | undefined;
  readonly size: FrameSize | undefined;
  readonly interval: TimePerFrame | undefined;
}

/** 7.5 is 10/75, "30000/1001" what it says. */
function intervalOf(rate: number | string): TimePerFrame {
  const [frames = 0, seconds = 1] = String(rate).split('/').map(Number);
  const scale = Number.isInteger(frames) ? 1 : 1000;
  const [numerator, denominator] = [Math.round(seconds * scale), Math.round(frames * scale)];
  const divisor = gcd(numerator, denominator);
  if (!(numerator > 0 && denominator > 0))
    throw new CameraSpecError(`The profile has a rate of ${rate}: write frames a second, such as 30 or 7.5.`);
  return { numerator: numerator / divisor, denominator: denominator / divisor };
}

function gcd(a: number, b: number): number {
  return b > 0 ? gcd(b, a % b) : Math.max(1, a);
}

const byLength = (intervals: readonly TimePerFrame[]) => [...intervals].sort(compareIntervals);

function infoOf(name: string): FormatInfo {
  const info = pixelFormats.find((each) => each.name === name);
  const isJpeg = name === 'MJPEG' || name === 'JPEG';
  if (info !== undefined && (isJpeg || isPredicted(info) || (!isCompressed(info) && canPack(info))))
    return info;
  throw new CameraSpecError(
    `The profile has the format ${name}, which cannot be made: use MJPEG, H264, YUYV, NV12 or another that is not compressed.`,
  );
}

const isSame = (a: FrameSize, b: FrameSize): boolean => a.width === b.width && a.height === b.height;

/** The size that was asked for stands first, and has the rate that was asked for: what is not in the profile is added. */
function sizesOf({ sizes }: ProfileFormat, { size, interval }: Wanted): readonly SizeMode[] {
  const modes = sizes.map(({ width, height, rates }) => ({
    width,
    height,
    intervals: rates.map(intervalOf),
  }));
  const first = modes[0] as SizeMode;
  const wanted = size ?? first;
  const own = modes.find((mode) => isSame(mode, wanted)) ?? { ...wanted, intervals: first.intervals };
  const all = [own, ...modes.filter((mode) => !isSame(mode, wanted))];
  return all.map((mode) => {
    const has =
      interval === undefined || mode.intervals.some((each) => compareIntervals(each, interval) === 0);
    return { ...mode, intervals: byLength(has ? mode.intervals : [...mode.intervals, interval]) };
  });
}

/** All of them, the one that was asked for first. Throws CameraSpecError. */
export function webcamModes(formats: readonly ProfileFormat[], wanted: Wanted): readonly FormatMode[] {
  const names = formats.map(({ format }) => format);
  if (wanted.format !== undefined && !names.includes(wanted.format))
    throw new CameraSpecError(
      `format=${wanted.format} is not one that this webcam has: choose one of ${names.join(', ')}.`,
    );
  const modes = formats.map((format) => ({ info: infoOf(format.format), sizes: sizesOf(format, wanted) }));
  return modes.sort((a, b) => Number(b.info.name === wanted.format) - Number(a.info.name === wanted.format));
}

/** What there is while the camera receives `size` at `interval`: nothing else. What is left out is as in `modes`. */
export function receivedModes(
  modes: readonly FormatMode[],
  { size, interval }: ReceivedMode,
): readonly FormatMode[] {
  return modes.map(({ info, sizes }) => {
    const own = size && (sizes.find((mode) => isSame(mode, size)) ?? { ...(sizes[0] as SizeMode), ...size });
    const kept = own === undefined ? sizes : [own];
    return {
      info,
      sizes: interval === undefined ? kept : kept.map((mode) => ({ ...mode, intervals: [interval] })),
    };
  });
}

const MAX_TICKS = 2 ** 32 - 1;

/** How many pixels two sizes have that are not in both of them. */
function difference(a: FrameSize, b: FrameSize): number {
  const shared = Math.min(a.width, b.width) * Math.min(a.height, b.height);
  return a.width * a.height + b.width * b.height - 2 * shared;
}

/** The size to use when `wanted` is asked for. */
export function nearestMode(sizes: readonly SizeMode[], wanted: FrameSize): SizeMode {
  return sizes.reduce((best, mode) => (difference(mode, wanted) < difference(best, wanted) ? mode : best));
}

/** On the bus an interval is so many times 100 ns. One of no length that makes sense is the longest. @kernel uvc_fraction_to_interval */
function ticksOf({ numerator, denominator }: TimePerFrame): number {
  return denominator === 0 ? MAX_TICKS : Math.min(Math.floor((numerator * 1e7) / denominator), MAX_TICKS);
}

/** The interval to use when `wanted` is asked for; of two that are as near the longer one. @kernel uvc_try_frame_interval */
export function nearestIntervalOf({ intervals }: SizeMode, wanted: TimePerFrame): TimePerFrame {
  const ticks = ticksOf(wanted);
  const away = (interval: TimePerFrame) => Math.abs(ticksOf(interval) - ticks);
  return intervals.reduce((best, interval) => (away(interval) <= away(best) ? interval : best));
}
