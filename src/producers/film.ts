/** Films, streams and screens: decoded, scaled and converted by ffmpeg, which writes frames to a pipe. */
import { type ChildProcess, spawn } from 'node:child_process';
import { TOO_FEW_DESCRIPTORS } from '../base/too-few-descriptors.ts';
import { AF_UNIX, SOCK_CLOEXEC, SOCK_STREAM } from '../linux/constants.ts';
import { endTogether } from '../linux/end-together.ts';
import { close } from '../linux/libc.ts';
import { socketPair } from '../linux/pass-fd.ts';
import { socketOf } from '../linux/socket-of.ts';
import { type FormatInfo, type FrameSize, RgbaPacker } from '../pixel/index.ts';
import {
  type FrameOrder,
  type FrameRing,
  type FrameView,
  isPlain,
  PRODUCER_ENDED,
  type SourceSpec,
} from '../sources/index.ts';
import { ByteStream } from './byte-stream.ts';
import { ffmpegArguments, ffmpegFormat, isJpeg } from './ffmpeg-arguments.ts';
import { FrameSocket } from './frame-socket.ts';
import { loadSharp } from './image-library.ts';
import { jpegOf } from './jpeg-view.ts';
import { Trouble } from './trouble.ts';

type Film = Extract<SourceSpec, { kind: 'film' }>;

const RGBA_BYTES = 4;
/** Of what ffmpeg complains about the last is kept. */
const COMPLAINT_LENGTH = 2000;
const CONTENT_LENGTH = /^content-length:\s*(\d+)$/i;

interface Ffmpeg {
  readonly child: ChildProcess;
  /** The other end of its standard output; it is the caller's to close. */
  readonly output: number;
}

/** Starts ffmpeg, in a session of its own: what is typed at the terminal is meant for the command. Throws Trouble. */
export function startFfmpeg(args: readonly string[], input: 'ignore' | 'pipe' = 'ignore'): Ffmpeg {
  const pair = socketPair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC);
  if (pair === undefined) throw new Trouble(`cannot be shown: ${TOO_FEW_DESCRIPTORS}`);
  const [output, theirs] = pair;
  const child = spawn('ffmpeg', args, { stdio: [input, theirs, 'pipe'], detached: true });
  close(theirs);
  return { child, output };
}

/** How it ended: a sentence if that was no good end. */
export async function endOf(child: ChildProcess): Promise<string | undefined> {
  let complaint = '';
  child.stderr?.on('data', (data) => {
    complaint = (complaint + data).slice(-COMPLAINT_LENGTH);
  });
  const failure = await new Promise<string | undefined>((resolve) => {
    child.on('error', ({ message, ...error }: NodeJS.ErrnoException) =>
      resolve(
        error.code === 'ENOENT'
          ? 'needs ffmpeg, which is not installed: apt-get install ffmpeg, or what your system has'
          : `cannot be shown: ffmpeg does not start (${error.code ?? message})`,
      ),
    );
    child.on('close', (code, signal) =>
      resolve(
        code === 0
          ? undefined
          : `cannot be shown: ${lastLine(complaint) || `ffmpeg ended by ${signal ?? code}`}`,
      ),
    );
  });
  return failure;
}

/** It is over with `child`, if it is not yet; `ended` is what {@link endOf} gives. A thread that ends before would leave a zombie. */
export async function endNow(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  child.kill('SIGKILL');
  await ended;
}

/** What ffmpeg says last is what matters; who of it says so does not. */
function lastLine(complaint: string): string {
  const lines = complaint.trim().split('\n');
  return (lines.at(-1) ?? '').replace(/^\[[^\]]*\]\s*/, '').trim();
}

/** Where the next frame goes: the ring, or for a live film nowhere while nobody takes frames. */
async function nextSlot(ring: FrameRing, isLive: boolean, spare: () => Uint8Array): Promise<Uint8Array> {
  for (;;) {
    const { room } = ring;
    if (room !== undefined) return room;
    if (isLive) return spare();
    await ring.whenRoom();
  }
}

class FilmReader {
  readonly #ring: FrameRing;
  readonly #isLive: boolean;
  #spare: Uint8Array | undefined;
  #count = 0;

  constructor(ring: FrameRing, isLive: boolean) {
    this.#ring = ring;
    this.#isLive = isLive;
  }

  /** Frames of the same length, until there are no more. Gives how many there were. */
  async raw(frames: Frames): Promise<number> {
    for (;;) {
      const slot = await this.#slot();
      if ((await frames.into(slot)) < slot.length) return this.#count;
      this.#publish(slot, slot.length);
    }
  }

