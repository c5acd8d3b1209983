/**
 * What a camera can show, as plain data that goes from thread to thread, and as people write it: `film.mp4`, `qr:Hello`,
 * `rtsp://host/stream`. Only what can be told from the words is told here; whether a file is there is somebody else's.
 */
import { type Pattern, patterns } from '../tpg/index.ts';

export type SourceSpec =
  /** A pattern of the test pattern generator, which moves. */
  | { readonly kind: 'pattern'; readonly name: string }
  /** A picture in a file. */
  | { readonly kind: 'still'; readonly path: string }
  /** A QR code with a text in it. */
  | { readonly kind: 'qr'; readonly text: string }
  /** Whatever ffmpeg reads, with its options for the input. */
  | {
      readonly kind: 'film';
      readonly input: string;
      readonly options: readonly string[];
      /** It goes on whether somebody looks or not. */
      readonly isLive: boolean;
      /** A file that has to be there. */
      readonly file?: string;
    }
  /** Frames from a program of the user's own. */
  | { readonly kind: 'script'; readonly path: string }
  /** What another camera of the session shows, by its node: `/dev/video0`. */
  | { readonly kind: 'camera'; readonly node: string };

/** How it is shown. */
export interface Playing {
  /** contain: all of it, with bars beside it. cover: all of the frame, what does not fit is cut off. fill: distorted. */
  readonly fit: Fit;
  /** A film begins again at its end. */
  readonly loop: boolean;
  /**
   * time: as fast as it was recorded, frames are left out or repeated where the camera has another rate. frames: each
   * frame that is delivered is the next one.
   */
  readonly pace: Pace;
}

export const fits = ['contain', 'cover', 'fill'] as const;
export type Fit = (typeof fits)[number];
export const paces = ['time', 'frames'] as const;
export type Pace = (typeof paces)[number];

/** The words cannot be meant; the message is a sentence that names the mend. */
export class SourceSpecError extends Error {}

const PICTURE = /\.(png|jpe?g|webp|svg|gif|avif|tiff?)$/i;
const SCRIPT = /\.m?[jt]s$/i;
/** A camera of the host. */
const DEVICE = /^\/dev\/video\d+$/;
/** A camera of the session, as the commands name it. */
const NODE = /^(?:\/dev\/video|video)?(\d+)$/;
const RAW = /^([A-Za-z0-9_]+):(\d+)x(\d+)(?:@(\d+(?:\/\d+)?))?:(.+)$/s;

const sources: Readonly<Record<string, { readonly example: string; read(rest: string): SourceSpec }>> = {
  pattern: { example: 'pattern:bars', read: readPattern },
  qr: { example: 'qr:Hello', read: (text) => ({ kind: 'qr', text }) },
  still: { example: 'still:photo.png', read: (path) => ({ kind: 'still', path }) },
  film: { example: 'film:talk.mp4', read: readFilm },
  raw: { example: 'raw:yuyv422:640x480@30:/tmp/frames', read: readRaw },
  y4m: { example: 'y4m:/tmp/frames', read: (path) => pipeOf(path, ['-f', 'yuv4mpegpipe']) },
  screen: { example: 'screen::0', read: readScreen },
  camera: { example: 'camera:/dev/video0', read: readCamera },
  lavfi: {
    example: 'lavfi:testsrc2',
    read: (graph) => ({ kind: 'film', input: graph, options: ['-f', 'lavfi'], isLive: false }),
  },
};

/** Names of patterns, as they are written here. */
export const patternNames: readonly string[] = patterns.map(({ name }) => name);

/** The pattern of this name, which there is. */
export function patternNamed(name: string): Pattern {
  return patterns.find((each) => each.name === name) as Pattern;
}

/** What may be written, for help. */
export const sourceWords =
  'a file (film, picture, .ts), a URL, ' +
  Object.entries(sources)
    .map(([, { example }]) => example)
    .join(', ');

