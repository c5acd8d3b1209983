/** What a webcam is, as data: a profile can be written by hand, or taken from a camera that somebody has. */
import { withoutMark } from '../../base/byte-order-mark.ts';
import { CameraSpecError } from '../lib/camera-spec-error.ts';

export interface WebcamProfile {
  readonly card: string;
  /** As in sysfs: four digits of hexadecimal. */
  readonly usb: { readonly vendor: string; readonly product: string };
  /** In the order in which the camera lists them; the first size of the first format is the default. */
  readonly formats: readonly ProfileFormat[];
  readonly controls: readonly ProfileControl[];
  /** It has a node for the headers of frames; none if that is left out. */
  readonly metadata?: boolean;
}

export interface ProfileFormat {
  /** The name in videodev2.h, V4L2_PIX_FMT_ left out. */
  readonly format: string;
  readonly sizes: readonly ProfileSize[];
}

export interface ProfileSize {
  readonly width: number;
  readonly height: number;
  /** Frames a second: 30, 7.5 or "30000/1001". */
  readonly rates: readonly (number | string)[];
}

export interface ProfileControl {
  /** The name in v4l2-controls.h, V4L2_CID_ left out. */
  readonly id: string;
  readonly min: number;
  readonly max: number;
  readonly step?: number;
  readonly default: number;
  /** Of a menu: the numbers of the items that there are; all if that is left out. */
  readonly items?: readonly number[];
}

type Words = Readonly<Record<string, unknown>>;

const isWords = (value: unknown): value is Words => typeof value === 'object' && value !== null;
const isWithin = (value: unknown, least: number, most: number): value is number =>
  Number.isInteger(value) && (value as number) >= least && (value as number) <= most;
/** Pixels a side: what JPEG and H.264 have, and of which a frame can be measured in 32 bits. */
const MOST_PIXELS = 16_384;
const isSide = (value: unknown): value is number => isWithin(value, 1, MOST_PIXELS);
const isInt32 = (value: unknown): value is number => isWithin(value, -(2 ** 31), 2 ** 31 - 1);
const isId = (value: unknown): boolean => typeof value === 'string' && /^[0-9a-f]{4}$/i.test(value);

/** Understands the text of a profile. Throws CameraSpecError, which names the key and what it should be. */
export function readProfile(text: string, file: string): WebcamProfile {
  let profile: unknown;
  try {
    profile = JSON.parse(withoutMark(text));
  } catch (error) {
    throw new CameraSpecError(`${file} is no JSON: ${(error as Error).message}.`);
  }
  const wrong = fault(profile);
  if (wrong !== undefined)
    throw new CameraSpecError(
      `${file} is no profile of a webcam: ${wrong}; usercam profile /dev/video0 writes one.`,
    );
  return profile as WebcamProfile;
}

/** What is wrong with a profile, if something is. */
function fault(profile: unknown): string | undefined {
  if (!isWords(profile)) return 'it is no object';
  const { card, usb, formats, controls, metadata = false } = profile;
  if (typeof card !== 'string' || card === '') return '"card" is to be the name of the camera';
  if (!isWords(usb) || ![usb.vendor, usb.product].every(isId))
    return '"usb" is to have "vendor" and "product", four digits of hexadecimal each';
  if (!Array.isArray(formats) || formats.length === 0)
    return '"formats" is to be a list of one format or more';
  if (!Array.isArray(controls)) return '"controls" is to be a list';
  if (typeof metadata !== 'boolean') return '"metadata" is to be true or false';
  return formats.map(formatFault).find(Boolean) ?? twice(formats) ?? controls.map(controlFault).find(Boolean);
}

function twice(formats: readonly ProfileFormat[]): string | undefined {
  const names = formats.map(({ format }) => format);
  const again = names.findIndex((name, n) => names.indexOf(name) < n);
  return again < 0 ? undefined : `"formats[${again}]" is ${names[again]} again: put all its sizes into one`;
}

function formatFault(format: unknown, index: number): string | undefined {
  const key = `formats[${index}]`;
  if (!isWords(format) || typeof format.format !== 'string')
    return `"${key}.format" is to be a name such as YUYV`;
  const { sizes } = format;
  if (!Array.isArray(sizes) || sizes.length === 0)
    return `"${key}.sizes" is to be a list of one size or more`;
  for (const [n, size] of sizes.entries()) {
    if (!isWords(size) || !isSide(size.width) || !isSide(size.height))
      return `"${key}.sizes[${n}]" is to have "width" and "height", up to ${MOST_PIXELS} each`;
    if (!Array.isArray(size.rates) || size.rates.length === 0)
      return `"${key}.sizes[${n}].rates" is to be a list of frames a second`;
  }
  return undefined;
}

function controlFault(control: unknown, index: number): string | undefined {
  const key = `controls[${index}]`;
  if (!isWords(control) || typeof control.id !== 'string')
    return `"${key}.id" is to be a name such as BRIGHTNESS`;
  const wrong = ['min', 'max', 'default'].find((word) => !isInt32(control[word]));
  if (wrong !== undefined) return `"${key}.${wrong}" is to be a whole number of 32 bits`;
  const { step = 1, items = [] } = control;
  if (!isInt32(step)) return `"${key}.step" is to be a whole number`;
  return Array.isArray(items) && items.every(isInt32)
    ? undefined
    : `"${key}.items" is to be a list of whole numbers`;
}
