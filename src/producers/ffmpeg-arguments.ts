/** What ffmpeg is told, so that it writes frames as a program has negotiated them with a camera. */
import type { FormatName } from '../pixel/index.ts';
import type { FrameOrder, Playing, SourceSpec } from '../sources/index.ts';

/** Our formats as ffmpeg calls them; those of several planes of memory have the same bytes as those of one. */
const pixelFormats: Partial<Record<FormatName, string>> = {
  YUYV: 'yuyv422',
  UYVY: 'uyvy422',
  YVYU: 'yvyu422',
  NV12: 'nv12',
  NV12M: 'nv12',
  NV21: 'nv21',
  NV21M: 'nv21',
  NV16: 'nv16',
  NV16M: 'nv16',
  NV24: 'nv24',
  NV42: 'nv42',
  P010: 'p010le',
  YUV420: 'yuv420p',
  YUV420M: 'yuv420p',
  YUV422P: 'yuv422p',
  YUV422M: 'yuv422p',
  YUV444M: 'yuv444p',
  YUV411P: 'yuv411p',
  YUV410: 'yuv410p',
  GREY: 'gray',
  Y16: 'gray16le',
  Y16_BE: 'gray16be',
  RGB24: 'rgb24',
  BGR24: 'bgr24',
  RGB32: 'argb',
  ARGB32: 'argb',
  XRGB32: '0rgb',
  BGR32: 'bgra',
  ABGR32: 'bgra',
  XBGR32: 'bgr0',
  RGBA32: 'rgba',
  RGBX32: 'rgb0',
  BGRA32: 'abgr',
  BGRX32: '0bgr',
  RGB48: 'rgb48le',
  BGR48: 'bgr48le',
  RGB332: 'rgb8',
  RGB565: 'rgb565le',
  RGB565X: 'rgb565be',
  RGB555: 'rgb555le',
  RGB555X: 'rgb555be',
  RGB444: 'rgb444le',
  MJPEG: 'yuvj422p',
  JPEG: 'yuvj422p',
};

/** How good a JPEG is, 2 (best) to 31: frames of a camera, not of a photograph. */
const JPEG_QUALITY = '4';

type Film = Extract<SourceSpec, { kind: 'film' }>;

/** How ffmpeg makes this format: itself, or pictures that we convert. */
export function ffmpegFormat(format: string): { readonly pixelFormat: string; readonly isOurs: boolean } {
  const pixelFormat = pixelFormats[format as FormatName];
  return pixelFormat === undefined ? { pixelFormat: 'rgba', isOurs: true } : { pixelFormat, isOurs: false };
}

export const isJpeg = (format: string): boolean => format === 'MJPEG' || format === 'JPEG';

/**
 * Scales to W x H, whatever shape the pixels of the film have. In the filter's own words `dar` is how wide the picture
 * is to be shown for its height; sizes that are computed are even, as most formats need.
 */
function scaling({ width, height }: FrameOrder, fit: Playing['fit'], colors: string): readonly string[] {
  const frame = `${width}/${height}`;
  const byHeight = `max(2,2*round(${height}*dar/2))`;
  const byWidth = `max(2,2*round(${width}/dar/2))`;
  const scaled = (isWide: string) =>
    `scale=w='if(${isWide}(dar,${frame}),${width},${byHeight})':h='if(${isWide}(dar,${frame}),${byWidth},${height})':${colors}`;
  switch (fit) {
    case 'contain':
      return [scaled('gte'), `pad=${width}:${height}:(ow-iw)/2:(oh-ih)/2`];
    case 'cover':
      return [scaled('lte'), `crop=${width}:${height}`];
    case 'fill':
      return [`scale=${width}:${height}:${colors}`];
  }
}

/** Frames at the camera's rate: the film's own in time, or each of them once. */
function pacing({ interval, playing }: FrameOrder): readonly string[] {
  const rate = `${interval.denominator}/${interval.numerator}`;
  return playing.pace === 'frames' ? [`setpts=N/(${rate})/TB`, `fps=${rate}`] : [`fps=${rate}`];
}

/** The command line, ffmpeg itself left out. What it writes to its standard output are frames. */
export function ffmpegArguments(order: FrameOrder, film: Film): string[] {
  const { playing, format } = order;
  const { pixelFormat } = ffmpegFormat(format);
  // Our YUV is BT.601 in the limited range, as the camera says; a JPEG has the full range.
  const colors = `out_color_matrix=bt601:out_range=${isJpeg(format) || /rgb|bgr/.test(pixelFormat) ? 'full' : 'limited'}`;
  const filters = [...pacing(order), ...scaling(order, playing.fit, colors), `format=${pixelFormat}`];
  const input = film.input === '' ? (process.env.DISPLAY ?? ':0') : film.input;
  return [
    ...['-hide_banner', '-nostdin', '-loglevel', 'error'],
    ...(playing.loop && film.file !== undefined && film.options.length === 0 ? ['-stream_loop', '-1'] : []),
    ...film.options,
    ...['-i', input, '-map', '0:v:0', '-an', '-sn', '-dn'],
    ...['-vf', filters.join(',')],
    ...(isJpeg(format)
      ? ['-c:v', 'mjpeg', '-q:v', JPEG_QUALITY, '-huffman', 'default', '-f', 'mpjpeg']
      : ['-c:v', 'rawvideo', '-f', 'rawvideo']),
    'pipe:1',
  ];
}
