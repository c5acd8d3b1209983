/** The formats, sizes and rates of a webcam, and what a program gets that asks for others. */
import {
  type FormatInfo,
  type FrameSize,
  isPacked,
  isPredicted,
  pixelFormats,
  widthStepOf,
} from '../../pixel/index.ts';
import { canPack } from '../../tpg/index.ts';
import { CameraSpecError } from '../lib/camera-spec-error.ts';
import { compareIntervals, type TimePerFrame } from '../lib/frame-interval.ts';
import type { ReceivedMode } from '../lib/steering.ts';
import type { ProfileFormat, ProfileSize } from './profile.ts';

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
  // What a program is told has 32 bits, and on the bus an interval is one tick at least.
  const isPossible = numerator > 0 && denominator > 0 && Math.max(numerator, denominator) <= MAX_TICKS;
  if (!isPossible || ticksOf({ numerator, denominator }) === 0)
    throw new CameraSpecError(`The profile has a rate of ${rate}: write frames a second, such as 30 or 7.5.`);
  return { numerator: numerator / divisor, denominator: denominator / divisor };
}

function gcd(a: number, b: number): number {
  return b > 0 ? gcd(b, a % b) : Math.max(1, a);
}

const byLength = (intervals: readonly TimePerFrame[]) => [...intervals].sort(compareIntervals);

/** A webcam here can have it: frames in one plane of memory, which can be painted or encoded. */
export function isWebcamFormat(info: FormatInfo): boolean {
  const isJpeg = info.name === 'MJPEG' || info.name === 'JPEG';
  return isJpeg || isPredicted(info) || (info.memory.length === 1 && canPack(info));
}

function infoOf(name: string): FormatInfo {
  const info = pixelFormats.find((each) => each.name === name);
  if (info !== undefined && isWebcamFormat(info)) return info;
  throw new CameraSpecError(
    `The profile has the format ${name}, which cannot be made: use MJPEG, H264, YUYV, NV12 or another that is not compressed.`,
  );
}

/** Pixels that share their chroma, where that cannot be shared by fewer. */
function stepsOf(info: FormatInfo): FrameSize {
  if (isPredicted(info)) return { width: 2, height: 2 };
  return { width: isPacked(info) ? widthStepOf(info) : 1, height: 1 };
}

function canBe(info: FormatInfo, { width, height }: FrameSize): boolean {
  const steps = stepsOf(info);
  return width % steps.width === 0 && height % steps.height === 0;
}

/** Throws CameraSpecError if frames of this format cannot have this size. */
function checkSize(info: FormatInfo, size: FrameSize): void {
  if (canBe(info, size)) return;
  const { width, height } = stepsOf(info);
  const steps = height > 1 ? `${width} and its height one of ${height}` : `${width}`;
  throw new CameraSpecError(
    `${info.name} cannot have ${size.width}x${size.height}: its width is to be a multiple of ${steps}.`,
  );
}

const isSame = (a: FrameSize, b: FrameSize): boolean => a.width === b.width && a.height === b.height;

/** The size that was asked for stands first, and has the rate that was asked for: what is not in the profile is added. */
function sizesOf(info: FormatInfo, sizes: readonly ProfileSize[], wanted: Wanted): readonly SizeMode[] {
  const { interval } = wanted;
  // One that only another of its formats can have is no reason for a camera not to be.
  const size =
    wanted.size && (info.name === wanted.format || canBe(info, wanted.size)) ? wanted.size : undefined;
  const modes = sizes.map(({ width, height, rates }) => ({
    width,
    height,
    intervals: rates.map(intervalOf),
  }));
  const first = modes[0] as SizeMode;
  const usual = size ?? first;
  const own = modes.find((mode) => isSame(mode, usual)) ?? { ...usual, intervals: first.intervals };
  const all = [own, ...modes.filter((mode) => !isSame(mode, usual))];
  for (const mode of all) checkSize(info, mode);
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
  const modes = formats.map(({ format, sizes }) => {
    const info = infoOf(format);
    return { info, sizes: sizesOf(info, sizes, wanted) };
  });
  return modes.sort((a, b) => Number(b.info.name === wanted.format) - Number(a.info.name === wanted.format));
}

/** As much of `size` as frames of this format can have: an encoder leaves out the last column and row. */
function within(info: FormatInfo, size: FrameSize): FrameSize {
  const steps = stepsOf(info);
  const whole = (length: number, step: number) => Math.max(step, length - (length % step));
  return { width: whole(size.width, steps.width), height: whole(size.height, steps.height) };
}

/**
 * What there is while the camera receives `size` at `interval`: nothing else. What is left out is as in `modes`. Throws CameraSpecError if
 * none of the formats can have it.
 */
export function receivedModes(
  modes: readonly FormatMode[],
  { size: wanted, interval }: ReceivedMode,
): readonly FormatMode[] {
  if (wanted !== undefined && !modes.some(({ info }) => canBe(info, wanted)))
    checkSize((modes[0] as FormatMode).info, wanted);
  return modes.map(({ info, sizes }) => {
    const size = wanted && within(info, wanted);
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

/** On the bus sizes have so many bits: of larger ones the rest is looked at. */
const SIZE_MASK = 0xffff;

/** The size to use when `wanted` is asked for. @kernel uvc_v4l2_try_format */
export function nearestMode(sizes: readonly SizeMode[], { width, height }: FrameSize): SizeMode {
  const wanted = { width: width & SIZE_MASK, height: height & SIZE_MASK };
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
