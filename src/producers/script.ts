/** Frames from programs of the user's own. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Jiti } from 'jiti';
import type { FormatInfo } from '../pixel/index.ts';
import {
  type Canvas,
  defineSource,
  type FrameOrder,
  type FrameRing,
  PRODUCER_ENDED,
  type ScriptFrame,
  type ScriptSource,
} from '../sources/index.ts';
import { sendConsoleToStderr } from './console.ts';
import { PictureWriter } from './picture-writer.ts';
import { Trouble } from './trouble.ts';

const PIXEL = 4;

/** The loader of the module in `file` and what it imports. */
async function loaderFor(file: string): Promise<Jiti> {
  const { createJiti } = await import('jiti');
  return createJiti(file, {
    virtualModules: { usercam: { defineSource } },
    fsCache: false,
    interopDefault: false,
  });
}

/** A program that uses the language that most of them are written in. */
const SOME_PROGRAM = 'const some: number = 1; export default { some };';

/** Loads what it takes to load modules whose names end with `ending`: ten times as long as the module itself. */
export async function prepareForScripts(ending: string): Promise<void> {
  const loader = await loaderFor(`/any${ending}`);
  // Node reads these itself.
  if (ending === '.mjs' || ending === '.cjs') return;
  loader.transform({ source: SOME_PROGRAM, filename: `/any${ending}`, ts: true, async: true });
}

/** Loads the module in `path`, in TypeScript or not. Throws Trouble. */
async function loadScript(path: string): Promise<ScriptSource> {
  const file = resolve(path);
  if (!existsSync(file)) throw new Trouble(`is not there, seen from ${process.cwd()}`);
  const loader = await loaderFor(file);
  const exported = ((await loader.import(file)) as { default?: unknown }).default;
  const source = typeof exported === 'function' ? defineSource(exported as never) : exported;
  if (
    typeof source === 'object' &&
    source !== null &&
    ['paint', 'fill', 'pictures'].some((key) => key in source)
  )
    return source as ScriptSource;
  throw new Trouble(
    'has no default export that is a source: write export default defineSource({ paint(canvas) { … } })',
  );
}

function frameOf({ format, width, height, interval }: FrameOrder, number: number): ScriptFrame {
  const rate = interval.denominator / interval.numerator;
  return { format, width, height, rate, number, time: number / rate };
}

async function paintAll(paint: NonNullable<ScriptSource['paint']>, order: FrameOrder, writer: PictureWriter) {
  const { width, height } = order;
  const canvas = { width, height, data: new Uint8ClampedArray(width * height * PIXEL) };
  for (let i = PIXEL - 1; i < canvas.data.length; i += PIXEL) canvas.data[i] = 255;
  const rgba = new Uint8Array(canvas.data.buffer);
  for (let number = 0; ; number++) {
    await paint(canvas, frameOf(order, number));
    await writer.write(rgba);
  }
}

async function fillAll(fill: NonNullable<ScriptSource['fill']>, order: FrameOrder, ring: FrameRing) {
  for (let number = 0; ; number++) {
    await ring.whenRoom();
    const slot = ring.room as Uint8Array;
    let end = 0;
    const planes = order.planeSizes.map((bytes) => {
      end += bytes;
      return slot.subarray(end - bytes, end);
    });
    await fill(planes, frameOf(order, number));
    ring.publish();
  }
}

function bytesOf({ width, height, data }: Canvas, order: FrameOrder): Uint8Array {
  if (width === order.width && height === order.height && data?.length === width * height * PIXEL)
    return new Uint8Array(data.buffer, data.byteOffset, data.length);
  throw new Trouble(
    `gives a picture of ${width}x${height} in ${data?.length} bytes, and the camera shows ${order.width}x${order.height}: ` +
      'make it as large as the frame that it is told of, 4 bytes a pixel',
  );
}

/** Fills `ring` with what the module in `path` makes, until it is stopped. Throws Trouble, or what the module throws. */
export async function produceScript(
  order: FrameOrder,
  path: string,
  info: FormatInfo,
  ring: FrameRing,
): Promise<void> {
  sendConsoleToStderr();
  const source = await loadScript(path);
  if (source.fill !== undefined) return fillAll(source.fill.bind(source), order, ring);
  const writer = await PictureWriter.of(order, info, ring);
  if (source.paint !== undefined) return paintAll(source.paint.bind(source), order, writer);
  for await (const picture of source.pictures?.(frameOf(order, 0)) ?? [])
    await writer.write(bytesOf(picture, order));
  ring.finish(PRODUCER_ENDED);
}
