/** The pixel formats that are known, each said once. Formats are named here as in videodev2.h. */
import * as abi from '../abi/index.ts';
import * as pictures from '../abi/pixel/formats.ts';
import * as raw from '../abi/pixel/raw.ts';
import type { FormatInfo, PixelEncoding, PlaneInfo } from './format-info.ts';

/** Every name that videodev2.h has, V4L2_PIX_FMT_ left out: a wrong one does not compile. */
export type FormatName = {
  [K in keyof typeof fourccs]: K extends `V4L2_PIX_FMT_${infer Name}` ? Name : never;
}[keyof typeof fourccs];

const fourccs = { ...pictures, ...raw };

const colorspaces: Readonly<Record<PixelEncoding, number>> = {
  rgb: abi.V4L2_COLORSPACE_SRGB,
  hsv: abi.V4L2_COLORSPACE_SRGB,
  yuv: abi.V4L2_COLORSPACE_SMPTE170M,
  grey: abi.V4L2_COLORSPACE_SMPTE170M,
  bayer: abi.V4L2_COLORSPACE_RAW,
  compressed: abi.V4L2_COLORSPACE_REC709,
};

function format(
  name: FormatName,
  encoding: PixelEncoding,
  memory: FormatInfo['memory'],
  colorspace = colorspaces[encoding],
): FormatInfo {
  return { fourcc: fourccs[`V4L2_PIX_FMT_${name}`], name, encoding, colorspace, memory };
}

function encodingOf(samples: string): PixelEncoding {
  if (/[uv]/.test(samples) && samples.includes('y')) return 'yuv';
  if (samples.includes('h')) return 'hsv';
  return samples.includes('y') ? 'grey' : 'rgb';
}

/** A packed format; `bytes` are those of a group, one for each sample if nothing is said. */
function packed(
  name: FormatName,
  samples: string,
  { pixels = 1, bytes = samples.length }: { pixels?: number; bytes?: number } = {},
): FormatInfo {
  return format(name, encodingOf(samples), [[{ samples, pixels, rows: 1, bytes }]]);
}

/** A packed format whose pixel is a word of 1 or 2 bytes; `bits` of each sample from the highest on. */
function word(name: FormatName, samples: string, bits: string, bigEndian = false): FormatInfo {
  const widths = [...bits].map(Number);
  const bytes = widths.reduce((sum, width) => sum + width, 0) / 8;
  return format(name, encodingOf(samples), [
    [{ samples, pixels: 1, rows: 1, bytes, bits: widths, bigEndian }],
  ]);
}

/** RGB in 16 bits by their name: ARGB444, XBGR555 … The letters are in the order of the bits. */
function rgb16(name: Extract<FormatName, `${string}444` | `${string}555`>): FormatInfo {
  const samples = name.slice(0, 4).toLowerCase();
  const bits = name.endsWith('444') ? '4444' : samples.replaceAll(/[rgb]/g, '5').replace(/[ax]/, '1');
  return word(name, samples, bits);
}

function luma(bytes = 1): PlaneInfo {
  return { samples: 'y', pixels: 1, rows: 1, bytes };
}

/** Chroma of `pixels` neighbours in `rows` rows. */
function chroma(samples: string, pixels: number, rows: number, bytes = samples.length): PlaneInfo {
  return { samples, pixels, rows, bytes };
}

/** Luma and one or two planes of chroma in one plane of memory; `order` is that of the planes of chroma. */
function planar(name: FormatName, order: readonly string[], pixels: number, rows: number): FormatInfo {
  return format(name, 'yuv', [[luma(), ...order.map((samples) => chroma(samples, pixels, rows))]]);
}

/** The same, each in memory of its own. */
function apart(name: FormatName, order: readonly string[], pixels: number, rows: number): FormatInfo {
  return format(name, 'yuv', [[luma()], ...order.map((samples) => [chroma(samples, pixels, rows)])]);
}

/** As {@link planar} with samples of 16 bits. */
function planar16(name: FormatName, pixels: number, rows: number): FormatInfo {
  return format(name, 'yuv', [[luma(2), chroma('uv', pixels, rows, 4)]]);
}

/** One colour for each pixel, behind a filter. The 10P, 12P … have groups of pixels in fewer bytes. */
function bayer(suffix: '8' | '10' | '12' | '14' | '16', bytes: number): readonly FormatInfo[] {
  const names = ['SBGGR', 'SGBRG', 'SGRBG', 'SRGGB'] as const;
  return names.map((name) => bayerFormat(`${name}${suffix}`, 1, bytes));
}

function bayerPacked(suffix: '10P' | '12P' | '14P', pixels: number, bytes: number): readonly FormatInfo[] {
  const names = ['SBGGR', 'SGBRG', 'SGRBG', 'SRGGB'] as const;
  return names.map((name) => bayerFormat(`${name}${suffix}`, pixels, bytes));
}

function bayerFormat(name: FormatName, pixels: number, bytes: number): FormatInfo {
  return format(name, 'bayer', [[{ samples: name.slice(1, 5).toLowerCase(), pixels, rows: 1, bytes }]]);
}

function compressed(name: FormatName, colorspace?: number): FormatInfo {
  return format(name, 'compressed', [], colorspace);
}

