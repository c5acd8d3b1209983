/** Pictures of red, green, blue and alpha on their way into the ring: as the format that the program has negotiated. */
import { canPackRgba, type FormatInfo, RgbaPacker } from '../pixel/index.ts';
import type { FrameOrder, FrameRing } from '../sources/index.ts';
import { isJpeg } from './ffmpeg-arguments.ts';
import { loadSharp } from './image-library.ts';
import { jpegOf } from './jpeg-view.ts';
import { Trouble } from './trouble.ts';

/** Writes a picture into `frame`, and gives how many bytes of it are the frame. */
type Encode = (rgba: Uint8Array, frame: Uint8Array) => number | Promise<number>;

async function encoderOf(
  { format, width, height }: FrameOrder,
  info: FormatInfo,
  ring: FrameRing,
): Promise<Encode> {
  if (isJpeg(format)) {
    const sharp = await loadSharp(`in ${format}`);
    const raw = { width, height, channels: 4 } as const;
    return async (rgba, frame) => {
      const jpeg = await jpegOf(sharp(rgba, { raw }), raw, ring.view);
      if (jpeg.length > frame.length) throw new Trouble('makes a JPEG that is larger than a buffer');
      frame.set(jpeg);
      return jpeg.length;
    };
  }
  if (!canPackRgba(info))
    throw new Trouble(`cannot be shown in ${format}: choose another format, such as YUYV`);
  const packer = new RgbaPacker(info, { width, height });
  return (rgba, frame) => {
    packer.pack(rgba, frame);
    return frame.length;
  };
}

export class PictureWriter {
  readonly #ring: FrameRing;
  readonly #encode: Encode;

  private constructor(ring: FrameRing, encode: Encode) {
    this.#ring = ring;
    this.#encode = encode;
  }

  /** Throws Trouble if it cannot be done. */
  static async of(order: FrameOrder, info: FormatInfo, ring: FrameRing): Promise<PictureWriter> {
    return new PictureWriter(ring, await encoderOf(order, info, ring));
  }

  /** Publishes a picture of the camera's size, when there is room. */
  async write(rgba: Uint8Array): Promise<void> {
    await this.#ring.whenRoom();
    const slot = this.#ring.room as Uint8Array;
    this.#ring.publish(await this.#encode(rgba, slot));
  }
}
