/** QR codes. */
import encodeQR from 'qr';
import type { FormatInfo, FrameSize } from '../pixel/index.ts';
import { type FrameOrder, type FrameRing, PRODUCER_STILL } from '../sources/index.ts';
import { PictureWriter } from './picture-writer.ts';
import { Trouble } from './trouble.ts';

const PIXEL = 4;
/** Light modules around the code, as the standard wants them. */
const BORDER = 4;

function modulesOf(text: string): readonly (readonly boolean[])[] {
  try {
    return encodeQR(text, 'raw', { ecc: 'medium', border: BORDER });
  } catch {
    throw new Trouble('is too long for a QR code: 2331 bytes are the most');
  }
}

/** The code in the middle of a white picture, as large as whole pixels for each module allow. Throws Trouble. */
export function qrPicture(text: string, { width, height }: FrameSize): Uint8Array {
  const modules = modulesOf(text);
  const count = modules.length;
  const side = Math.floor(Math.min(width, height) / count);
  if (side === 0) throw new Trouble(`has ${count} modules a side, which do not fit into ${width}x${height}`);
  const [left, top] = [(width - side * count) >> 1, (height - side * count) >> 1];
  const rgba = new Uint8Array(width * height * PIXEL).fill(255);
  for (let y = 0; y < side * count; y++)
    for (let x = 0; x < side * count; x++)
      if (modules[Math.floor(y / side)]?.[Math.floor(x / side)])
        rgba.fill(0, ((top + y) * width + left + x) * PIXEL, ((top + y) * width + left + x) * PIXEL + 3);
  return rgba;
}

/** Fills `ring` with the one frame that the code is. Throws Trouble. */
export async function produceQr(
  order: FrameOrder,
  text: string,
  info: FormatInfo,
  ring: FrameRing,
): Promise<void> {
  const picture = qrPicture(text, order);
  const writer = await PictureWriter.of(order, info, ring);
  await writer.write(picture);
  ring.finish(PRODUCER_STILL);
}