const rgb: readonly FormatInfo[] = [
  word('RGB332', 'rgb', '332'),
  word('RGB444', 'argb', '4444'),
  ...(['ARGB444', 'XRGB444', 'RGBA444', 'RGBX444', 'ABGR444', 'XBGR444'] as const).map(rgb16),
  ...(['BGRA444', 'BGRX444', 'ARGB555', 'XRGB555', 'RGBA555', 'RGBX555'] as const).map(rgb16),
  ...(['ABGR555', 'XBGR555', 'BGRA555', 'BGRX555'] as const).map(rgb16),
  word('RGB565', 'rgb', '565'),
  word('RGB565X', 'rgb', '565', true),
  word('RGB555', 'argb', '1555'),
  word('RGB555X', 'argb', '1555', true),
  word('ARGB555X', 'argb', '1555', true),
  word('XRGB555X', 'xrgb', '1555', true),
  packed('RGB24', 'rgb'),
  packed('BGR24', 'bgr'),
  packed('RGB32', 'argb'),
  packed('BGR32', 'bgra'),
  packed('ARGB32', 'argb'),
  packed('XRGB32', 'xrgb'),
  packed('RGBA32', 'rgba'),
  packed('RGBX32', 'rgbx'),
  packed('ABGR32', 'bgra'),
  packed('XBGR32', 'bgrx'),
  packed('BGRA32', 'abgr'),
  packed('BGRX32', 'xbgr'),
  packed('RGB48', 'rgb', { bytes: 6 }),
  packed('BGR48', 'bgr', { bytes: 6 }),
  packed('HSV24', 'hsv'),
  packed('HSV32', 'xhsv'),
];

const yuv: readonly FormatInfo[] = [
  packed('YUYV', 'yuyv', { pixels: 2 }),
  packed('UYVY', 'uyvy', { pixels: 2 }),
  packed('YVYU', 'yvyu', { pixels: 2 }),
  packed('VYUY', 'vyuy', { pixels: 2 }),
  packed('Y210', 'yuyv', { pixels: 2, bytes: 8 }),
  packed('Y212', 'yuyv', { pixels: 2, bytes: 8 }),
  packed('Y216', 'yuyv', { pixels: 2, bytes: 8 }),
  packed('YUV24', 'yuv'),
  packed('YUV32', 'ayuv'),
  packed('AYUV32', 'ayuv'),
  packed('XYUV32', 'xyuv'),
  packed('VUYA32', 'vuya'),
  packed('VUYX32', 'vuyx'),
  packed('YUVA32', 'yuva'),
  packed('YUVX32', 'yuvx'),
  word('YUV444', 'ayuv', '4444'),
  word('YUV555', 'ayuv', '1555'),
  word('YUV565', 'yuv', '565'),
  planar('NV12', ['uv'], 2, 2),
  planar('NV21', ['vu'], 2, 2),
  planar('NV16', ['uv'], 2, 1),
  planar('NV61', ['vu'], 2, 1),
  planar('NV24', ['uv'], 1, 1),
  planar('NV42', ['vu'], 1, 1),
  planar16('P010', 2, 2),
  planar16('P012', 2, 2),
  planar('YUV420', ['u', 'v'], 2, 2),
  planar('YVU420', ['v', 'u'], 2, 2),
  planar('YUV422P', ['u', 'v'], 2, 1),
  planar('YUV411P', ['u', 'v'], 4, 1),
  planar('YUV410', ['u', 'v'], 4, 4),
  planar('YVU410', ['v', 'u'], 4, 4),
  apart('NV12M', ['uv'], 2, 2),
  apart('NV21M', ['vu'], 2, 2),
  apart('NV16M', ['uv'], 2, 1),
  apart('NV61M', ['vu'], 2, 1),
  apart('YUV420M', ['u', 'v'], 2, 2),
  apart('YVU420M', ['v', 'u'], 2, 2),
  apart('YUV422M', ['u', 'v'], 2, 1),
  apart('YVU422M', ['v', 'u'], 2, 1),
  apart('YUV444M', ['u', 'v'], 1, 1),
  apart('YVU444M', ['v', 'u'], 1, 1),
];

const others: readonly FormatInfo[] = [
  packed('GREY', 'y'),
  packed('Y10', 'y', { bytes: 2 }),
  packed('Y12', 'y', { bytes: 2 }),
  packed('Y14', 'y', { bytes: 2 }),
  packed('Y16', 'y', { bytes: 2 }),
  packed('Y16_BE', 'y', { bytes: 2 }),
  ...bayer('8', 1),
  ...bayer('10', 2),
  ...bayer('12', 2),
  ...bayer('14', 2),
  ...bayer('16', 2),
  ...bayerPacked('10P', 4, 5),
  ...bayerPacked('12P', 2, 3),
  ...bayerPacked('14P', 4, 7),
  compressed('MJPEG', abi.V4L2_COLORSPACE_JPEG),
  compressed('JPEG', abi.V4L2_COLORSPACE_JPEG),
  compressed('H264'),
  compressed('HEVC'),
  compressed('MPEG2'),
  compressed('MPEG4'),
  compressed('VP8'),
  compressed('VP9'),
];

/** Every format that is known. */
export const pixelFormats: readonly FormatInfo[] = [...rgb, ...yuv, ...others];

const byFourcc = new Map(pixelFormats.map((info) => [info.fourcc, info]));
const byName = new Map(pixelFormats.map((info) => [info.name, info]));

/** What is known of the format that programs call `fourcc`. */
export function formatInfo(fourcc: number): FormatInfo | undefined {
  return byFourcc.get(fourcc);
}

/** The formats of these names, for lists of what a driver has; throws if one is not in the table. */
export function formatsNamed<const N extends readonly FormatName[]>(
  ...names: N
): { readonly [K in keyof N]: FormatInfo } {
  const infos = names.map((name) => {
    const info = byName.get(name);
    if (info === undefined) throw new RangeError(`nothing is known of the pixel format ${name}`);
    return info;
  });
  return infos as { readonly [K in keyof N]: FormatInfo };
}