  /** Pictures that become frames here. */
  async pictures(frames: Frames, packer: RgbaPacker, bytes: number): Promise<number> {
    const rgba = new Uint8Array(bytes);
    for (;;) {
      if ((await frames.into(rgba)) < bytes) return this.#count;
      const slot = await this.#slot();
      packer.pack(rgba, slot);
      this.#publish(slot, slot.length);
    }
  }

  /** Frames of any length, each with a head that tells it (multipart/x-mixed-replace). */
  async parts(bytes: ByteStream, size: FrameSize): Promise<number> {
    for (;;) {
      const length = await partLength(bytes);
      if (length === undefined) return this.#count;
      const slot = await this.#slot();
      // One that does not fit into a buffer of the program is lost, as it would be at a camera.
      const fits = length <= slot.length;
      const target = fits ? slot.subarray(0, length) : new Uint8Array(length);
      if ((await bytes.into(target)) < length) return this.#count;
      const seen = await seenJpeg(target, size, this.#ring.view);
      if (seen !== target) slot.set(seen.subarray(0, slot.length));
      if (seen.length <= slot.length) this.#publish(slot, seen.length);
    }
  }

  #slot(): Promise<Uint8Array> {
    return nextSlot(this.#ring, this.#isLive, () => {
      this.#spare ??= new Uint8Array(this.#ring.shape.frameBytes);
      return this.#spare;
    });
  }

  #publish(slot: Uint8Array, length: number): void {
    this.#count++;
    if (slot !== this.#spare) this.#ring.publish(length);
  }
}

/** What sharp is needed for, see {@link loadSharp}. */
const AS_SEEN = 'as its controls have it';

/** Decoded and encoded once more, if it is not to be seen as it is. */
async function seenJpeg(jpeg: Uint8Array, size: FrameSize, view: FrameView): Promise<Uint8Array> {
  if (isPlain(view)) return jpeg;
  const sharp = await loadSharp(AS_SEEN);
  return jpegOf(sharp(jpeg), size, view);
}

/** The head of a part ends with an empty line; undefined if there are no more parts. */
async function partLength(bytes: ByteStream): Promise<number | undefined> {
  let length: number | undefined;
  for (;;) {
    const line = await bytes.line();
    if (line === undefined) return undefined;
    const [, digits] = CONTENT_LENGTH.exec(line) ?? [];
    if (digits !== undefined) length = Number(digits);
    if (line === '' && length !== undefined) return length;
  }
}

type Frames = Pick<FrameSocket, 'into'>;

/** Bun has no sockets that are told where to put what comes. */
const framesOf = (output: number): Frames =>
  process.versions.bun === undefined ? new FrameSocket(output) : new ByteStream(socketOf(output));

/** Reads all that ffmpeg writes into `ring`, and gives how many frames that were. */
async function read(
  output: number,
  order: FrameOrder,
  film: Film,
  info: FormatInfo,
  ring: FrameRing,
): Promise<number> {
  const reader = new FilmReader(ring, film.isLive);
  if (isJpeg(order.format)) {
    // Loaded while ffmpeg opens the film.
    if (!isPlain(ring.view)) await loadSharp(AS_SEEN);
    return reader.parts(new ByteStream(socketOf(output)), order);
  }
  const frames = framesOf(output);
  if (!ffmpegFormat(order.format).isOurs) return reader.raw(frames);
  return reader.pictures(frames, new RgbaPacker(info, order), order.width * order.height * RGBA_BYTES);
}

/** Fills `ring` with the film until that is over, or `signal` says so; then ffmpeg has ended. Throws Trouble. */
export async function produceFilm(
  order: FrameOrder,
  film: Film,
  info: FormatInfo,
  ring: FrameRing,
  signal: AbortSignal,
): Promise<void> {
  const { child, output } = startFfmpeg(ffmpegArguments(order, film));
  const ended = endOf(child);
  ring.setMakers({ process: child.pid ?? 0 });
  const stopped = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  const apart = child.pid === undefined ? undefined : endTogether(child.pid);
  try {
    const count = await Promise.race([read(output, order, film, info, ring), stopped]);
    if (signal.aborted) child.kill('SIGKILL');
    const failure = await ended;
    if (failure !== undefined) throw new Trouble(failure);
    if (count === 0) throw new Trouble('has no pictures');
    ring.finish(PRODUCER_ENDED);
  } finally {
    await endNow(child, ended);
    apart?.();
  }
}