/** Understands what somebody has written. Throws SourceSpecError. */
export function parseSource(text: string): SourceSpec {
  const [, word = '', rest = ''] = /^([a-z0-9]+):(.*)$/s.exec(text) ?? [];
  const source = Object.hasOwn(sources, word) ? sources[word] : undefined;
  if (source === undefined) return readPlain(text, word);
  if (rest === '' && word !== 'screen')
    throw new SourceSpecError(`"${text}" says nothing after the colon: write it as ${source.example}`);
  return source.read(rest);
}

/** No word of ours before a colon: a file, a URL. */
function readPlain(text: string, word: string): SourceSpec {
  if (text.includes('://')) return { kind: 'film', input: text, options: [], isLive: isLiveUrl(text) };
  if (word !== '' && !text.includes('/'))
    throw new SourceSpecError(
      `there is no kind of source "${word}": choose one of ${Object.keys(sources).join(', ')}, or name a file`,
    );
  if (PICTURE.test(text)) return { kind: 'still', path: text };
  if (SCRIPT.test(text)) return { kind: 'script', path: text };
  if (!/[./]/.test(text))
    throw new SourceSpecError(
      `"${text}" is no file by its name: write ${patternNames.includes(text) ? `pattern:${text}` : `./${text}`}`,
    );
  return readFilm(text);
}

function readFilm(input: string): SourceSpec {
  if (DEVICE.test(input)) return { kind: 'film', input, options: ['-f', 'v4l2'], isLive: true, file: input };
  if (input.includes('://')) return { kind: 'film', input, options: [], isLive: isLiveUrl(input) };
  return { kind: 'film', input, options: [], isLive: false, file: input };
}

function isLiveUrl(url: string): boolean {
  return /^(rtsps?|rtmps?|rtp|udp|srt|tcp):/i.test(url);
}

function readPattern(name: string): SourceSpec {
  if (patternNames.includes(name)) return { kind: 'pattern', name };
  throw new SourceSpecError(`there is no pattern "${name}": choose one of ${patternNames.join(', ')}`);
}

/** A pipe may be written by somebody who is in no hurry, but never twice. */
function pipeOf(path: string, options: readonly string[]): SourceSpec {
  return { kind: 'film', input: path, options, isLive: false, file: path };
}

function readRaw(rest: string): SourceSpec {
  const [, format = '', width = '', height = '', rate = '30', path = ''] = RAW.exec(rest) ?? [];
  if (path === '')
    throw new SourceSpecError(
      `"raw:${rest}" does not say what the bytes are: write it as ${sources.raw?.example}, with ffmpeg's name of the format`,
    );
  const size = `${width}x${height}`;
  return pipeOf(path, [
    ...['-f', 'rawvideo', '-pixel_format', format],
    ...['-video_size', size, '-framerate', rate],
  ]);
}

/** `screen::0`, `screen::0.0+100,200`; the display of whoever started us if nothing is said. */
function readScreen(display: string): SourceSpec {
  return { kind: 'film', input: display, options: ['-f', 'x11grab', '-framerate', '30'], isLive: true };
}

function readCamera(word: string): SourceSpec {
  const [, number] = NODE.exec(word) ?? [];
  if (number !== undefined) return { kind: 'camera', node: `/dev/video${number}` };
  throw new SourceSpecError(`"${word}" is no camera of the session: write it as camera:/dev/video0`);
}

/** The file that has to be there; what is written of a source ends with it. */
export function sourceFile(source: SourceSpec): string | undefined {
  if (source.kind === 'film') return source.file;
  return source.kind === 'still' || source.kind === 'script' ? source.path : undefined;
}

/** The source in a few words, for messages. */
export function sourceName(source: SourceSpec): string {
  switch (source.kind) {
    case 'pattern':
      return `pattern:${source.name}`;
    case 'qr':
      return `qr:${source.text}`;
    case 'film':
      return source.input;
    case 'camera':
      return `camera:${source.node}`;
    default:
      return source.path;
  }
}
