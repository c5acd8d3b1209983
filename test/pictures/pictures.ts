/**
 * What vivi shows, as a program gets it through the door: the first frame of a stream, whose time is zero whatever the
 * machine. `npm run docs` leaves the pictures in docs/pictures, and a test takes them again and compares each pixel.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PNG } from 'pngjs';
import { root, runUsercam, scratch } from '../support/door.ts';

export interface Picture {
  /** The name of the file in docs/pictures, without its end. */
  readonly name: string;
  readonly size: readonly [width: number, height: number];
  /** What v4l2-ctl is told before it takes the frame. */
  readonly set: readonly string[];
  /** Settings of the camera. */
  readonly camera?: string;
}

const small = [320, 240] as const;
/** Room for all eight lines of text. */
const wide = [480, 160] as const;

const controls = (values: string) => ['-c', values];
/** The gain is a clock while it is automatic. */
const manual = 'gain_automatic=0';
const untouched = `${manual},gain=100`;
const custom = 'integer_32_bits=-2147483648,integer_64_bits=-9223372036854775808,bitmask=0x00402010';
const more = 'boolean=0,menu=1,integer_menu=8,volume=0,alpha_component=255,gain=7,button=1';

export const pictures: readonly Picture[] = [
  { name: 'input-0', size: small, set: ['-i', '0'] },
  { name: 'input-1', size: small, set: ['-i', '1'] },
  { name: 'input-2', size: small, set: ['-i', '2'] },
  { name: 'input-3', size: small, set: ['-i', '3'] },
  { name: 'brightness-200', size: small, set: controls('brightness=200') },
  { name: 'contrast-8', size: small, set: controls('contrast=8') },
  { name: 'saturation-0', size: small, set: controls('saturation=0') },
  { name: 'hue-64', size: small, set: controls('hue=64') },
  { name: 'overlay-defaults', size: wide, set: controls(untouched) },
  {
    name: 'overlay-all-set',
    size: [640, 160],
    set: ['-i', '2', ...controls(`${manual},${custom},${more}`), ...controls('string=a"b!')],
  },
  { name: 'overlay-button', size: small, set: controls('button=1') },
  // Lines that do not fit are left out: here all but the first.
  { name: 'overlay-narrow', size: [160, 120], set: [] },
  { name: 'overlay-low', size: [480, 48], set: controls(untouched) },
  { name: 'overlay-none', size: [128, 32], set: [] },
  {
    name: 'cropped',
    size: small,
    camera: 'crop=yes',
    set: ['--set-selection', 'target=crop,left=0,top=0,width=160,height=120'],
  },
];

/**
 * The pixels of a picture as it is made now, red, green, blue and alpha of each. A machine that has no time for a whole
 * second loses the first frame, as a camera does: then another stream is started.
 */
export async function take({ size: [width, height], set, camera }: Picture): Promise<Uint8Array> {
  const file = join(scratch(), 'frame');
  const format = `--set-fmt-video=width=${width},height=${height},pixelformat=RGB3`;
  const stream = ['--stream-mmap', '--stream-count=1', `--stream-to=${file}`, '--verbose'];
  const command = ['v4l2-ctl', format, ...set, ...stream];
  let sequence: string | undefined;
  while (sequence !== '0') {
    const { code, text, stderr } = await runUsercam(command, {
      cameras: [camera === undefined ? 'vivi,fps=1' : `vivi,fps=1,${camera}`],
    });
    sequence = /cap dqbuf: .* seq: +(\d+)/.exec(text + stderr)?.[1];
    if (code !== 0 || sequence === undefined) throw new Error(stderr);
  }
  const rgb = readFileSync(file);
  const pixels = new Uint8Array(width * height * 4).fill(0xff);
  for (let i = 0; i < width * height; i++) pixels.set(rgb.subarray(3 * i, 3 * i + 3), 4 * i);
  return pixels;
}

const fileOf = ({ name }: Picture) => join(root, 'docs', 'pictures', `${name}.png`);

/** The picture as it was kept. */
export function kept(picture: Picture): {
  readonly pixels: Uint8Array;
  readonly size: readonly [number, number];
} {
  const { width, height, data } = PNG.sync.read(readFileSync(fileOf(picture)));
  return { pixels: new Uint8Array(data), size: [width, height] };
}

/** All of them as they are now: the name of the file in docs/ and its bytes. */
export async function picturePages(): Promise<readonly (readonly [name: string, bytes: Uint8Array])[]> {
  const pages: [string, Uint8Array][] = [];
  for (const picture of pictures) {
    const [width, height] = picture.size;
    const png = new PNG({ width, height });
    png.data.set(await take(picture));
    pages.push([`pictures/${picture.name}.png`, new Uint8Array(PNG.sync.write(png, { colorType: 2 }))]);
  }
  return pages;
}
