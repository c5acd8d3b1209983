/** Pictures of red, green, blue and alpha on their way into the ring: as the format that the program has negotiated. */
import { canPackRgba, type FormatInfo, FrameZoom, formatsNamed, RgbaPacker } from '../pixel/index.ts';
import { FrameAdjuster, type FrameOrder, type FrameRing, isAdjusted, isZoomed } from '../sources/index.ts';
import { isJpeg } from './ffmpeg-arguments.ts';
import { loadSharp } from './image-library.ts';
import { JpegEncoder } from './jpeg-encoder.ts';
import { jpegOf } from './jpeg-view.ts';
import { Trouble } from './trouble.ts';

/** Writes a picture into `frame`, and gives how many bytes of it are the frame. */
type Encode = (rgba: Uint8Array, frame: Uint8Array) => number | Promise<number>;

const [RGBA] = formatsNamed('RGBA32');

const tooLarge = () => new Trouble('makes a JPEG that is larger than a buffer');

/** JPEGs as cameras make them; slow, and so for what is made once. */
function cameraJpegs(size: FrameOrder, ring: FrameRing): Encode {
  const encoder = new JpegEncoder(size);
  return (rgba, frame) => {
    const { view } = ring;
    const seen = rgba.slice();
    if (isZoomed(view)) {
      const zoom = new FrameZoom(RGBA, size);
      zoom.view = view;
      zoom.enlarge(0, rgba, seen);
    }
    if (isAdjusted(view)) {
      const adjuster = new FrameAdjuster(RGBA, size);
      adjuster.adjustment = view;
      adjuster.apply({ planeVaddr: () => seen });
    }
    const length = encoder.encode(seen, frame);
    if (length > frame.length) throw tooLarge();
    return length;
  };
}

async function encoderOf(order: FrameOrder, info: FormatInfo, ring: FrameRing): Promise<Encode> {
  const { source, format, width, height } = order;
  if (isJpeg(format) && (source.kind === 'still' || source.kind === 'qr')) return cameraJpegs(order, ring);
  if (isJpeg(format)) {
    const sharp = await loadSharp(`in ${format}`);
    const raw = { width, height, channels: 4 } as const;
    return async (rgba, frame) => {
      const jpeg = await jpegOf(sharp(rgba, { raw }), raw, ring.view);
      if (jpeg.length > frame.length) throw tooLarge();
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
