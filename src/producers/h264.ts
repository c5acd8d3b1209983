/** H.264: whatever a source shows, made as frames of planes, goes through ffmpeg's encoder on its way into the ring. */

import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import { endTogether } from '../linux/end-together.ts';
import { socketOf } from '../linux/socket-of.ts';
import { FrameZoom, formatsNamed, sizeimageOf } from '../pixel/index.ts';
import {
  FrameAdjuster,
  type FrameOrder,
  FrameRing,
  isAdjusted,
  isZoomed,
  PRODUCER_ENDED,
  PRODUCER_FAILED,
  PRODUCER_MAKING,
  PRODUCER_STILL,
} from '../sources/index.ts';
import { ByteStream } from './byte-stream.ts';
import { endNow, endOf, startFfmpeg } from './film.ts';
import { Trouble, troubleOf } from './trouble.ts';

const [YUV420] = formatsNamed('YUV420');
/** What is waiting to be encoded. */
const RAW_SLOTS = 4;
/** Of x264, 0 (as it was) to 51. */
const QUALITY = '21';

/** How frames of planes are made: as any other producer makes them. */
export type MakeFrames = (order: FrameOrder, ring: FrameRing, signal: AbortSignal) => Promise<void>;

/**
 * The command line, ffmpeg itself left out: a frame in, a frame out, each made of itself or the one before, as cameras do it. FLV tells
 * where frames begin and end.
 */
function encoderArguments({ width, height, interval }: FrameOrder): string[] {
  const rate = `${interval.denominator}/${interval.numerator}`;
  const group = String(Math.max(1, Math.round(interval.denominator / interval.numerator)));
  const colors = ['-colorspace', 'smpte170m', '-color_trc', 'smpte170m', '-color_primaries', 'smpte170m'];
  return [
    ...['-hide_banner', '-nostdin', '-loglevel', 'error', '-probesize', '32'],
    ...['-f', 'rawvideo', '-pixel_format', 'yuv420p', '-video_size', `${width}x${height}`],
    ...['-framerate', rate, '-i', 'pipe:0', '-c:v', 'libx264', '-preset', 'ultrafast'],
    ...['-tune', 'zerolatency', '-profile:v', 'baseline', '-threads', '2', '-crf', QUALITY],
    ...['-g', group, '-keyint_min', group, '-sc_threshold', '0', '-bf', '0', ...colors, '-color_range', 'tv'],
    ...['-flush_packets', '1', '-flvflags', 'no_duration_filesize', '-f', 'flv', 'pipe:1'],
  ];
}

/** Frames as the controls of the camera have them, written one after the other. */
class RawFrames {
  readonly #ring: FrameRing;
  /** Who is asked how they are to be seen. */
  readonly #seen: FrameRing;
  readonly #frame: Uint8Array;
  readonly #zoom: FrameZoom;
  readonly #adjuster: FrameAdjuster;

  constructor(ring: FrameRing, seen: FrameRing, order: FrameOrder) {
    this.#ring = ring;
    this.#seen = seen;
    this.#frame = new Uint8Array(ring.shape.frameBytes);
    this.#zoom = new FrameZoom(YUV420, order);
    this.#adjuster = new FrameAdjuster(YUV420, order);
  }

