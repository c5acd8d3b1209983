/** Frames from a program of somebody's own: a module whose default export is a {@link ScriptSource}. */

/** A picture: red, green, blue and alpha of each pixel, row by row. What a browser calls ImageData is one. */
export interface Canvas {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint8ClampedArray;
}

/** What the camera shows at the moment. */
export interface ScriptFrame {
  /** The format by its name in videodev2.h, V4L2_PIX_FMT_ left out. */
  readonly format: string;
  readonly width: number;
  readonly height: number;
  /** Frames a second. */
  readonly rate: number;
  /** Which frame of the stream it is, from 0, and when it is due, in seconds. */
  readonly number: number;
  readonly time: number;
}

/** One of these is enough. They run in a thread of their own, ahead of the camera by a few frames. */
export interface ScriptSource {
  /** Paints a frame into `canvas`, which has the camera's size and still shows the frame before. */
  paint?(canvas: Canvas & { readonly data: Uint8ClampedArray }, frame: ScriptFrame): void | Promise<void>;
  /** Writes a frame as it goes to the program, in the camera's format: the bytes of each plane of memory. */
  fill?(planes: readonly Uint8Array[], frame: ScriptFrame): void | Promise<void>;
  /** Gives one picture of the camera's size after the other; the camera has ended when there are no more. */
  pictures?(first: ScriptFrame): AsyncIterable<Canvas> | Iterable<Canvas>;
}

/** Gives what a module exports its types: an object, or just the function that paints. */
export function defineSource(source: ScriptSource | NonNullable<ScriptSource['paint']>): ScriptSource {
  return typeof source === 'function' ? { paint: source } : source;
}
