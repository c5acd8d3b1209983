/** Frames of another camera, in the format and size that is wanted here. */
import { type FormatInfo, pixelFormats, RgbaUnpacker } from '../pixel/index.ts';
import { type FrameInput, type FrameOrder, FrameRing } from '../sources/index.ts';
import { isJpeg } from './ffmpeg-arguments.ts';
import { loadSharp } from './image-library.ts';
import { PictureWriter } from './picture-writer.ts';
import { Trouble } from './trouble.ts';

const RGBA_BYTES = 4;

/** Makes a picture of the size that is wanted out of a frame, whose memory is given back afterwards. */
type Decode = (frame: Uint8Array) => Uint8Array | Promise<Uint8Array>;

/** Throws Trouble. */
async function decoderOf(input: FrameInput, order: FrameOrder): Promise<Decode> {
  const { format, width, height } = input;
  const isSame = width === order.width && height === order.height;
  const resized = { fit: order.playing.fit, background: 'black' } as const;
  if (format === 'H264')
    throw new Trouble('cannot be shown in H264: have its program choose another format, such as MJPEG');
  if (isJpeg(format)) {
    const sharp = await loadSharp(`out of ${format}`);
    return (frame) =>
      sharp(Uint8Array.from(frame)).resize(order.width, order.height, resized).ensureAlpha().raw().toBuffer();
  }
  const unpacker = new RgbaUnpacker(pixelFormats.find(({ name }) => name === format) as FormatInfo, input);
  const rgba = new Uint8Array(width * height * RGBA_BYTES);
  const unpacked = (frame: Uint8Array) => {
    unpacker.unpack(frame, rgba);
    return rgba;
  };
  if (isSame) return unpacked;
  const sharp = await loadSharp('in another size');
  const raw = { width, height, channels: RGBA_BYTES } as const;
  return (frame) =>
    sharp(unpacked(frame), { raw }).resize(order.width, order.height, resized).raw().toBuffer();
}

/** Fills `ring` with the frames of `input` as long as the thread is left. Throws Trouble. */
export async function produceFromCamera(
  order: FrameOrder,
  input: FrameInput | undefined,
  info: FormatInfo,
  ring: FrameRing,
): Promise<void> {
  if (input === undefined) throw new Trouble('cannot be shown: it is no camera of this session');
  const frames = new FrameRing(input.shape, input.memory);
  const [writer, decode] = await Promise.all([PictureWriter.of(order, info, ring), decoderOf(input, order)]);
  for (let next = 0; ; ) {
    await frames.whenWritten(next);
    // By time what is older than the newest is not wanted any more.
    if (order.playing.pace === 'time') next = frames.written - 1;
    const picture = await decode(frames.slot(next).subarray(0, frames.lengthOf(next)));
    frames.giveBack(++next);
    await writer.write(picture);
  }
}