  /** All of them, as fast as their ring has room; what stands for good again and again. Throws Trouble if there should be more. */
  async writeTo(encoder: Writable): Promise<void> {
    const ring = this.#ring;
    for (let next = 0; ; ) {
      await this.#seen.whenRoom();
      if (next < ring.written) next++;
      else if (ring.state === PRODUCER_MAKING) {
        await ring.whenWritten(next);
        continue;
      } else if (ring.state !== PRODUCER_STILL) break;
      this.#look(ring.slot(next - 1));
      ring.giveBack(next);
      if (!encoder.write(Uint8Array.from(this.#frame))) await once(encoder, 'drain');
    }
    if (ring.state === PRODUCER_FAILED) throw new Trouble(ring.note);
    encoder.end();
  }

  #look(frame: Uint8Array): void {
    const view = this.#seen.view;
    if (isZoomed(view)) {
      this.#zoom.view = view;
      this.#zoom.enlarge(0, frame, this.#frame);
    } else this.#frame.set(frame);
    if (!isAdjusted(view)) return;
    this.#adjuster.adjustment = view;
    this.#adjuster.apply({ planeVaddr: () => this.#frame });
  }
}

const FLV_HEAD = 9;
const TAG_HEAD = 11;
const LENGTH = 4;
const VIDEO_HEAD = 5;
const VIDEO_TAG = 9;
const KEYFRAME = 1;
const PARAMETERS = 0;
const UNITS = 1;
const START_CODE = [0, 0, 0, 1];

/** Sequence and picture parameters behind start codes, out of what FLV has of them (AVCDecoderConfigurationRecord). */
function parametersOf(record: Uint8Array): Uint8Array {
  const bytes: number[] = [];
  let at = 5;
  for (const mask of [0x1f, 0xff]) {
    for (let count = (record[at++] as number) & mask; count > 0; count--) {
      const length = ((record[at] as number) << 8) | (record[at + 1] as number);
      bytes.push(...START_CODE, ...record.subarray(at + 2, at + 2 + length));
      at += 2 + length;
    }
  }
  return Uint8Array.from(bytes);
}

/** Units that begin with their length: with a start code, which is as long. */
function putStartCodes(units: Uint8Array): void {
  const view = new DataView(units.buffer, units.byteOffset, units.length);
  for (let at = 0; at + LENGTH <= units.length; ) {
    const length = view.getUint32(at);
    units.set(START_CODE, at);
    at += LENGTH + length;
  }
}

/** Puts what the encoder writes into `ring`, each frame that needs no others with the parameters before it. */
async function readUnits(stream: Readable, ring: FrameRing): Promise<number> {
  const bytes = new ByteStream(stream);
  const head = new Uint8Array(Math.max(FLV_HEAD + LENGTH, TAG_HEAD));
  const read = async (length: number) => (await bytes.into(head.subarray(0, length))) === length;
  let parameters = new Uint8Array(0);
  let count = 0;
  if (!(await read(FLV_HEAD + LENGTH))) return count;
  while (await read(TAG_HEAD)) {
    const [type, high = 0, middle = 0, low = 0] = head;
    const tag = new Uint8Array((high << 16) | (middle << 8) | low);
    if ((await bytes.into(tag)) < tag.length || !(await read(LENGTH))) break;
    const content = tag.subarray(VIDEO_HEAD);
    if (type !== VIDEO_TAG) continue;
    if (tag[1] === PARAMETERS) parameters = parametersOf(content) as Uint8Array<ArrayBuffer>;
    if (tag[1] !== UNITS) continue;
    putStartCodes(content);
    const isKeyframe = (tag[0] as number) >> 4 === KEYFRAME;
    await publish(ring, isKeyframe ? [parameters, content] : [content]);
    count++;
  }
  return count;
}

/** A frame for which a program's buffer has no room is left out. */
async function publish(ring: FrameRing, parts: readonly Uint8Array[]): Promise<void> {
  await ring.whenRoom();
  const slot = ring.room as Uint8Array;
  let at = 0;
  for (const part of parts) {
    if (at + part.length > slot.length) return;
    slot.set(part, at);
    at += part.length;
  }
  ring.publish(at);
}

/** Fills `ring` with what `make` makes, until that is over or `signal` says so; then the encoder has ended. Throws Trouble. */
export async function produceH264(
  order: FrameOrder,
  ring: FrameRing,
  signal: AbortSignal,
  make: MakeFrames,
): Promise<void> {
  const frameBytes = sizeimageOf(YUV420, order);
  const raw = FrameRing.shared({ slots: RAW_SLOTS, frameBytes });
  const { view, ...rest } = order;
  const stop = new AbortController();
  signal.addEventListener('abort', () => stop.abort());
  const plain = { ...rest, format: YUV420.name, planeSizes: [frameBytes] };
  const { child, output } = startFfmpeg(encoderArguments(order), 'pipe');
  const made = make(plain, raw, stop.signal).catch((thrown: unknown) =>
    raw.finish(PRODUCER_FAILED, troubleOf(thrown)),
  );
  const ended = endOf(child);
  const apart = child.pid === undefined ? undefined : endTogether(child.pid);
  const stopped = new Promise<void>((resolve) => stop.signal.addEventListener('abort', () => resolve()));
  const encoder = child.stdin as Writable;
  // What it says at its end is what matters.
  encoder.on('error', () => {});
  try {
    const fed = new RawFrames(raw, ring, order).writeTo(encoder);
    await Promise.race([Promise.all([fed, readUnits(socketOf(output), ring), ended.then(failed)]), stopped]);
    ring.finish(PRODUCER_ENDED);
  } finally {
    stop.abort();
    await endNow(child, ended);
    // It has a process of its own. Others may be left where they are.
    if (order.source.kind === 'film') await made;
    apart?.();
  }
}

/** An ffmpeg without the encoder says so in words of its own. */
function failed(failure: string | undefined): void {
  if (failure === undefined) return;
  if (/libx264/.test(failure))
    throw new Trouble(
      'needs an ffmpeg with libx264 to be shown in H264: install another ffmpeg, or choose MJPEG',
    );
  throw new Trouble(failure);
}
