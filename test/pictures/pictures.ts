/** What vivi shows, as a program gets it through the door: the first frame, whose time is zero whatever the machine. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { root, runUsercam, scratch } from '../support/door.ts';

export interface Picture {
  /** The name of the file in docs/pictures, without its end. */
  readonly name: string;
  /** One sentence, for docs/vivi.md. */
  readonly shows: string;
  /** Wide enough for all lines of text, or as small as that one sees the bars. */
  readonly size: readonly [width: number, height: number];
  /** What v4l2-ctl is told before it takes the frame. */
  readonly set: readonly string[];
}

const small = [320, 240] as const;
const wide = [640, 240] as const;

/** The gain is a clock while it is automatic. */
const manual = ['-c', 'gain_automatic=0'];

export const pictures: readonly Picture[] = [
  ...[0, 1, 2, 3].map((input) => ({
    name: `input-${input}`,
    shows: `Input ${input}.`,
    size: small,
    set: ['-i', String(input)],
  })),
  {
    name: 'overlay',
    shows: 'All that is set has its default, but for the automatic gain, which is off.',
    size: wide,
    set: manual,
  },
];

/** The pixels of a picture as it is made now, four bytes each. */
export async function take({ size: [width, height], set }: Picture): Promise<Uint8Array> {
  const file = join(scratch(), 'frame');
  const format = `--set-fmt-video=width=${width},height=${height},pixelformat=RGB3`;
  const stream = ['--stream-mmap', '--stream-count=1', `--stream-to=${file}`];
  const result = await runUsercam(['v4l2-ctl', format, ...set, ...stream], { cameras: ['vivi'] });
  if (result.code !== 0) throw new Error(result.stderr);
  const rgb = readFileSync(file);
  const pixels = new Uint8Array(width * height * 4).fill(0xff);
  for (let i = 0; i < width * height; i++) pixels.set(rgb.subarray(3 * i, 3 * i + 3), 4 * i);
  return pixels;
}

export const fileOf = ({ name }: Picture) => join(root, 'docs', 'pictures', `${name}.png`);

/** The picture as a PNG, for `npm run docs`. */
export function pngOf({ size: [width, height] }: Picture, pixels: Uint8Array): Uint8Array {
  const png = new PNG({ width, height });
  png.data = Buffer.from(pixels);
  return PNG.sync.write(png, { colorType: 2 });
}
