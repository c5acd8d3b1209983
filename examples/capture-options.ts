/** The command line of the capture example. */
import { parseArgs } from 'node:util';

export interface CaptureOptions {
  readonly device: string;
  readonly frames: number;
  /** Undefined: the size that the device has now. */
  readonly size: { readonly width: number; readonly height: number } | undefined;
  /** Four characters; undefined: the format that the device has now, if it can become a picture. */
  readonly format: string | undefined;
  readonly png: string;
}

export const USAGE = `usage: capture [device] [options]

  device           the device file (/dev/video0)
  --frames N       how many frames to capture (100)
  --size WxH       the size to ask for, e.g. 1280x720
  --format FOURCC  the pixel format to ask for, e.g. YUYV or RGB3
  --png FILE       where the last frame goes as a picture (capture.png)`;

function parseFrames(text: string): number {
  const frames = Number(text);
  if (!Number.isInteger(frames) || frames < 1) throw new Error(`--frames ${text} is not a number of frames`);
  return frames;
}

function parseSize(text: string): { width: number; height: number } {
  const match = /^(\d+)x(\d+)$/.exec(text);
  if (match === null) throw new Error(`--size ${text} is not a size such as 640x480`);
  return { width: Number(match[1]), height: Number(match[2]) };
}

function parseFormat(text: string): string {
  if (!/^[\x20-\x7e]{1,4}$/.test(text)) throw new Error(`--format ${text} is not a fourcc such as YUYV`);
  return text.padEnd(4);
}

/** The options; undefined if help was asked for. Throws an Error with a sentence for the user. */
export function parseOptions(args: readonly string[]): CaptureOptions | undefined {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      frames: { type: 'string', default: '100' },
      size: { type: 'string' },
      format: { type: 'string' },
      png: { type: 'string', default: 'capture.png' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  if (positionals.length > 1) throw new Error(`one device at a time, not ${positionals.join(' and ')}`);
  return {
    device: positionals[0] ?? '/dev/video0',
    frames: parseFrames(values.frames),
    size: values.size === undefined ? undefined : parseSize(values.size),
    format: values.format === undefined ? undefined : parseFormat(values.format),
    png: values.png,
  };
}
